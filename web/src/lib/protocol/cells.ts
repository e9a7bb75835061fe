/** Stream cells: a real slot or one made for nobody, alike without a key (spec/slots.md, "Stream"). */
import { encodeFields } from './age_header.ts';
import { computeAgreementPublic } from './agreement.ts';
import { type Bytes, encodeText, encodeU32, encodeU64, joinBytes } from './bytes.ts';
import { computeHmac, derive, expand } from './hashes.ts';
import { SLOT_BYTES } from './slots.ts';

const HEADER_BYTES = 168;
export const CELL_BYTES = SLOT_BYTES;

/** The cell `index` of `member` at `tick` for which no slot was waiting; never stored, always the same. */
export function synthesizeCell(seed: Bytes, member: Bytes, tick: number, index: number): Bytes {
  const secret = computeHmac(seed, encodeText('plaint/v1/cell\n'), member, encodeU64(tick), encodeU32(index));
  const share = computeAgreementPublic(derive(secret, 'cell/share'));
  const rest = expand(secret, 'plaint/v1/cell/rest', 64 + CELL_BYTES - HEADER_BYTES);
  return joinBytes(encodeFields(share, rest.slice(0, 32), rest.slice(32, 64)), rest.slice(64));
}

/** The cells of a stream answer; what is left over is not a cell and is dropped. */
export function splitCells(data: Bytes): Bytes[] {
  const count = Math.floor(data.length / CELL_BYTES);
  return Array.from({ length: count }, (_, i) => data.slice(i * CELL_BYTES, (i + 1) * CELL_BYTES));
}
