import { CaseDraft } from './case-draft.svelte.ts';

/** The drafts of every case, so that a look at the queue loses no sentence. */
export class Drafts {
  readonly #byCase = new Map<string, CaseDraft>();

  of(id: string): CaseDraft {
    let draft = this.#byCase.get(id);
    if (draft === undefined) {
      draft = new CaseDraft();
      this.#byCase.set(id, draft);
    }
    return draft;
  }

  has(id: string): boolean {
    return this.#byCase.get(id)?.empty === false;
  }

  get empty(): boolean {
    return [...this.#byCase.values()].every((draft) => draft.empty);
  }
}
