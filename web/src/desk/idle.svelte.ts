/** Without a key or a click for this long, the desk locks. */
export const IDLE_MINUTES = 15;
/** The warning stands this long before it. */
export const WARNING_MINUTES = 2;

const MINUTE_MS = 60_000;
const CHECK_MS = 5_000;

/** Says when nobody has used the page for a while, first as a warning. */
export class Idle {
  warning = $state(false);
  #last = 0;

  /** Listens for keys and clicks; `onIdle` is called once. Returns the way to stop. */
  watch(onIdle: () => void): () => void {
    this.#last = Date.now();
    this.warning = false;
    const use = (): void => {
      this.#last = Date.now();
      this.warning = false;
    };
    const timer = setInterval(() => {
      const idleMs = Date.now() - this.#last;
      this.warning = idleMs >= (IDLE_MINUTES - WARNING_MINUTES) * MINUTE_MS;
      if (idleMs >= IDLE_MINUTES * MINUTE_MS) onIdle();
    }, CHECK_MS);
    window.addEventListener('keydown', use);
    window.addEventListener('pointerdown', use);
    return () => {
      clearInterval(timer);
      window.removeEventListener('keydown', use);
      window.removeEventListener('pointerdown', use);
    };
  }
}
