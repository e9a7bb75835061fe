const WINDOW_MS = 5000;
const ELSEWHERE = 'about:blank';

/** Hides the page at once, forgets everything in it and replaces this page in the history. Does not clear the history itself. */
export function leave(): void {
  document.documentElement.hidden = true;
  document.title = ' ';
  location.replace(ELSEWHERE);
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
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
