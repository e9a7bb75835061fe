import { tick } from 'svelte';

/** Moves the focus to an element that is shown by what just changed; nobody loses her place when a button goes away. */
export function focusSoon(id: string): void {
  void tick().then(() => document.getElementById(id)?.focus());
}
