/** What a member has typed in one case and not sent. In memory only; gone when the desk locks. */
export class CaseDraft {
  /** Null while the letter that stands ready was not touched. */
  acknowledgement: string | null = $state(null);
  reply = $state('');
  note = $state('');
  action = $state('');
  grounds = $state('');
  replyFiles: readonly File[] = $state.raw([]);
  noteFiles: readonly File[] = $state.raw([]);

  /** Forgets all of it: the case is gone. */
  clear(): void {
    this.acknowledgement = null;
    [this.reply, this.note, this.action, this.grounds] = ['', '', '', ''];
    [this.replyFiles, this.noteFiles] = [[], []];
  }

  get empty(): boolean {
    const texts = [this.acknowledgement ?? '', this.reply, this.note, this.action, this.grounds];
    return texts.every((text) => text.trim() === '') && this.replyFiles.length + this.noteFiles.length === 0;
  }
}
