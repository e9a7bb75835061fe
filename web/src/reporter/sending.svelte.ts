import type { OrganisationView, Reporter, SendProgress, SentReport } from '../lib/state/types.ts';
import { language } from '../lib/ui/language.svelte.ts';
import type { DraftState } from './draft.svelte.ts';

type Waiting = Extract<SendProgress, { step: 'waiting' }>;

/** One report on its way. It goes on while she reads another page, and stops when she goes back to change it. */
export class SendingState {
  progress = $state.raw<SendProgress>({ step: 'sealing' });
  /** Set from the first refusal on, so that the words stay in sight while it is tried again. */
  waiting = $state.raw<Waiting | null>(null);
  failed = $state.raw<unknown>(null);
  #stop: AbortController | null = null;

  get running(): boolean {
    return this.#stop !== null;
  }

  stop(): void {
    this.#stop?.abort();
  }

  /** Resolves to null when it was stopped or failed; a report that arrived all the same is never lost. */
  async start(reporter: Reporter, organisation: OrganisationView, draft: DraftState): Promise<SentReport | null> {
    if (this.running) return null;
    const stop = new AbortController();
    this.#stop = stop;
    this.failed = null;
    this.progress = { step: 'sealing' };
    try {
      return await reporter.createReport(
        {
          channel: draft.channelOf(organisation),
          text: draft.text,
          lang: language(),
          people: $state.snapshot(draft.people),
          exclusions: $state.snapshot(draft.exclusions),
          files: [...draft.files],
          told: draft.told,
        },
        {
          onProgress: (now) => {
            this.progress = now;
            if (now.step === 'waiting') this.waiting = now;
          },
          signal: stop.signal,
          words: language() === 'zh' ? 'chinese_simplified' : 'english',
        },
      );
    } catch (error) {
      if (!stop.signal.aborted) this.failed = error;
      return null;
    } finally {
      this.#stop = null;
      this.progress = { step: 'sealing' };
      this.waiting = null; // it held the words
    }
  }
}
