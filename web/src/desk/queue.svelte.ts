import type { DeskSession, QueueItem, QueueView, Step } from '../lib/state/types.ts';

/** The queue of one signed-in member, read again with every tick. */
export class Queue {
  view: QueueView | null = $state.raw(null);
  problem: unknown = $state.raw(null);
  progress: Step | null = $state.raw(null);
  /** How often something new came while the page was open. */
  news = $state(0);
  readonly #session: DeskSession;
  #loading: Promise<void> | null = null;

  constructor(session: DeskSession) {
    this.#session = session;
  }

  /** Reads now and with every tick; returns the way to stop. */
  follow(): () => void {
    void this.load();
    return this.#session.onTick(() => void this.load());
  }

  /** Reads once; while one reading runs, a second call waits for it. */
  load(): Promise<void> {
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  item(id: string): QueueItem | null {
    return this.view?.items.find((item) => item.id === id) ?? null;
  }

  async #read(): Promise<void> {
    try {
      const before = this.view;
      this.view = await this.#session.loadQueue({ onProgress: (progress) => (this.progress = progress) });
      this.problem = null;
      if (before !== null && countUnread(this.view) > countUnread(before)) this.news += 1;
    } catch (error) {
      this.problem = error;
    }
  }
}

function countUnread(view: QueueView): number {
  return view.items.reduce((sum, item) => sum + item.unread, 0);
}
