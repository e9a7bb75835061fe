import { mount, type Component } from 'svelte';
import { startLanguage, type Tables } from './language.svelte.ts';

const BROKEN = 'This page did not load completely. Nothing was sent. Please load it again.';

/** Shows `page` as the whole document, in the language of the browser. */
export function mountPage(page: Component, tables: Tables): void {
  startLanguage(tables).then(
    () => mount(page, { target: document.body }),
    () => document.body.append(BROKEN),
  );
}
