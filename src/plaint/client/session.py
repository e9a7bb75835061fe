"""A member signed in: the keys are those the directory holds, the session is one signature and lasts an hour."""

from __future__ import annotations

from dataclasses import dataclass, field

from plaint.client.connection import Connection
from plaint.encoding.fields import Fields
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.keys import MemberKeys
from plaint.protocol.ring import find_former_owner, find_owner, identify_keys
from plaint.protocol.session import sign_session

RENEW_S = 50 * 60
CODE = "session-form"


@dataclass(slots=True)
class Session:
    """Begins when first needed, and anew before the hour is over."""

    connection: Connection
    keys: MemberKeys
    member: bytes
    _token: str = field(default="", repr=False)
    _since: float = 0.0

    def token(self) -> str:
        """Return a token that is still good.

        Raises: RefusedError "session"; UnavailableError.
        """
        now = self.connection.now()
        if not self._token or not 0 <= now - self._since < RENEW_S:
            self._token, self._since = self._begin(), now
        return self._token

    def _begin(self) -> str:
        api = self.connection.api
        challenge = Fields(api.get_json("session"), CODE).take_hex("challenge", 32)
        sig = sign_session(self.keys.sign, org=self.connection.view.org, member=self.member, challenge=challenge)
        sent = {"challenge": challenge.hex(), "member": self.member.hex(), "sig": sig.hex()}
        return Fields(api.send_json("POST", "session", sent), CODE).take_text("token", limit=1024)


def find_member(connection: Connection, keys: MemberKeys) -> MemberKeys:
    """Return the keys under the id they have in the directory, together with those before them.

    Raises: RefusedError "not-found" for words of nobody here, "member-rotated" for words that others replaced,
            "member-inactive"; VerificationError "member-keys" when the directory names other keys under this id, and
            "ring-carry": alarms.
    """
    state = connection.view.state
    found = find_owner(state, keys)
    if found is None:
        if find_former_owner(state, keys) is not None:
            raise RefusedError("member-rotated")
        if keys.id in state.members:
            raise VerificationError("member-keys")
        raise RefusedError("not-found")
    if not found.active:
        raise RefusedError("member-inactive")
    return identify_keys(found, keys)
