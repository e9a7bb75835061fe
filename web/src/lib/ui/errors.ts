import { m } from '../paraglide/messages.js';

const WORDS: Readonly<Record<string, () => string>> = {
  'words-count': m.common_error_words_count,
  'words-checksum': m.common_error_words_checksum,
  'not-found': m.common_error_not_found,
  'member-unknown': m.common_error_member_unknown,
  admission: m.common_error_admission,
  offline: m.common_error_offline,
  network: m.common_error_offline,
  'view-old': m.common_error_directory_stale,
  'access-nobody': m.common_error_access_nobody,
  locked: m.common_error_locked,
  cancelled: m.common_error_cancelled,
};

/** What went wrong, in words; unknown codes are named so that somebody can be asked about them. */
export function errorWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  const detail = error instanceof Error && 'detail' in error ? String(error.detail) : '';
  if (code === 'words-unknown') return m.common_error_words_unknown({ at: detail });
  return WORDS[code]?.() ?? m.common_error_other({ code });
}
