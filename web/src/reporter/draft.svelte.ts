import type { Exclusion, NamedPerson } from '../lib/state/types.ts';

/** What she has written so far: in memory of this page only, gone when it closes. */
export class DraftState {
  text = $state('');
  people = $state<NamedPerson[]>([]);
  exclusions = $state<Exclusion[]>([]);
  files = $state<File[]>([]);

  clear(): void {
    this.text = '';
    this.people = [];
    this.exclusions = [];
    this.files = [];
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.files.length === 0;
  }
}
