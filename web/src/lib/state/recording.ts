/** What a member records about a case besides words: more time, steps, a result, holds, risk, and who was told before. */
import { DAY_S } from '../protocol/calendars.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { NOTHING_SAID, PLAIN_ENTRY, isBlank } from '../protocol/content.ts';
import { RefusedError } from '../protocol/errors.ts';
import { computeLimit } from '../protocol/packs.ts';
import { DUTIES } from '../protocol/room.ts';
import { type Hands, addEntry, openInternal } from './acting.ts';
import { type Case, listRooms } from './cases.ts';
import type { CaseState } from './docket.ts';
import { nameHold } from './holds.ts';
import type { CaseRecord, SendOptions } from './types.ts';

const REVIEW_S = 30 * DAY_S;
const EARLIEST_ZONE_S = 14 * 3600;

/**
 * Writes what `record` says. Throws RefusedError "extend-law" where the law gives no more time, "extend-again" after the first time,
 * "extend-late" once the date is past or the duty done, "extend-date" for a date that is not later or too late, "extend-reason"
 * without a reason; "hold-review" for a hold that nobody would look at within 30 days, "hold-reason" for one without a reason,
 * "hold-hidden" for an authority's that the reporter would not see; "told-ahead" for a day that has not come; "step-blank",
 * "decide-blank" without a word, "risk-reason" for a risk without one; "not-found" for a hold that is over.
 */
export async function recordDeed(
  hands: Hands,
  found: Case,
  state: CaseState,
  record: CaseRecord,
  options: SendOptions,
): Promise<void> {
  const { room } = found;
  switch (record.is) {
    case 'extend':
      return extendDuty(hands, found, state, record, options);
    case 'step':
      if (isBlank(record.text)) throw new RefusedError('step-blank');
      return addEntry(hands, room, { ...PLAIN_ENTRY, step: record.step, text: record.text }, options);
    case 'decide':
      if (isBlank(record.text)) throw new RefusedError('decide-blank');
      return addEntry(hands, room, { ...NOTHING_SAID, kind: 'decide', text: record.text }, options);
    case 'told': {
      const { on, to, name } = record;
      // The day has begun somewhere on Earth; else it would stand there for ever, by a slip of the pen.
      const latest = new Date((hands.connection.now() + EARLIEST_ZONE_S) * 1000).toISOString().slice(0, 10);
      if (on !== null && on > latest) throw new RefusedError('told-ahead');
      return addEntry(hands, room, { ...PLAIN_ENTRY, disclosure: { on, to, name } }, options);
    }
    case 'hold': {
      const { type, until, reason, internal } = record;
      const now = hands.connection.now();
      if (internal && type === 'external') throw new RefusedError('hold-hidden');
      if (type !== 'legal' && !(until !== null && until > now && until <= now + REVIEW_S)) {
        throw new RefusedError('hold-review');
      }
      if (isBlank(reason)) throw new RefusedError('hold-reason');
      const where = internal ? await openInternal(hands, found, options) : room;
      return addEntry(hands, where, { ...PLAIN_ENTRY, hold: { type, until, reason } }, options);
    }
    case 'risk': {
      const { level: risk, reason: text } = record;
      if (isBlank(text)) throw new RefusedError('risk-reason');
      const where = await openInternal(hands, found, options);
      return addEntry(hands, where, { ...PLAIN_ENTRY, risk, text }, options);
    }
    case 'lift': {
      const hold = state.holds.find((one) => nameHold(one) === record.key && !one.lifted);
      const where = hold && listRooms(found).find(({ id }) => equalBytes(id, hold.room));
      if (hold === undefined || where === undefined) throw new RefusedError('not-found');
      return addEntry(hands, where, { ...PLAIN_ENTRY, lifts: hold.hash }, options);
    }
  }
}

async function extendDuty(
  hands: Hands,
  { room }: Case,
  { obligations }: CaseState,
  { kind, until, reason }: Extract<CaseRecord, { is: 'extend' }>,
  options: SendOptions,
): Promise<void> {
  const pack = hands.connection.view.pack(room.manifest.pack);
  const rule = pack.duties.find((duty) => duty.kind === kind);
  const duty = obligations.find((one) => one.kind === kind);
  const promised = DUTIES.find((one) => one === kind);
  if (promised === undefined || rule === undefined || rule.extend === null || duty === undefined) {
    throw new RefusedError('extend-law');
  }
  if (duty.extension !== null) throw new RefusedError('extend-again');
  if (duty.state !== 'open') throw new RefusedError('extend-late');
  if (!(until > duty.at && until <= computeLimit(pack, rule, duty.start, rule.extend))) {
    throw new RefusedError('extend-date');
  }
  if (isBlank(reason)) throw new RefusedError('extend-reason');
  const content = { ...NOTHING_SAID, kind: 'extend', text: reason } as const;
  await addEntry(hands, room, content, options, { kind: promised, at: until });
}
