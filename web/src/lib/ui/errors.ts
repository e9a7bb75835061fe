import { m } from '../paraglide/messages.js';

const WORDS: Readonly<Record<string, () => string>> = {
  'words-count': m.common_error_words_count,
  'words-checksum': m.common_error_words_checksum,
  'not-found': m.common_error_not_found,
  'member-unknown': m.common_error_member_unknown,
  'member-rotated': m.common_error_member_rotated,
  'ring-carry': m.common_alarm_ring_carry,
  admission: m.common_error_admission,
  network: m.common_error_offline,
  server: m.common_error_server,
  stopping: m.common_error_server,
  database: m.common_error_server,
  'view-old': m.common_error_directory_stale,
  'view-keys': m.common_error_other_keys,
  'copy-old': m.common_error_copy_old,
  address: m.common_error_no_place,
  'submit-answer': m.common_error_submit_answer,
  'submit-other': m.common_error_submit_other,
  'write-form': m.common_error_submit_form,
  'text-first-line': m.common_error_submit_form,
  'view-changed': m.common_error_view_changed,
  'attachment-changed': m.common_error_attachment_changed,
  'access-nobody': m.common_error_access_nobody,
  'erase-doubtful': m.common_error_erase_doubtful,
  'erase-due': m.common_error_erase_due,
  'erase-handling': m.common_error_erase_handling,
  'erase-held': m.common_error_erase_held,
  'erase-nothing': m.common_error_erase_nothing,
  'erase-open': m.common_error_erase_open,
  'erase-other': m.common_error_erase_other,
  'erase-alone': m.common_error_erase_alone,
  'erase-same': m.common_error_erase_same,
  'erase-unread': m.common_error_erase_unread,
  'erase-waiting': m.common_error_erase_waiting,
  'export-subject': m.common_error_export_subject,
  'grant-left': m.common_error_grant_left,
  'room-pending': m.common_error_room_pending,
  'missed-early': m.common_error_missed_early,
  'told-ahead': m.common_error_told_ahead,
  'content-form': m.common_error_content_form,
  'hold-reason': m.common_error_content_form,
  'risk-reason': m.common_error_content_form,
  'extend-reason': m.common_error_content_form,
  'step-blank': m.common_error_step_blank,
  'decide-blank': m.common_error_step_blank,
  'entry-conflict': m.common_error_entry_conflict,
  locked: m.common_error_locked,
  cancelled: m.common_error_cancelled,
};

/** The code of spec/errors.md, or "unexpected". */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
}

/** What a code means, in words; unknown ones are named. */
export function errorCodeWords(code: string): string {
  return (WORDS[code] ?? (() => m.common_error_other({ code })))();
}

/** What went wrong, in words; unknown codes are named so that somebody can be asked about them. */
export function errorWords(error: unknown): string {
  const code = errorCode(error);
  if (code === 'words-unknown' && error instanceof Error && 'detail' in error) {
    return m.common_error_words_unknown({ at: String(error.detail) });
  }
  const words = WORDS[code];
  if (words !== undefined) return words();
  const family = error instanceof Error && 'family' in error ? error.family : null;
  return family === 'verification' ? m.common_error_not_trusted({ code }) : m.common_error_other({ code });
}
