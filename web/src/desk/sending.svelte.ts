import type { SendOptions, SendProgress } from '../lib/state/types.ts';

/** One thing being done for the member: where it is, how to stop it, what went wrong. */
export class Sending {
  progress: SendProgress | null = $state.raw(null);
  problem: unknown = $state.raw(null);
  busy: boolean = $state(false);
  #control: AbortController | null = null;

  /** Runs `act` and returns its value, or null when it failed, was stopped, or another one is still running. */
  async run<T>(act: (options: Required<SendOptions>) => Promise<T>): Promise<T | null> {
    if (this.busy) return null;
    const control = new AbortController();
    this.#control = control;
    this.busy = true;
    this.problem = null;
    try {
      return await act({ signal: control.signal, onProgress: (progress) => (this.progress = progress) });
    } catch (error) {
      this.problem = error;
      return null;
    } finally {
      this.busy = false;
      this.progress = null;
    }
  }

  stop(): void {
    this.#control?.abort();
  }
}
