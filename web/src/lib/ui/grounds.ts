import { m } from '../paraglide/messages.js';
import type { Ground } from '../protocol/content.ts';

const WORDS: Readonly<Record<Ground, () => string>> = {
  retention: m.common_ground_retention,
  irrelevant: m.common_ground_irrelevant,
  request: m.common_ground_request,
  order: m.common_ground_order,
};

export const GROUNDS: readonly Ground[] = ['retention', 'irrelevant', 'request', 'order'];

/** Why something was erased, in words. */
export function groundWords(ground: Ground): string {
  return WORDS[ground]();
}
