import type { OrganisationView } from '../lib/state/types.ts';

/** Where to come back to, as one types it: this very page, or the organisation's when this page is a file on a disk. */
export function showAddress({ place }: OrganisationView): string {
  return place.single ? place.address.replace(/^https?:\/\//, '') : location.host + location.pathname;
}
