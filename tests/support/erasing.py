"""A report that was answered, with a file and an internal note, and two members who may erase it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plaint.client.attachments import upload_file
from plaint.client.cases import Case
from plaint.client.desk import Desk
from plaint.client.erasing import confirm_erasure, propose_erasure
from plaint.client.writing import seal_entry
from plaint.protocol.content import EraseContent
from plaint.protocol.keys import HolderKeys
from plaint.protocol.write import encode_write
from tests.support.world import World


@dataclass(slots=True)
class Story:
    """A report that Ben has answered, with a file, an internal note, and the keys of everybody."""

    world: World
    keys: HolderKeys
    ben: Desk
    cai: Desk
    blobs: list[bytes]

    def case(self, desk: Desk) -> Case:
        """Return the only case as a member sees it now."""
        desk.scan()
        return desk.list_cases()[0]

    def raw_erase(self, desk: Desk, content: EraseContent) -> int:
        """Send an erase entry of a member, past his client's own checks, and return the status."""
        room = self.case(desk).room
        write = seal_entry(room, "erase", content, desk.writer).write
        headers = {"plaint-cap": room.cap.hex(), "plaint-session": desk.session.token()}
        path = f"rooms/{room.id.hex()}"
        return self.world.client.post(path, content=encode_write(write), headers=headers).status_code

    def close(self) -> None:
        """Let both members close it."""
        self.ben.close(self.case(self.ben), "Settled.")
        closing = self.cai.fold(case := self.case(self.cai)).closing
        assert closing is not None
        self.cai.confirm(case, closing.hash)

    def erase(self) -> bytes:
        """Let both members sign, and return the room."""
        self.close()
        room = self.case(self.ben).id
        propose_erasure(self.ben, self.case(self.ben), "retention", "Three years are over.")
        confirm_erasure(self.cai, self.case(self.cai))
        return room


def tell_story(world: World, folder: Path) -> Story:
    """Let it happen, until both members read both rooms."""
    keys, _ = world.report("It was on the last day of the fair.")
    world.tick(12)
    ben, cai = world.desk("ben"), world.desk("cai")
    file = folder / "fair.txt"
    file.write_text("A photograph of the stand.")
    ben.scan()
    room = ben.list_cases()[0].room
    attached = upload_file(ben.connection.api, file, admit=ben.admit_upload(room))
    ben.acknowledge(ben.list_cases()[0])
    ben.feedback(ben.list_cases()[0], action="We asked at the fair.", grounds="Nobody saw it.")
    ben.reply(ben.list_cases()[0], "Thank you.", [attached])
    ben.note(ben.list_cases()[0], "Ask the stand's owner.")
    world.tick(24)
    return Story(world, keys, ben, cai, [attached.id])
