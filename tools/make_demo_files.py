"""Draw, speak and write the files that the demo's people attach to their reports: synthetic, small, plainly invented.

Run once; the results are committed. Needs Debian's ffmpeg, espeak-ng and fonts-dejavu-core.
Usage: python tools/make_demo_files.py [FOLDER]
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "src" / "plaint" / "cli" / "demo" / "files"
FONTS = "/usr/share/fonts/truetype/dejavu"
FFMPEG = ("ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-fflags", "+bitexact")
LOW_SIZE = ("-map_metadata", "-1", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
MOMENT = "2026:01:01 12:00:00"
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5

Tag = tuple[int, int, int, bytes]


def ascii_tag(number: int, text: str) -> Tag:
    """Give an EXIF tag that holds text."""
    data = text.encode("ascii") + b"\0"
    return (number, ASCII, len(data), data)


def degrees_tag(number: int, degrees: int, minutes: int) -> Tag:
    """Give an EXIF tag that holds an angle as three fractions."""
    return (number, RATIONAL, 3, struct.pack("<6I", degrees, 1, minutes, 1, 0, 1))


def encode_ifd(tags: Sequence[Tag], offset: int) -> bytes:
    """Write one directory of tags that starts `offset` bytes into the TIFF block; long values follow it."""
    data_at = offset + 2 + 12 * len(tags) + 4
    entries, data = b"", b""
    for number, kind, count, value in tags:
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = struct.pack("<I", data_at + len(data))
            data += value + b"\0" * (len(value) % 2)
        entries += struct.pack("<HHI", number, kind, count) + field
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0) + data


def compute_exif(camera: str) -> bytes:
    """Give an EXIF block with an invented camera and a place in the open sea, where nobody can have dined."""
    text = [ascii_tag(0x010E, "Synthetic picture made for the Plaint demo"), ascii_tag(0x010F, "Invented Optics")]
    text += [ascii_tag(0x0110, camera), ascii_tag(0x0132, MOMENT)]
    place = [ascii_tag(1, "N"), degrees_tag(2, 0, 30), ascii_tag(3, "W"), degrees_tag(4, 0, 30)]
    draft = [*text, (0x8825, LONG, 1, b"\0" * 4)]
    place_at = 8 + len(encode_ifd(draft, 8))
    first = encode_ifd([*text, (0x8825, LONG, 1, struct.pack("<I", place_at))], 8)
    return b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + first + encode_ifd(place, place_at)


def draw(target: Path, size: str, colour: str, filters: Sequence[str]) -> None:
    """Draw one picture: a plain ground with boxes and text."""
    source = ["-f", "lavfi", "-i", f"color=c={colour}:s={size}:d=1", "-vf", ",".join(filters), "-frames:v", "1"]
    subprocess.run([*FFMPEG, *source, *LOW_SIZE, "-q:v", "6", str(target)], check=True)


def text(words: str, x: int, y: int, *, size: int = 30, font: str = "DejaVuSans", colour: str = "0x222222") -> str:
    """Give the filter that writes one line of text."""
    safe = words.replace("\\", "").replace("'", "’").replace(":", r"\:").replace("%", r"\%")
    return f"drawtext=fontfile={FONTS}/{font}.ttf:text='{safe}':x={x}:y={y}:fontsize={size}:fontcolor={colour}"


def box(x: int, y: int, width: int, height: int, colour: str) -> str:
    """Give the filter that draws one filled box."""
    return f"drawbox=x={x}:y={y}:w={width}:h={height}:color={colour}:t=fill"


def make_photo(target: Path, camera: str, colour: str, filters: Sequence[str]) -> None:
    """Draw a picture and put an EXIF block into it, as a telephone does."""
    draw(target, "1200x900", colour, filters)
    drawn = target.read_bytes()
    exif = compute_exif(camera)
    target.write_bytes(drawn[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + drawn[2:])


def make_photos(folder: Path) -> None:
    """Draw a bar bill, a stair, and a picture of a screen."""
    bill = [("The Lantern Bar, Port Calder", ""), ("Table 9, 6 persons", ""), ("Set menu x 6", "312.00")]
    bill += [("House spirit x 4", "236.00"), ("Table service", "31.00"), ("Total", "579.00")]
    rows = [box(330, 60, 540, 780, "0xf7f4ea")]
    for line, (what, price) in enumerate(bill):
        rows += [text(what, 370, 130 + 90 * line, font="DejaVuSansMono", size=26)]
        rows += [text(price, 740, 130 + 90 * line, font="DejaVuSansMono", size=26)] if price else []
    rows += [text("Invented bill for a demonstration", 370, 780, size=20, colour="0x777777")]
    make_photo(folder / "bar-bill.jpg", "Model One", "0x5d4a3c", rows)
    steps = [box(150 * step, 780 - 90 * step, 1050 - 150 * step, 60, "0x9aa3a8") for step in range(6)]
    steps += [box(620, 480, 90, 26, "0xc0392b"), text("Step 4, loose edge", 640, 430, size=34, colour="0xffffff")]
    make_photo(folder / "loose-step.jpg", "Model Two", "0x46525a", steps)
    chat = [box(60, 60, 700, 150, "0xe5eeea"), text("Everyone finish the glass.", 90, 110)]
    chat += [box(60, 260, 820, 150, "0xe5eeea"), text("Nobody talks about last night, please.", 90, 310)]
    chat += [box(400, 460, 740, 150, "0xdfe7f5"), text("I will not say nothing happened.", 430, 510)]
    chat += [text("Invented messages for a demonstration", 60, 820, size=22, colour="0x777777")]
    draw(folder / "group-chat.png", "1200x900", "0xfafafa", chat)


def make_film(target: Path) -> None:
    """Film a corridor that nobody walks through: a lift door that opens and closes."""
    door = ["drawbox=x=220:y=60:w=200:h=260:color=0x8b98a0:t=fill"]
    door += ["drawbox=x='220-80*sin(PI*t/4)':y=60:w=100:h=260:color=0xb7c2c8:t=fill"]
    door += [text("Lobby camera 2, invented", 20, 20, size=18, colour="0xffffff")]
    door += [f"drawtext=fontfile={FONTS}/DejaVuSansMono.ttf:text='%{{pts}}':x=20:y=330:fontsize=18:fontcolor=white"]
    source = ["-f", "lavfi", "-i", "color=c=0x3b4348:s=640x360:d=4:r=12", "-vf", ",".join(door)]
    form = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "30", "-movflags", "+faststart"]
    subprocess.run([*FFMPEG, *source, *LOW_SIZE, *form, str(target)], check=True)


def make_memo(target: Path, voice: str, words: str) -> None:
    """Let a synthetic voice speak a memo."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(spoken), words], check=True)
        subprocess.run(
            [*FFMPEG, "-i", str(spoken), *LOW_SIZE, "-ac", "1", "-ar", "22050", "-b:a", "28k", str(target)],
            check=True,
        )


