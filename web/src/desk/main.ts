import '../lib/ui/tokens.css';
import '../lib/ui/base.css';
import './desk.css';
import { mountPage } from '../lib/ui/page.ts';
import Desk from './Desk.svelte';

mountPage(Desk);
