/** What the vectors of kits say that a page carries. */
import { encodeHex, encodeText, parseText } from './bytes.ts';
import { type Json, encodeJson } from './json.ts';
import { embedKit, encodeKit, parseKit } from './kit.ts';
import { type Operation, s } from './operations_keys.test-support.ts';

export const PAGES: Record<string, Operation> = {
  kit_parse(value) {
    const kit = parseKit(encodeText(s(value, 'text')));
    const { api, trust, copy } = kit;
    const answers = copy && Object.fromEntries([...copy.answers].map(([path, body]) => [path, parseText(body, 'x')]));
    const encoded = parseText(encodeKit(kit), 'x');
    return { api, org: encodeHex(trust.org), at: copy?.at ?? null, answers, encoded };
  },
  kit_embed(value) {
    return { page: embedKit(s(value, 'page'), parseKit(encodeJson(value['kit'] as Json))) };
  },
};