def encode_pdf(lines: Sequence[str]) -> bytes:
    """Write one page of text as a PDF."""
    rows = [f"({line.replace('(', '[').replace(')', ']')}) Tj T*" for line in lines]
    page = ("BT /F1 12 Tf 60 780 Td 18 TL " + " ".join(rows) + " ET").encode("latin-1")
    font = b"/F1 5 0 R"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << %s >> >> >>"
        % font,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + head + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def encode_docx(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Give the parts of a small word-processor document."""
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    types = (
        f'{start}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    )
    relations = (
        f'{start}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}" Target="word/document.xml"/></Relationships>'
    )
    document = f'{start}<w:document xmlns:w="{word}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    return [("[Content_Types].xml", types), ("_rels/.rels", relations), ("word/document.xml", document)]


def make_papers(folder: Path) -> None:
    """Write a hotel bill, an order list, a roster and a table of hours."""
    hotel = ["Hotel Meridane, Port Calder", "Invented bill for a demonstration", "", "Guest: one person, two nights"]
    hotel += ["Room 412, nights 17 and 18", "Late return to the desk: 01:40, key card issued again", "Total: 264.00"]
    (folder / "hotel-bill.pdf").write_bytes(encode_pdf(hotel))
    orders = ["Purchasing, north depot: orders below the limit of 5,000", "Invented list for a demonstration", ""]
    orders += [f"Order {4410 + row}   Brackenfold Supply   4,{910 + 8 * row}.00   same day" for row in range(6)]
    (folder / "split-orders.pdf").write_bytes(encode_pdf(orders))
    roster = [
        "Schichtplan Halvenburg (erfunden, nur zur Vorf\u00fchrung)",
        "Montag: Fr\u00fchschicht, Linie 2, Wartung entf\u00e4llt",
    ]
    roster += ["Dienstag: Fr\u00fchschicht, Linie 2, Wartung entf\u00e4llt", "Mittwoch: Sp\u00e4tschicht, Linie 2"]
    with zipfile.ZipFile(folder / "schichtplan.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in encode_docx(roster):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 12, 0, 0)), content, zipfile.ZIP_DEFLATED)
    hours = ["week,worked,paid"] + [f"{week},{46 + week % 3},40" for week in range(1, 9)]
    (folder / "hours.csv").write_text("\n".join(hours) + "\n", encoding="ascii")


def main(folder: Path) -> None:
    """Make every file again."""
    folder.mkdir(parents=True, exist_ok=True)
    make_photos(folder)
    make_film(folder / "lobby-clip.mp4")
    memo = "This is an invented voice note. I remember the lift, and the carpet on the fourth floor. "
    make_memo(folder / "voice-note.m4a", "en-gb", memo + "The bar had a lantern over the door. That is all for today.")
    make_memo(
        folder / "mudhakkira.ogg", "ar", "هذه مذكرة صوتية مصطنعة للعرض فقط. طلب مني المدير أن أوقع على ساعات لم أعملها."
    )
    make_papers(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
