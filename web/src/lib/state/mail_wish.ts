/** Where a member wants the fixed reminders: told to the server, which keeps the address to itself and never says it again. */
import { MalformedError } from '../protocol/errors.ts';
import { Fields } from '../protocol/fields.ts';
import type { Json } from '../protocol/json.ts';
import type { Hands } from './acting.ts';
import type { MailWish } from './types.ts';

const HOURS_A_DAY = 24;
const CODE = 'mail-form';

/** Throws MalformedError "mail-form" for no text, "mail-address"; UnavailableError "mail-off". */
export async function setMailAddress({ connection: { api }, session }: Hands, address: string | null): Promise<void> {
  const headers = { 'plaint-session': await session() };
  if (address === null) await api.send('DELETE', 'mail', new Uint8Array(0), { headers });
  else await api.sendJson('PUT', 'mail', { address }, { headers });
}

/** Throws MalformedError "mail-form". */
export async function fetchMailWish({ connection, session }: Hands): Promise<MailWish> {
  const headers = { 'plaint-session': await session() };
  const fields = new Fields(await connection.api.getJson('mail', { headers }), CODE);
  const kept = fields.take('address');
  if (typeof kept !== 'boolean') throw fields.refuse('address');
  const hours = fields.takeList('hours', readHour, HOURS_A_DAY);
  fields.finish();
  return { kept, hours };
}

function readHour(value: Json): number {
  if (typeof value !== 'number' || value < 0 || value >= HOURS_A_DAY) throw new MalformedError(CODE);
  return value;
}
