import { tick } from 'svelte';

/**
 * One page after another under one address: the browser's back button works, the history shows a single line that says
 * nothing, and the heading of the new page gets the focus.
 */
export class Steps<Name extends string> {
  #now: Name = $state() as Name;
  #trail: Name[] = [];
  #at = 0;
  #shown = 0;

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
      const at: unknown = event.state;
      const name = typeof at === 'number' ? this.#trail[at] : undefined;
      if (typeof at !== 'number' || name === undefined) return;
      this.#at = at;
      this.#show(name);
    };
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }

  /** Goes on to `name`; the part with the id `part` gets the focus instead of the heading. */
  go(name: Name, part?: string): void {
    this.#at += 1;
    this.#trail = [...this.#trail.slice(0, this.#at), name];
    history.pushState(this.#at, '');
    this.#show(name, part);
  }

  /**
   * Goes to `name` so that the pages before it cannot be reached again, e.g. after sending. Somebody on a page of `keep` stays
   * there and finds `name` when she goes back.
   */
  settle(name: Name, ...keep: readonly Name[]): void {
    this.#trail = this.#trail.map((page) => (keep.includes(page) ? page : name));
    if (!keep.includes(this.#now)) this.#show(name);
  }

  /** Makes the back and forward buttons show `instead` where they showed `name`: a page that acts when it is shown. */
  forget(name: Name, instead: Name): void {
    this.#trail = this.#trail.map((page) => (page === name ? instead : page));
  }

  /** Shows the page anew after something on it went away that had the focus. */
  again(): void {
    this.#show(this.#now);
  }

  back(): void {
    history.back();
  }

  #show(name: Name, part?: string): void {
    this.#now = name;
    this.#shown += 1;
    const shown = this.#shown;
    void tick().then(() => {
      window.scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
      this.#arrive(shown, part);
    });
  }

  /** Waits for the heading of a page that is still being fetched, unless she has moved the focus herself. */
  #arrive(shown: number, part?: string): void {
    const main = document.getElementById('main');
    if (shown !== this.#shown || main === null || document.activeElement !== main) return;
    const found = part === undefined ? main.querySelector('h1') : document.getElementById(part);
    if (found === null) {
      requestAnimationFrame(() => this.#arrive(shown, part));
      return;
    }
    found.tabIndex = -1;
    found.focus({ preventScroll: part === undefined });
    if (part !== undefined) found.scrollIntoView();
  }
}
