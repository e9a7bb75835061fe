/** What is needed to come back with words. */
import { type HolderKeys, computeHolderKeys } from '../protocol/keys.ts';
import { parseWords } from '../protocol/words.ts';

export { openReport } from './conversation.ts';

/** The keys of the words as typed. Throws MalformedError "words-count", "words-unknown", "words-checksum". */
export async function readHolderKeys(text: string): Promise<HolderKeys> {
  return computeHolderKeys((await parseWords(text)).entropy);
}
