"""The reference corpus: N pages of patient information, the same words in each peer's dialect.

Each page has 640 words as `wc -w` counts them: eight headings, lists, a table, a picture, a quote,
two footnotes and seven links to other pages. A page's words depend on its number and the number of
pages alone. There is one list of pages for each hundred (each five in a site of ten), and a home
page.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = """patient doctor nurse treatment medicine tablet dose symptom pain swelling fever cough
skin blood heart lung kidney liver stomach muscle joint bone nerve brain infection virus bacteria
allergy rash clinic hospital pharmacy appointment referral scan test result sample letter consent
leaflet advice support family carer child adult pregnancy breastfeeding diet exercise sleep stress
smoking alcohol weight pressure sugar cholesterol vitamin iron fibre water salt morning evening
daily weekly monthly usually sometimes often rarely before after during until while because
although however therefore should may might can could will would need help take avoid reduce
improve manage prevent reach contact common serious mild severe early late long short term high low
normal raised safe useful important people person team service condition problem risk cause change
sign level surgery operation recovery wound dressing bandage injection vaccine inhaler cream
ointment drops capsule liquid anaesthetic the a your this these some any other more most less every
each with without from into about around and or but if when where which who what how for to of in
on at by as is are was be not only also""".split()
TOPICS = """Asthma Eczema Migraine Anaemia Arthritis Bronchitis Cataracts Dementia Diabetes Epilepsy
Gallstones Gout Hernia Hypertension Insomnia Jaundice Laryngitis Lupus Measles Osteoporosis
Pneumonia Psoriasis Sciatica Scoliosis Shingles Sinusitis Stroke Tinnitus Tonsillitis
Vertigo""".split()

SMALL, IN_SMALL, IN_LARGE = 10, 5, 100  # pages of a section, in a site of ten and in larger ones
IN_MENU = 10  # sections that the menu and the home page name at most


@dataclass(frozen=True)
class Shape:
    """How many pages there are, and which section each one is in."""

    pages: int

    @property
    def in_section(self) -> int:
        return IN_SMALL if self.pages <= SMALL else IN_LARGE

    @property
    def sections(self) -> int:
        return max(1, self.pages // self.in_section)

    @property
    def html_files(self) -> int:
        """Pages, lists of pages, and the home page."""
        return self.pages + self.sections + 1

    def section(self, number: int) -> str:
        return f"section-{number // self.in_section:03d}"

    def menu(self) -> list[str]:
        """The sections that the menu names."""
        return [f"section-{n:03d}" for n in range(min(IN_MENU, self.sections))]


def slug(number: int) -> str:
    """A page's name in its address."""
    return f"page-{number:05d}"


def title(number: int) -> str:
    """A page's title."""
    return f"{TOPICS[number % len(TOPICS)]}: information sheet {number}"


# -- dialects -------------------------------------------------------------------------------------


def _by_file(here: str, section: str, page: str) -> str:
    up = "../" if here else ""
    return f"{page}.md" if here == section else f"{up}{section}/{page}.md"


def _by_address(_here: str, section: str, page: str) -> str:
    return f"/{section}/{page}/"


def _by_pelican(_here: str, section: str, page: str) -> str:
    return f"{{filename}}/pages/{section}/{page}.md"


@dataclass(frozen=True)
class Dialect:
    """What differs between the peers: how a link is written, and how the files are called."""

    link: Callable[[str, str, str], str]
    picture: str
    index: str = "index.md"
    lektor: bool = False


BY_FILE = Dialect(_by_file, "../img/diagram.png")
BY_ADDRESS = Dialect(_by_address, "/img/diagram.png")
HUGO = Dialect(_by_address, "/img/diagram.png", index="_index.md")
PELICAN = Dialect(_by_pelican, "{static}/img/diagram.png")
LEKTOR = Dialect(_by_address, "/img/diagram.png", lektor=True)


# -- words ----------------------------------------------------------------------------------------


def _sentence(rng: random.Random, low: int = 8, high: int = 18) -> str:
    words = [rng.choice(WORDS) for _ in range(rng.randint(low, high))]
    if len(words) > 11:  # noqa: PLR2004 - long enough for a comma
        words[5] += ","
    for share, mark in ((0.12, "**"), (0.08, "*")):
        if rng.random() < share:
            place = rng.randrange(1, len(words) - 1)
            words[place] = mark + words[place].rstrip(",") + mark
            break
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def _paragraph(rng: random.Random, words: int) -> str:
    sentences: list[str] = []
    count = 0
    while count < words:
        sentences.append(_sentence(rng))
        count += sentences[-1].count(" ") + 1
    return " ".join(sentences)


def _table(rng: random.Random) -> Iterator[str]:
    yield "| Medicine | Usual dose | What to know |"
    yield "| --- | ---: | --- |"
    for _ in range(5):
        name, dose = rng.choice(WORDS).title(), rng.randrange(5, 500, 5)
        yield f"| {name} | {dose} mg | {_sentence(rng, 4, 8)} |"


