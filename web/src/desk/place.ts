import { m } from '../lib/paraglide/messages.js';

/** A page of the desk that stands in its navigation. */
export type Place = 'queue' | 'overdue' | 'keep';
export const PLACES: readonly Place[] = ['queue', 'overdue', 'keep'];

export function placeName(place: Place): string {
  return { queue: m.desk_queue, overdue: m.desk_overdue, keep: m.desk_keep_title }[place]();
}
