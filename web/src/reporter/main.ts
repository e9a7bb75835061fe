import '../lib/ui/tokens.css';
import '../lib/ui/base.css';
import * as tables from 'virtual:plaint-messages/reporter';
import { mountPage } from '../lib/ui/page.ts';
import Reporter from './Reporter.svelte';

mountPage(Reporter, tables);
