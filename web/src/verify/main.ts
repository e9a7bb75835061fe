import '../lib/ui/tokens.css';
import '../lib/ui/base.css';
import * as tables from 'virtual:plaint-messages/verify';
import { mountPage } from '../lib/ui/page.ts';
import Verify from './Verify.svelte';

mountPage(Verify, tables);
