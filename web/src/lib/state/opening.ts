/** What is needed to come back with words; fetched when somebody does. */
import { type HolderKeys, computeHolderKeys } from '../protocol/keys.ts';
import { parseWords } from '../protocol/words.ts';

export { openReport } from './conversation.ts';
export { findErased } from './erased.ts';

/** The keys of the words as typed. Throws MalformedError "words-count", "words-unknown", "words-checksum". */
export async function readHolderKeys(text: string): Promise<HolderKeys> {
  return computeHolderKeys((await parseWords(text)).entropy);
}
