"""Sentences for error codes; a code without its own sentence gets that of its family."""

from __future__ import annotations

from plaint.errors import (
    ConflictError,
    MalformedError,
    PlaintError,
    RefusedError,
    UnavailableError,
    VerificationError,
)

FAMILIES: tuple[tuple[type[PlaintError], str], ...] = (
    (MalformedError, "What was given does not have the form it should have."),
    (VerificationError, "A check failed: do not trust what was received."),
    (RefusedError, "This is not allowed."),
    (ConflictError, "Somebody else was first: read again, then decide again."),
    (UnavailableError, "Not possible right now; nothing was lost, try again later."),
)

MESSAGES = {
    "directory-channel": "A channel would have no member.",
    "directory-effect": "This entry does not wait for its effect.",
    "directory-founders": "There must be an administrator and an independent member, and they must be two people.",
    "directory-grace": "The grace after a date can only get shorter: a longer one would make late answers punctual.",
    "directory-index": (
        "The directory has grown since this was signed; sign again: `plaint directory sign DRAFT --words FILE --again`."
    ),
    "directory-leave": "This member cannot leave now: too few would remain, or they left already.",
    "directory-member": "These keys are those of another member.",
    "directory-request": "The request was changed after it was made; ask for a new one.",
    "directory-signature": "A signature is false: the draft was changed after it was signed.",
    "directory-signer": "Somebody signed who is not an active member.",
    "directory-signers": "Signatures are missing: one administrator and one independent member, two different people.",
    "directory-compromised": "There is no such key, or it is void already, or too few members would remain.",
    "directory-pack": "The directory holds no such deadlines: add them first (`plaint directory draft pack`).",
    "directory-pack-version": "Versions of deadlines only grow: a channel takes the newest, or keeps what it has.",
    "directory-receipts-held": "The server does not hold this receipt key, so it could sign nothing from then on.",
    "directory-receipts": "The next receipt key must be new and have the name of the one before.",
    "directory-rotate": "New keys must be signed by the member's present ones, for this organisation.",
    "directory-release": (
        "The directory holds no key of the project that releases the client (`plaint directory draft upstream`), or"
        " this version is logged already."
    ),
    "directory-upstream": "A server's own key cannot be the one that vouches for what the server sends.",
    "release-signature": "The project whose key the directory holds did not sign this release.",
    "release-version": "A version has letters, digits, dots, plus and minus, at most 64 of them.",
    "directory-suspend": "This member cannot be suspended: too few would remain, or one is suspended already.",
    "draft-place": "Nobody has signed this draft yet.",
    "extend-again": "This date was given more time already, and that happens once.",
    "extend-date": "The new date is not a later one, or later than the law allows.",
    "extend-late": "The date is past, or what was due is done.",
    "extend-law": "The deadlines of this channel give this date no more time.",
    "extend-reason": "The reporter is told why: give a reason.",
    "feedback-blank": "The reporter is told what was done and why: say both.",
    "hold-hidden": "The reporter must see when the case waits for an authority.",
    "hold-reason": "Say why: whoever reads it asks that first.",
    "risk-reason": "Say who could be harmed again, by what, and how soon.",
    "hold-review": "Somebody must look at it again within 30 days.",
    "pack-loose": "These deadlines are below the law that they name, so nobody signs them here; what it is follows.",
    "pack-unknown": "These deadlines name a law that this program does not know.",
    "site-unknown": "The holidays of this site are not known to this program, so nobody signs them here.",
    "site-years": "The holidays of so many years are not known to this program, so nobody signs them here.",
    "words-count": "There must be 12 words.",
    "words-unknown": "One of the words stands in no word list; its position follows.",
    "words-checksum": "The words are known, but one of them is wrong or two are exchanged.",
    "not-found": "There is nothing at this address for these words.",
    "key-agreement": "A public key is not valid.",
    "admission": "The organisation's log takes nothing more just now; nothing was lost, try again later.",
    "attachment-changed": "A file changed while it was being sent; nothing of it was kept. Try again.",
    "attachment-digest": "A file is not what its sender described: it was not saved.",
    "attachment-size": "A file is larger than 2 GiB.",
    "config-keys-url": "The at-rest keys must not be in the database they are for: give another --keys-url.",
    "erase-doubtful": (
        "Somebody signed to erase this whose signature does not count. Write anything in the case: that takes it back."
    ),
    "erase-handling": (
        "The independent members look into a missed date of this case: it can be erased once they have closed that, by"
        " those who can read it."
    ),
    "erase-due": (
        "The reporter is still owed an answer: it is erased once she has it, or once its date is over and the "
        "independents can read it."
    ),
    "erase-held": "A legal hold keeps this case; it is erased only after the hold is lifted.",
    "erase-nothing": "Nobody has signed to erase every room of this case, or something was written since.",
    "erase-open": "No time for keeping a case runs before it is closed: close it first, or give another ground.",
    "told-ahead": "The day has not come yet: say when somebody was told, or leave it out.",
    "erase-alone": "Nobody but you can read this room, so nobody can sign the second time. It stays.",
    "erase-other": (
        "Your signature to erase this stands in a room of it, for another reason: give the same --ground and text, or "
        "write where it stands (desk note, desk reply): that takes it back."
    ),
    "erase-same": "You signed first; another member must confirm.",
    "erase-unread": "What no member has acknowledged is never erased.",
    "erase-waiting": "Another member has signed to erase this: confirm it, or write anything to take it back.",
    "erasure-chain": "What the server shows of an erased report is not what two members signed.",
    "keystore": "The store of at-rest keys cannot be used.",
    "keystore-other": (
        "This database goes with another store of at-rest keys: servers that share it need the same --keys-url."
    ),
    "export-entry": "There is no such entry in this case, or it could not be opened.",
    "export-left": "Somebody else may still be named.",
    "export-subject": "The person whose data it is would be blacked out.",
    "retention-unknown": "There is no rule for this jurisdiction.",
    "archive-form": "This archive is damaged, locked or of another kind: ask for it again, or for the files in it.",
    "archive-path": "A name in this archive leads out of it. Nothing was unpacked: ask for another.",
    "archive-receipts": "There is more than one receipt here: put each into its own folder, and judge one at a time.",
    "archive-size": "This is larger than a proof can rightly be. Nothing was unpacked: ask for another.",
    "case-several": "More than one case begins like this; give more of the id.",
    "channel-choose": "The organisation has several channels; choose one with --channel.",
    "channel-unknown": "There is no channel of this name.",
    "content-form": "A field of it is empty or too long. Nothing was written.",
    "config-hook": "PLAINT_HOOK_URL must be an https address without user and fragment, or http on this machine.",
    "config-mail-from": "PLAINT_MAIL_FROM must be the one plain address that mails come from.",
    "config-mail-hours": "--mail-hours takes ascending hours of the day, UTC: 7 or 7,16.",
    "config-mail-url": "Mails name the desk: give --public-url as well.",
    "config-smtp": "PLAINT_SMTP_URL must be smtp://HOST[:PORT] or smtps://HOST[:PORT], with USER:PASSWORD@ if needed.",
    "config-smtp-secret": "PLAINT_SMTP_URL names a user without a password, or the other way round.",
    "config-variable": "Nobody reads this variable; is it misspelt?",
    "counter-kind": "A counter-proof cannot show this entry, or it says more than one may show.",
    "counter-secret": "Only the report's first key shows that its tokens are broken: --with-secret gives it away.",
    "counter-tokens": "This needs no counter-proof: the log shows it to whoever has the receipt.",
    "data-busy": "Another process serves this data directory already.",
    "entry-conflict": "Somebody else wrote at the same moment; try again.",
    "file-exists": "A file of this name is there already; it was left as it is.",
    "file-missing": "A file that was named is not there.",
    "file-size": "A file is larger than it can rightly be.",
    "grant-already": "This member can read it already.",
    "grant-conflict": "This member was kept out when the report was sealed, and cannot be let in.",
    "grant-left": "This person is no active member any more.",
    "grant-roster": "There is no place for this member in this case: they came later or do not handle cases.",
    "leaves-missing": "There is no copy of the case log here that reaches from the entry to a dated checkpoint.",
    "leaves-root": "The copy of the case log is not what was countersigned; take another.",
    "handling-closing": "You signed this closing, or it is done; another independent member must confirm it.",
    "handling-date": "No date of this case was missed, so there is no failure to look into.",
    "handling-member": "Only independent members whom the report does not keep out can do this.",
    "handling-none": "Nobody has opened a handling failure for this case yet.",
    "log-ahead": "ALARM: the log's files are not what this database says, grown. Nothing was changed; see docs/cli.md.",
    "keys-form": "The organisation's key file is damaged: take it from the backup.",
    "keys-open": "Others may read the organisation's key file: `chmod 600` it.",
    "org-files": "A file of the organisation cannot be read.",
    "outside-form": "Its file in `outside` is not in its form (spec/outside.md).",
    "log-behind": "ALARM: cosigners vouch for more of the log than is here. Nothing is signed: `plaint org restore`.",
    "keys-receipts": "The receipt key that the directory names is not here: bring the file `SLUG.receipts` back.",
    "keys-next": "The keys that this draft names were not made here; use the draft that `plaint org succession` wrote.",
    "keys-succession": "The directory names other keys of this server: finish with `plaint org succeed`.",
    "log-fork": "ALARM: the log is not what it was, grown. Keep your copy and tell its cosigners.",
    "missed-early": (
        "The log does not reach past this date and its grace yet, so nothing could be shown. Nothing was signed: try"
        " again in an hour."
    ),
    "step-blank": "Write what was done: without a word it counts for nothing.",
    "decide-blank": "Write the result: without a word it counts for nothing.",
    "mail-address": "This is not one plain mail address.",
    "mail-off": "No mail is sent from here; the address was not kept.",
    "manifest-form": "This is not the manifest of a release.",
    "member-inactive": "The directory lists you as suspended or gone.",
    "member-rotated": "These words were replaced: use your new ones.",
    "ring-carry": "ALARM: your new keys do not carry the ones before; what was sealed to those does not open.",
    "member-keys": "ALARM: the directory shows other keys under your name. Tell the independent members.",
    "network": "The organisation's address cannot be reached; nothing was lost, try again later.",
    "receipt-other": "The receipt beside these words belongs to another report.",
    "room-pending": (
        "A colleague made this room a moment ago, and your key to it is on its way. Nothing was written: give the same"
        " command again in a few minutes."
    ),
    "room-taken": "These words were used for a report already.",
    "sheet-font": "No font here draws this language: install one (Debian: fonts-noto-core, fonts-wqy-microhei).",
    "state-fork": "ALARM: something you saw before is gone. Keep your files: they prove what was there.",
    "state-leaf": "ALARM: the organisation did not sign for what was sent. Keep the sealed file, send it later.",
    "submit-answer": "This file holds an answer: only `plaint follow`, with the words, can send it.",
    "submit-other": "This report was sealed for another organisation; nothing was sent.",
    "trust-succession": "The organisation does not say that other logs took the place of those in this trust file.",
    "view-delay": "ALARM: a change of the directory was applied before its time. Ask an independent member.",
    "view-keys": "The organisation shows other keys than your trust file. Ask where the trust file came from.",
    "view-old": "Nobody has countersigned the directory for a day: it may hide a change. Try again later.",
    "view-root": "ALARM: the directory shown is not the one that was countersigned.",
    "watch-batch": "ALARM: the case log grew by other than one whole batch a tick: its growth tells of reports.",
    "release-none": "The directory logs no release that counts: nobody can tell whether these pages were released.",
    "release-old": "ALARM: an older release is served than the newest in the directory log.",
    "release-unlogged": "ALARM: the client that is served is none of the releases in the directory log.",
    "watch-client": "ALARM: a page or script is served that is not that of the release.",
    "watch-mail": "--mail needs PLAINT_SMTP_URL and PLAINT_MAIL_FROM.",
    "watch-late": "The newest checkpoint is too old: the log stands still, or its cosigners do not sign.",
}


def describe_error(error: PlaintError) -> str:
    """Return one sentence for the person at the keyboard."""
    if error.code in MESSAGES:
        return MESSAGES[error.code]
    return next((text for family, text in FAMILIES if isinstance(error, family)), "This did not work.")
