/** What the vectors of outside say that a list of outside routes holds. */
import { encodeText } from './bytes.ts';
import { type Operation, type Value, s } from './operations_keys.test-support.ts';
import { parseAdditions, parseOutside } from './outside.ts';

const read = (value: Value) => encodeText(s(value, 'text') + ' '.repeat((value['spaces'] as number | undefined) ?? 0));

export const OUTSIDE: Record<string, Operation> = {
  outside_parse: (value) => ({ ...parseOutside(read(value)) }),
  outside_additions: (value) => ({ ...parseAdditions(read(value)) }),
};