def _body(shape: Shape, number: int, dialect: Dialect) -> str:
    rng = random.Random(1000003 * 7 + number)
    here = shape.section(number)
    linked = [rng.randrange(shape.pages) for _ in range(7)]

    def link(which: int, text: str = "") -> str:
        to = linked[which]
        return f"[{text or title(to)}]({dialect.link(here, shape.section(to), slug(to))})"

    topic = TOPICS[number % len(TOPICS)].lower()
    lines = [f"{_paragraph(rng, 29)} See also {link(0, 'our related leaflet')}.", ""]
    lines += [f"## What is {topic}?", "", _paragraph(rng, 38), ""]
    lines += [f"{_paragraph(rng, 29)}[^1] {_sentence(rng)}", ""]
    lines += ["### Who can get it", "", f"{_paragraph(rng, 29)} Read {link(1)}.", ""]
    lines += [f"> **Important:** {_paragraph(rng, 22)}", ""]
    lines += ["## Symptoms", "", _sentence(rng), ""]
    lines += [*(f"- {_sentence(rng, 5, 10)}" for _ in range(6)), ""]
    lines += [f"![Diagram of {topic}]({dialect.picture})", ""]
    lines += ["## Treatment", "", f"{_paragraph(rng, 38)} This is explained in {link(2)}.", ""]
    lines += [*_table(rng), "", "### Side effects", ""]
    lines += [f"{_paragraph(rng, 29)}[^2]", "", _paragraph(rng, 24), ""]
    lines += ["## Before your appointment", ""]
    lines += [*(f"{n}. {_sentence(rng, 5, 10)}" for n in range(1, 5)), ""]
    lines += ["## When to get help", "", _paragraph(rng, 29), "", "## More information", ""]
    lines += [*(f"- {link(which)}" for which in (3, 4, 5, 6)), ""]
    lines += [f"[^1]: {_sentence(rng)}", f"[^2]: {_sentence(rng)}", ""]
    return "\n".join(lines)


# -- files ----------------------------------------------------------------------------------------


def _file(dialect: Dialect, head: tuple[str, str, str], body: str) -> str:
    name, description, day = head
    if dialect.lektor:
        fields = f"title: {name}\n---\ndescription: {description}\n---\ndate: {day}"
        return f"_model: page\n---\n{fields}\n---\nbody:\n\n{body}\n"
    return f'---\ntitle: "{name}"\ndescription: "{description}"\ndate: {day}\n---\n\n{body}'


def _path(dialect: Dialect, section: str, page: str = "") -> str:
    if dialect.lektor:
        return "/".join(part for part in (section, page, "contents.lr") if part)
    name = f"{page}.md" if page else dialect.index
    return f"{section}/{name}" if section else name


def _lists(shape: Shape, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The home page and the list of each section."""
    firsts = [(f"Section {n}", n * shape.in_section) for n in range(min(IN_MENU, shape.sections))]
    entries = "\n".join(
        f"- [{name}]({dialect.link('', shape.section(to), slug(to))})" for name, to in firsts
    )
    body = f"Welcome to patient information.\n\n## Sections\n\n{entries}\n"
    yield _path(dialect, ""), _file(dialect, ("Home", "Patient information", "2024-01-01"), body)
    for number in range(shape.sections):
        first = number * shape.in_section
        here = shape.section(first)
        entries = "\n".join(
            f"- [{title(to)}]({dialect.link(here, here, slug(to))})"
            for to in range(first, first + min(IN_MENU, shape.in_section))
        )
        body = f"Leaflets in this section.\n\n## Leaflets\n\n{entries}\n"
        head = (f"Section {number}", f"About section {number}", "2024-01-02")
        yield _path(dialect, here), _file(dialect, head, body)


def page_path(shape: Shape, dialect: Dialect, number: int) -> str:
    """Where a page's source stands below the folder of the corpus."""
    return _path(dialect, shape.section(number), slug(number))


def page_text(shape: Shape, dialect: Dialect, number: int) -> str:
    """The source of one page."""
    rng = random.Random(99991 + number)
    day = f"20{rng.randint(19, 25):02d}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    description = _sentence(rng, 10, 16).replace("*", "")
    return _file(dialect, (title(number), description, day), _body(shape, number, dialect))


def write(shape: Shape, dialect: Dialect, folder: Path) -> None:
    """Write the whole corpus below `folder`, without the picture."""
    for number in range(shape.sections):
        below = folder / shape.section(number * shape.in_section)
        below.mkdir(parents=True, exist_ok=True)
    for path, text in _lists(shape, dialect):
        _write(folder / path, text)
    for number in range(shape.pages):
        _write(folder / page_path(shape, dialect, number), page_text(shape, dialect, number))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def picture() -> bytes:
    """A PNG of 320 by 200 grey points."""
    width, height = 320, 200
    rows = b"".join(b"\0" + bytes((x * 3 + y) % 256 for x in range(width)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(rows, 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
