"""Published pictures: what their name says, small enough, and silent about who took them where."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PROJECT, MakeSite, build, said
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.assets.clean import CLEANERS
from sitebuilder.assets.limits import UnsafeFileError

DATA = PROJECT / "tests" / "data"
JPEG, WEBP = (DATA / "small.jpg").read_bytes(), (DATA / "small.webp").read_bytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 3, height: int = 2, *notes: bytes, end: bytes = b"") -> bytes:
    rows = (b"\0" + b"\x10\x80\xf0" * width) * height if width < 99 else b"\0"
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *notes, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + end


def exif(turned: int = 1, *, place: bool = True) -> bytes:
    """Notes as a phone writes them: the camera's name and, below it, a place."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
    entries += struct.pack(">HHII", 0x8825, 4, 1, 99) if place else b""
    return b"Exif\0\0MM\0*\0\0\0\x08" + bytes((0, 1 + place)) + entries + b"\0\0\0\0Secret Phone"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(*notes: bytes, end: bytes = b"") -> bytes:
    return JPEG[:2] + b"".join(notes) + JPEG[2:] + end


def riff(*chunks: bytes) -> bytes:
    whole = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def part(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


CANVAS = bytes((0b101100, 0, 0, 0)) + b"\x17\0\0\x0f\0\0"


def webp(*notes: bytes, canvas: bytes = CANVAS) -> bytes:
    return riff(part(b"VP8X", canvas), WEBP[30:], *notes)


GIF_HEAD = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0"
GIF_PICTURE = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"


def gif(*notes: bytes, end: bytes = b"") -> bytes:
    return GIF_HEAD + b"".join(notes) + GIF_PICTURE + b"\x3b" + end


def box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + kind + body


def avif(item: bytes = b"av01", width: int = 9, more: bytes = b"") -> bytes:
    entry = box(b"infe", b"\x02\0\0\0\0\x01\0\0", item, b"\0")
    sizes = box(b"ipco", box(b"ispe", b"\0\0\0\0", struct.pack(">II", width, 9)))
    meta = box(b"meta", b"\0\0\0\0", box(b"iinf", b"\0\0\0\0\0\x01", entry), box(b"iprp", sizes))
    return box(b"ftyp", b"avif\0\0\0\0mif1avif") + meta + box(b"free", b"note") + more


def ico(*pictures: bytes, end: bytes = b"") -> bytes:
    place, table = 6 + 16 * len(pictures), b""
    for picture in pictures:
        table += b"\x03\x02\0\0\x01\0\x20\0" + struct.pack("<II", len(picture), place)
        place += len(picture)
    return b"\0\0\1\0" + struct.pack("<H", len(pictures)) + table + b"".join(pictures) + end


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("secret.html", "<script>alert(1)</script>")
    return stream.getvalue()


PLAIN = {"png": png(), "jpg": JPEG, "webp": WEBP, "gif": gif(), "ico": ico(png())}
SECRET = b"Secret"
TELLING = {
    "png text": ("png", png(3, 2, chunk(b"tEXt", b"Author\0Secret"))),
    "png exif": ("png", png(3, 2, chunk(b"eXIf", exif()[6:]))),
    "png end": ("png", png(end=b"<script>Secret")),
    "png zip": ("png", png(end=archive())),
    "jpg exif": ("jpg", jpeg(segment(0xE1, exif()))),
    "jpg xmp": ("jpg", jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0Secret"))),
    "jpg photoshop": ("jpg", jpeg(segment(0xED, b"Photoshop 3.0\0Secret"))),
    "jpg comment": ("jpg", jpeg(segment(0xFE, b"Secret"))),
    "jpg others": ("jpg", jpeg(*(segment(n, b"Secret") for n in range(0xE0, 0xF0)))),
    "jpg thumbnail": ("jpg", jpeg(segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\x02\x01Secret"))),
    "jpg second": ("jpg", jpeg(end=jpeg(segment(0xFE, b"Secret")))),
    "jpg zip": ("jpg", jpeg(end=archive())),
    "webp exif": ("webp", webp(part(b"EXIF", exif()))),
    "webp xmp": ("webp", webp(part(b"XMP ", b"Secret"))),
    "webp other": ("webp", webp(part(b"Junk", b"Secret"))),
    "webp end": ("webp", webp() + b"Secret"),
    "gif comment": ("gif", gif(b"\x21\xfe\x06Secret\0")),
    "gif xmp": ("gif", gif(b"\x21\xff\x0bXMP DataXMP\x06Secret\0")),
    "gif end": ("gif", gif(end=b"<script>Secret")),
    "avif end": ("avif", avif(more=box(b"skip", b"Secret"))),
    "ico text": ("ico", ico(png(3, 2, chunk(b"tEXt", b"Author\0Secret")))),
    "ico end": ("ico", ico(png(), end=b"Secret")),
}


@pytest.mark.parametrize("name", TELLING)
def test_what_a_picture_tells_besides_what_it_shows_is_left_out(name: str) -> None:
    kind, data = TELLING[name]
    clean, _ = CLEANERS[kind](data)
    assert SECRET in data or b"secret" in data
    for word in (SECRET, b"secret.html", b"<script", b"EXIF", b"Photoshop", b"xap"):
        assert word not in clean
    assert CLEANERS[kind](clean) == (clean, ())


@pytest.mark.parametrize("kind", PLAIN)
def test_a_clean_picture_is_published_as_it_is(kind: str) -> None:
    assert CLEANERS[kind](PLAIN[kind]) == (PLAIN[kind], ())


def test_the_parts_that_show_stay() -> None:
    loops = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    control = b"\x21\xf9\x04\0\x05\0\0\0"
    for kind, data in {
        "png": png(
            3, 2, chunk(b"gAMA", b"\0\0\xb1\x8f"), chunk(b"pHYs", b"\0\0\x0b\x13" * 2 + b"\1")
        ),
        "jpg": jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1x"), segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")),
        "gif": gif(loops, control),
        "webp": webp(canvas=b"\x20" + CANVAS[1:]),
    }.items():
        assert CLEANERS[kind](data)[0] == data


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "png name": ("png", JPEG, "not a PNG"),
    "jpg name": ("jpg", b"<html>", "not a JPEG"),
    "webp name": ("webp", png(), "not a WebP"),
    "gif name": ("gif", png(), "not a GIF"),
    "avif name": ("avif", png(), "not an AVIF"),
    "ico name": ("ico", b"", "not an ICO"),
    "png short": ("png", png()[:-6], "cut short"),
    "png sum": ("png", png().replace(b"IDATx", b"IDATy"), "cut short"),
    "png length": ("png", png()[:8] + b"\xff\xff\xff\xff" + png()[12:], "cut short"),
    "png no pixels": ("png", png()[:33] + chunk(b"IEND", b""), "cut short"),
    "png unknown": ("png", png(3, 2, chunk(b"ABCD", b"")), "do not know"),
    "png bomb": ("png", png(30_000, 30_000), "30000 x 30000"),
    "png side": ("png", png(16_385, 1), "16385 x 1"),
    "png none": ("png", png(0, 9), "0 x 9"),
    "png profile": (
        "png",
        png(3, 2, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 23)))),
        "profile",
    ),
    "png frames": ("png", png(3, 2, *[chunk(b"fcTL", bytes(26))] * 1001), "frames"),
    "png turned": ("png", png(3, 2, chunk(b"eXIf", exif(6)[6:])), "turned"),
    "jpg turned": ("jpg", jpeg(segment(0xE1, exif(6))), "turned"),
    "jpg short": ("jpg", JPEG[:-2], "cut short"),
    "jpg no scan": ("jpg", b"\xff\xd8\xff\xd9", "cut short"),
    "jpg bomb": ("jpg", JPEG.replace(b"\x08\0\x10\0\x18", b"\x08\x7f\xff\x7f\xff"), "too large"),
    "jpg scans": (
        "jpg",
        JPEG[:-2] + JPEG[JPEG.index(b"\xff\xda") : -2] * 101 + b"\xff\xd9",
        "steps",
    ),
    "webp short": ("webp", webp()[:-4], "cut short"),
    "webp bomb": ("webp", webp(canvas=b"\0\0\0\0" + b"\xff" * 6), "too large"),
    "webp lie": (
        "webp",
        WEBP.replace(b"\x9d\x01\x2a\x18\0", b"\x9d\x01\x2a\xff\x3f").replace(
            b"\x10\0", b"\xff\x3f"
        ),
        "too large",
    ),
    "webp turned": ("webp", webp(part(b"EXIF", exif(8))), "turned"),
    "webp empty": ("webp", riff(part(b"VP8X", CANVAS)), "cut short"),
    "gif short": ("gif", gif()[:-1], "cut short"),
    "gif junk": ("gif", gif(b"\x99"), "cut short"),
    "gif frame": (
        "gif",
        gif().replace(b"\x2c\0\0\0\0\x01\0\x01\0", b"\x2c\0\0\0\0\xff\xff\xff\xff"),
        "too large",
    ),
    "gif frames": ("gif", GIF_HEAD + GIF_PICTURE * 1001 + b"\x3b", "frames"),
    "avif exif": ("avif", avif(b"Exif"), "notes"),
    "avif xmp": ("avif", avif(b"mime"), "notes"),
    "avif bomb": ("avif", avif(width=99_999), "too large"),
    "avif html": ("avif", avif(more=b"<html><script>"), "cut short"),
    "avif moving": ("avif", avif(more=box(b"moov", b"")), "animation"),
    "ico bomb": ("ico", ico(png(20_000, 20_000)), "too large"),
    "ico bytes": ("ico", ico(b"<html>" * 20), "cut short"),
    "ico short": ("ico", ico(png())[:-3], "cut short"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_picture_that_is_not_what_it_says_is_refused(name: str) -> None:
    kind, data, words = BROKEN[name]
    with pytest.raises(UnsafeFileError, match=words) as found:
        CLEANERS[kind](data)
    assert found.value.hint


@given(st.sampled_from([*PLAIN, "avif", "svg", "pdf"]), st.data())
def test_no_bytes_break_the_readers(kind: str, data: st.DataObject) -> None:
    """Any bytes, and good pictures with a few bytes changed: refused, or clean once and for all."""
    good = bytearray({**PLAIN, "avif": avif(), "svg": b"<svg><g/></svg>", "pdf": b"%PDF-1"}[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    made = bytes(good[:cut]) + data.draw(st.binary(max_size=40)) + bytes(good[cut:])
    clean: Callable[[bytes], Any] = CLEANERS[kind]
    try:
        once, _ = clean(made)
    except UnsafeFileError:
        return
    assert clean(once)[0] == once


def test_a_photo_with_a_place_is_published_without_it(make_site: MakeSite) -> None:
    page = "---\ntitle: T\ndescription: D.\n---\n![A door](door.jpg) ![Wall](wall.png)\n"
    photo = jpeg(segment(0xE1, exif()))
    root = make_site(
        {"content/index.md": page, "content/door.jpg": photo, "content/wall.png": png()}
    )
    made = build(root)
    assert said(made) == ["config.yaml:0 no-url", "content/door.jpg:0 telling-file"]
    published = {o.path: o for o in made.outputs}
    assert published["door.jpg"].load() == JPEG
    assert published["wall.png"].load() == png()
    plain = build(make_site({"content/door.jpg": JPEG}))
    assert (
        published["door.jpg"].digest
        == next(o for o in plain.outputs if o.path == "door.jpg").digest
    )


def test_a_refused_picture_is_never_published(make_site: MakeSite) -> None:
    page = "---\ntitle: T\ndescription: D.\n---\n![A door](door.png)\n"
    config = "name: S\nurl: https://x.org/\nchecks:\n  unsafe-file: warning\n"
    files: dict[str, str | bytes] = {
        "content/index.md": page,
        "content/door.png": png(30_000, 30_000),
        "config.yaml": config,
    }
    made = build(make_site(files))
    assert said(made) == ["content/door.png:0 unsafe-file"]
    assert "door.png" not in {o.path for o in made.outputs}


def test_a_document_that_acts_by_itself_is_refused() -> None:
    clean = CLEANERS["pdf"]
    packed = zlib.compress(b"<< /S /JavaScript >>")
    bad = [
        b"%PDF-1.7 << /OpenAction << /S /JavaScript /JS (x) >> >>",
        b"%PDF-1.7 << /S /J#61vaScript >>",
        b"%PDF-1.7 << /S /Launch >>",
        b"%PDF-1.7 << /OpenAction 3 0 R >> 3 0 obj << /S /URI >> endobj",
        b"%PDF-1.7 << /Encrypt 1 0 R >>",
        b"%PDF-1.7 << /Type /ObjStm >>\nstream\n" + packed + b"\nendstream",
        b"%PDF-1.7 << /Type /Obj#53tm >>\nstream\n" + packed + b"\nendstream",
        b"<html>",
    ]
    for data in bad:
        with pytest.raises(UnsafeFileError):
            clean(data)
    good = b"%PDF-1.7 << /OpenAction [3 0 R /Fit] /Author () >>\nstream\n /JS /Launch endstream"
    assert clean(good) == (good, ())
    assert clean(good.replace(b"()", b"(A. Person)"))[1] == ("who made it",)


@pytest.mark.browser
def test_a_browser_shows_the_same_pixels(browser: Any) -> None:
    page = browser.new_page()
    look = """async ([kind, text]) => {
        const image = new Image(); image.src = `data:image/${kind};base64,${text}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.width; canvas.height = image.height;
        const context = canvas.getContext('2d'); context.drawImage(image, 0, 0);
        const pixels = context.getImageData(0, 0, image.width, image.height).data;
        return [image.width, image.height, ...pixels].join()}"""
    for name, (kind, data) in TELLING.items():
        if kind in {"png", "jpg", "webp", "gif"}:
            clean, _ = CLEANERS[kind](data)
            sent = [[kind, base64.b64encode(d).decode()] for d in (data, clean)]
            before, after = (page.evaluate(look, one) for one in sent)
            assert before == after, name
    page.close()
