/** Until when the holidays of a site are known, for those who can sign a newer version, and for independents. */
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { DAY_S, computeEnd } from '../protocol/calendars.ts';
import type { DirectoryState } from '../protocol/directory_state.ts';
import type { EndingView } from './types.ts';

/** How long before its end an organisation is told that a calendar needs new years. */
const WARN_S = 400 * DAY_S;

/** The deadlines of channels whose calendar ends soon; nothing for those who can do nothing about it. */
export function listEnding({ members, channels, packs }: DirectoryState, now: number, me: Bytes): EndingView[] {
  const roles = members.get(encodeHex(me))?.member.roles ?? [];
  if (!roles.includes('administrator') && !roles.includes('independent')) return [];
  const used = new Set([...channels.values()].map(({ pack }) => encodeHex(pack)));
  return [...used].flatMap((digest) => {
    const pack = packs.get(digest);
    if (!pack?.calendar || computeEnd(pack.calendar) - now >= WARN_S) return [];
    const { site, last } = pack.calendar;
    return [{ title: pack.title, version: pack.version, site, last: `${last}-12-31` }];
  });
}
