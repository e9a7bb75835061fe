const WINDOW_MS = 5000;
const HISTORY_MS = 150;
const ELSEWHERE = 'about:blank';
let leaving = false;

/** True once she has left: nothing may ask her to stay. */
export function isLeaving(): boolean {
  return leaving;
}

/**
 * Hides and forgets the page at once, goes back to its first line in the history and puts an empty page there, so that the
 * back button does not show it again. Does not clear the history itself.
 */
export function leave(): void {
  leaving = true;
  document.documentElement.hidden = true;
  document.title = ' ';
  document.body.replaceChildren();
  const replace = (): void => location.replace(ELSEWHERE);
  const pages: unknown = history.state;
  if (typeof pages !== 'number' || pages === 0) {
    replace();
    return;
  }
  window.addEventListener('popstate', replace, { once: true });
  setTimeout(replace, HISTORY_MS);
  history.go(-pages);
}

/** Leaves when Shift is pressed three times within five seconds with no other key between; returns the way to stop listening. */
export function listenForLeave(): () => void {
  let presses: number[] = [];
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Shift') presses = [];
    else if (!event.repeat) {
      const now = performance.now();
      presses = [...presses.filter((at) => now - at < WINDOW_MS), now];
      if (presses.length === 3) leave();
    }
  };
  // A page that the browser kept in memory starts anew: what was open on it is gone.
  const onShow = (event: PageTransitionEvent): void => {
    if (event.persisted) location.reload();
  };
  window.addEventListener('keydown', onKey);
  window.addEventListener('pageshow', onShow);
  return () => {
    window.removeEventListener('keydown', onKey);
    window.removeEventListener('pageshow', onShow);
  };
}
