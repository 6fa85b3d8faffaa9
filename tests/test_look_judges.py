"""Each question of test_look_pages.py can find something: it does on a page with that one fault.

Without this a question whose selector matches nothing any more would pass for ever. The faults are
planted into a short page of ours, whose policy is renewed, so that the page is served as any other.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import look
import modes
import pytest
from conftest import serve_folder
from test_look_axe import axe
from test_look_contrast import contrast
from test_look_keyboard import focus, keys, skip_link
from test_look_pages import QUESTIONS
from test_look_parts import dark_ground, forced_colours, no_motion, targets
from test_look_print import boxes, pdf, printed
from test_look_reflow import reflow, scrollers, sideways, spaced, tables, zoomed
from test_look_weight import one_request

pytestmark = pytest.mark.browser

PAGE = "404.html"
DARK = "@media (prefers-color-scheme: dark)"
WIDE = "@media (min-width: 1000px)"
COVER = "#x { position: fixed; inset: 0; z-index: 9; background: #fff }"
TOO_WIDE = "#x { position: absolute; left: 0; width: 500px }"
UNMARKED = "#x, #x:focus-visible { outline: none; background: none; box-shadow: none }"
LINK = "<p><a id=x href='/'>Home</a></p>"
SKIP = '<a class="skip" href="#main">'
SCHEME = '<meta name="color-scheme" content="light dark">'


@dataclass(frozen=True)
class Fault:
    question: Callable[[look.OpenPage], list[str]]
    finds: tuple[str, ...]
    """Words of each finding, with the width or the scheme if the question looks at several."""
    markup: str = ""
    """Stands at the end of the main part."""
    style: str = ""
    """Rules for it: `x` is its id."""
    change: tuple[str, str] = ("", "")
    """Words of the page, and what stands in their place."""


FAULTS = [
    Fault(
        skip_link, ("first stop is not a.skip",), change=(SKIP, SKIP.replace(">", " tabindex=-1>"))
    ),
    Fault(
        skip_link,
        ("in sight before",),
        style=".skip { position: static !important; transform: none !important }",
    ),
    Fault(
        skip_link, ("not wholly in sight",), style=".skip:focus { translate: -50% 0 !important }"
    ),
    Fault(
        skip_link, ("does not go to #main",), change=(SKIP, SKIP.replace(">", " target=_blank>"))
    ),
    Fault(
        targets,
        ("360 px: button#x is",),
        "<p><button id=x>Go</button></p>",
        "#x { height: 30px; min-height: 0; padding: 0 }",
    ),
    Fault(
        targets,
        ("1280 px: button#x is",),
        "<p><button id=x>Go</button></p>",
        f"#x {{ min-height: 48px }} {WIDE} {{ #x {{ height: 30px; min-height: 0; padding: 0 }} }}",
    ),
    Fault(
        sideways,
        ("page is 500 px wide in 320 px",),
        "<p id=x>Wide</p>",
        TOO_WIDE,
    ),
    Fault(
        sideways,
        ("page is 1400 px wide in 1280 px",),
        "<p id=x>Wide</p>",
        f"{WIDE} {{ #x {{ position: absolute; left: 0; width: 1400px }} }}",
    ),
    Fault(
        forced_colours,
        ("light: div#x no border",),
        "<div class=note id=x>Note</div>",
        "#x { border: 0 }",
    ),
    Fault(
        forced_colours,
        ("dark: div#x no border",),
        "<div class=note id=x>Note</div>",
        f"{DARK} {{ #x {{ border: 0 }} }}",
    ),
    Fault(
        dark_ground,
        ("html is rgb(255, 255, 255)",),
        style=f"{DARK} {{ html {{ background: #fff }} }}",
    ),
    Fault(dark_ground, ("color-scheme does not come before",), change=(SCHEME, "")),
    Fault(no_motion, ("p#x moves",), "<p id=x>Slow</p>", "#x { transition: color 1s !important }"),
    Fault(no_motion, ("html moves",), style="html { scroll-behavior: smooth !important }"),
    Fault(
        printed,
        ("A4: p#x ends at 700 of 673 px", "Letter: p#x ends at 700 of 695 px"),
        "<p id=x>Wide</p>",
        "#x { position: absolute; left: 0; width: 700px; max-width: none }",
    ),
    Fault(
        printed,
        ("nav#x is printed",),
        "<nav class=nav id=x>On</nav>",
        "@media print { #x { display: block !important } }",
    ),
    Fault(
        printed,
        ("div#x is not printed",),
        "<div class=note id=x>Note</div>",
        "@media print { #x { display: none !important } }",
    ),
    Fault(
        printed,
        ("is in closed details, not printed",),
        "<details><summary>More</summary><p id=x>Words</p></details>",
        "@media print { #x { display: none !important } }",
    ),
    Fault(pdf, ("makes no PDF",), style="html { display: none !important }"),
    Fault(
        pdf,
        ("not on A4", "not on Letter"),
        style="@page { size: landscape }",
    ),
    Fault(
        axe,
        ("light 360 px: violation link-name: ", "dark 1280 px: violation link-name: "),
        "<p><a href='/'></a></p>",
    ),
    Fault(
        contrast,
        ("p#x 'Pale': light: rgb(119, 119, 119)",),
        "<p id=x>Pale</p>",
        "#x { color: #777 }",
    ),
    Fault(
        contrast,
        ("dark: rgb(119, 119, 119)",),
        "<p id=x>Pale</p>",
        f"{DARK} {{ #x {{ color: #777 }} }}",
    ),
    Fault(
        contrast,
        ("(not both tokens)",),
        "<p id=x>Words</p>",
        "#x::before { content: 'Sign'; color: #777 }",
    ),
    Fault(
        reflow,
        ("p#x: from 0 to 500 px of 320 px",),
        "<p id=x>Wide</p>",
        TOO_WIDE,
    ),
    Fault(
        reflow,
        ("px high, cut off at 10 px",),
        "<p id=x>Words</p>",
        "#x { height: 10px; overflow: hidden }",
    ),
    Fault(
        zoomed,
        ("p#x: from 0 to 500 px of 320 px",),
        "<p id=x>Wide</p>",
        f"@media (min-resolution: 4dppx) and (max-height: 256px) {{ {TOO_WIDE} }}",
    ),
    Fault(
        spaced,
        ("320 px, spaced: p#x: ", "1280 px, spaced: p#x: "),
        "<p id=x>Words</p>",
        "#x { line-height: 1; height: 1.3em; overflow: hidden }",
    ),
    Fault(
        scrollers,
        ("div#x: no tabindex=0", "div#x: no role and name"),
        "<div class=scroll id=x>Wide</div>",
    ),
    Fault(
        focus,
        ("a#x looks the same",),
        LINK,
        UNMARKED,
    ),
    Fault(
        focus,
        ("1280 px: a#x looks the same",),
        LINK,
        f"{WIDE} {{ {UNMARKED} }}",
    ),
    Fault(focus, ("is covered by p#x",), "<p id=x></p>", COVER),
    Fault(focus, ("a#x has tabindex 1",), "<p><a id=x tabindex=1 href='/'>Home</a></p>"),
    Fault(focus, ("a#x has tabindex -1",), "<p><a id=x tabindex=-1 href='/'>Home</a></p>"),
    Fault(focus, ("p#x takes the focus but is no control",), "<p id=x tabindex=1>Words</p>"),
    Fault(
        keys, ("360 px: a#x is reached 0 times",), "<p><a id=x tabindex=-1 href='/'>Home</a></p>"
    ),
    Fault(
        keys,
        ("1280 px: a#x looks the same",),
        LINK,
        UNMARKED,
    ),
    Fault(keys, ("comes after a#x",), "<p><a id=x tabindex=1 href='/'>Home</a></p>"),
    Fault(keys, ("summary#x does not open with Enter",), "<summary id=x tabindex=0>More</summary>"),
    Fault(keys, ("p#x takes the focus but is no control",), "<p id=x tabindex=1>Words</p>"),
    Fault(keys, ("is covered by p#x",), "<p id=x></p>", COVER),
    Fault(tables, ("has 0 of 1 rows",), "<table role=presentation><tr><td>Cell</td></tr></table>"),
    Fault(
        one_request,
        ("asks for", "console: "),
        "<img src='/other.png' alt=''>",
    ),
    Fault(one_request, ("refused: img-src",), "<img src='https://example.com/x.png' alt=''>"),
    Fault(one_request, ("refused: style-src-elem",), "<style>#x { color: red }</style>"),
    Fault(one_request, ("has no policy",), change=("default-src", "object-src")),
]


def planted(html: str, fault: Fault) -> str:
    """The page with the fault, and a policy that allows its style."""

    def replaced(old: str, new: str) -> None:
        nonlocal html
        assert html.count(old) == 1, old
        html = html.replace(old, new)

    style = html.partition("<style>")[2].partition("</style>")[0]
    if fault.change[0]:
        replaced(*fault.change)
    replaced("</main>", fault.markup + "</main>")
    replaced(style, style + fault.style)
    replaced(_hash(style), _hash(style + fault.style))
    return html


def _hash(style: str) -> str:
    return b64encode(sha256(style.encode()).digest()).decode()


@pytest.fixture(scope="module")
def folder(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("judges")
    html = (public / PAGE).read_text()
    for number, fault in enumerate(FAULTS):
        (root / str(number)).mkdir()
        (root / str(number) / PAGE).write_text(planted(html, fault))
    for icon in public.glob("*.svg"):
        (root / icon.name).write_bytes(icon.read_bytes())
    return root


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    yield from serve_folder(folder)


FIRST = {fault.question: number for number, fault in reversed(list(enumerate(FAULTS)))}
"""The first fault of each question, by its number."""


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            number,
            id=f"{fault.question.__name__}: {fault.finds[0]}",
            marks=pytest.mark.xdist_group(f"look judges {fault.question.__name__}"),
        )
        for number, fault in enumerate(FAULTS)
        # One fault of each question in every run; of the others a third, all within three days.
        if FIRST[fault.question] == number or modes.chosen(number, 3)
    ],
)
def test_a_question_finds_its_fault(
    number: int, folder: Path, address: str, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modes, "SOAK", True)  # all settings: none waits for its day
    fault = FAULTS[number]
    path = f"/{number}/{PAGE}"
    with look.opened(browser, address, path, look.file_of(folder, path).read_text()) as page:
        page.tab.wait_for_load_state("load")
        found = fault.question(page)
    missed = [words for words in fault.finds if not any(words in what for what in found)]
    assert missed == [], found


def test_each_question_has_a_fault() -> None:
    assert {fault.question for fault in FAULTS} == set(QUESTIONS)


def test_the_size_of_a_sheet_is_read_from_its_pdf() -> None:
    assert boxes(b"<< /MediaBox [0 0 612 792.0] >> << /MediaBox [0 0 595.32 842] >>") == {
        (612, 792),
        (595, 842),
    }
