import { today } from '../lib/ui/dates.ts';
import type { Disclosure } from '../lib/protocol/records.ts';
import type { ToldTo } from '../lib/ui/deeds.ts';
import type { Exclusion, NamedPerson, OrganisationView } from '../lib/state/types.ts';

const NOBODY = { to: '', on: '', name: '' } as const;

/** What she has written so far: in memory of this page only, gone when it closes. */
export class DraftState {
  #channel = $state('');
  text = $state('');
  people = $state<NamedPerson[]>([]);
  exclusions = $state<Exclusion[]>([]);
  files = $state<File[]>([]);
  /** Somebody she told before: whom, nobody when empty; the day, when she knows it; who or where, in her words. */
  earlier = $state<{ to: ToldTo | ''; on: string; name: string }>({ ...NOBODY });

  clear(): void {
    this.#channel = '';
    this.earlier = { ...NOBODY };
    this.text = '';
    this.people = [];
    this.exclusions = [];
    this.files = [];
  }

  get empty(): boolean {
    return this.text.trim() === '' && this.files.length === 0;
  }

  /** What she says of it; a name alone was told to somebody else. */
  get told(): Disclosure | null {
    const { to, on, name } = this.earlier;
    return to === '' && name.trim() === '' ? null : { to: to || 'other', on: on || null, name: name.trim() };
  }

  /** Whether the day she named has not come yet: a slip of the pen, which would stand there for ever. */
  get ahead(): boolean {
    return this.told !== null && this.earlier.on > today();
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
