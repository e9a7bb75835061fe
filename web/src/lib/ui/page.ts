import { mount, type Component } from 'svelte';
import { startLanguage } from './language.svelte.ts';

/** Shows `page` as the whole document, in the language of the browser. */
export function mountPage(page: Component): void {
  startLanguage();
  mount(page, { target: document.body });
}
