import { tick } from 'svelte';

/**
 * One page after another under one address: the browser's back button works, the history shows a single line that says
 * nothing, and the heading of the new page gets the focus.
 */
export class Steps<Name extends string> {
  #now: Name = $state() as Name;
  #trail: Name[] = [];

  constructor(first: Name) {
    this.#now = first;
    this.#trail = [first];
    history.replaceState(0, '');
  }

  get now(): Name {
    return this.#now;
  }

  /** Listens to the back button; returns the way to stop. */
  listen(): () => void {
    const onPop = (event: PopStateEvent): void => {
      const at = typeof event.state === 'number' ? event.state : 0;
      const name = this.#trail[at];
      if (name === undefined) return;
      this.#show(name);
    };
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }

  go(name: Name): void {
    const at = (typeof history.state === 'number' ? history.state : 0) + 1;
    this.#trail = [...this.#trail.slice(0, at), name];
    history.pushState(at, '');
    this.#show(name);
  }

  /** Goes to `name` so that the pages before it cannot be reached again, e.g. after sending. */
  settle(name: Name): void {
    this.#trail = this.#trail.map(() => name);
    this.#show(name);
  }

  back(): void {
    history.back();
  }

  #show(name: Name): void {
    this.#now = name;
    void tick().then(() => {
      window.scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
    });
  }
}
