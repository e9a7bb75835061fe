import type { DeskSession, QueueItem, QueueView, Step } from '../lib/state/types.ts';

/** The queue of one signed-in member, read again with every tick unless the member stopped it. */
export class Queue {
  view: QueueView | null = $state.raw(null);
  problem: unknown = $state.raw(null);
  progress: Step | null = $state.raw(null);
  /** Whether the member stopped the reading of the log; what was read is kept. */
  stopped = $state(false);
  /** How often something new came while the page was open. */
  news = $state(0);
  readonly #session: DeskSession;
  #loading: Promise<void> | null = null;
  #control = new AbortController();

  constructor(session: DeskSession) {
    this.#session = session;
  }

  /** Reads now and with every tick; returns the way to stop. */
  follow(): () => void {
    void this.load();
    return this.#session.onTick(() => {
      if (!this.stopped) void this.load();
    });
  }

  /** Reads once, on from where it was stopped; while one reading runs, a second call waits for it. */
  load(): Promise<void> {
    this.stopped = false;
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  stop(): void {
    this.stopped = true;
    this.#control.abort();
  }

  item(id: string): QueueItem | null {
    return this.view?.items.find((item) => item.id === id) ?? null;
  }

  async #read(): Promise<void> {
    this.#control = new AbortController();
    const before = this.view?.dated === true ? this.view : null;
    try {
      this.view = await this.#session.loadQueue({
        onProgress: (progress) => (this.progress = progress),
        onEarly: (view) => (this.view = before ?? view),
        signal: this.#control.signal,
      });
      this.problem = null;
      if (before !== null && countUnread(this.view) > countUnread(before)) this.news += 1;
    } catch (error) {
      this.problem = this.stopped ? null : error;
    }
  }
}

function countUnread(view: QueueView): number {
  return view.items.reduce((sum, item) => sum + item.unread, 0);
}
