const STEP_MS = 15_000;

let current = $state(Date.now() / 1000);

/** The time of this device in seconds; what reads it in a component follows, four times a minute. */
export function now(): number {
  return current;
}

/** Starts following the clock; returns the way to stop. */
export function followClock(): () => void {
  const timer = setInterval(() => (current = Date.now() / 1000), STEP_MS);
  return () => clearInterval(timer);
}
