import '../lib/ui/tokens.css';
import '../lib/ui/base.css';
import '../lib/ui/dense.css';
import './desk.css';
import * as tables from 'virtual:plaint-messages/desk';
import { mountPage } from '../lib/ui/page.ts';
import Desk from './Desk.svelte';

mountPage(Desk, tables);
