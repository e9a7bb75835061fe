declare module 'virtual:plaint-messages/*' {
  import type { Tables } from './language.svelte.ts';
  export const load: Tables['load'];
  export const follow: Tables['follow'];
}
