import type { Exclusion, NamedPerson, OrganisationView } from '../lib/state/types.ts';

/** What she has written so far: in memory of this page only, gone when it closes. */
export class DraftState {
  #channel = $state('');
  text = $state('');
  people = $state<NamedPerson[]>([]);
  exclusions = $state<Exclusion[]>([]);
  files = $state<File[]>([]);

  clear(): void {
    this.#channel = '';
    this.text = '';
    this.people = [];
    this.exclusions = [];
    this.files = [];
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.files.length === 0;
  }

  /** The channel she chose, else the organisation's first. */
  channelOf({ channels }: OrganisationView): string {
    return (channels.find((it) => it.id === this.#channel) ?? channels[0])?.id ?? '';
  }

  choose(channel: string): void {
    this.#channel = channel;
  }
}

/** An answer in the conversation that is not sent yet. */
export class ReplyState {
  text = $state('');
  files = $state<File[]>([]);
  adding = $state(false);

  clear(): void {
    this.text = '';
    this.files = [];
    this.adding = false;
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.files.length === 0;
  }
}
