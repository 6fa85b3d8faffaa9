"""Every page on paper, A4 and Letter: what is for the screen goes, what is for a patient stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import look
import pytest

pytestmark = pytest.mark.browser

# Width and height of the sheet in points, and of its text in CSS px between margins of 16 mm.
SHEETS = {"A4": (595, 842, 673), "Letter": (612, 792, 695)}
FOR_THE_SCREEN = (
    ".nav, .crumbs, .contents, .pager, .button, button:not(.term), .skip, .helpline, .foot nav"
)
FOR_A_PATIENT = ".care, .care > .head, .key-facts, .note, .draft, figure, figcaption, .rail > li"


def boxes(pdf: bytes) -> set[tuple[int, int]]:
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return {(round(float(wide)), round(float(high))) for wide, high in found}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_page_prints(website: str, public: Path, browser: Any, sheet: str):
    problems = []
    with look.tab(browser, color_scheme="dark") as page:
        for path in look.paths(public):
            page.goto(website + path)
            pdf = page.pdf(format=sheet)
            wide, high, _ = SHEETS[sheet]
            if not pdf.startswith(b"%PDF-") or len(pdf) < 5000:
                problems.append(f"{path} makes no PDF: {len(pdf)} bytes")
            off = {(w, h) for w, h in boxes(pdf) if abs(w - wide) > 1 or abs(h - high) > 1}
            if off or not boxes(pdf):
                problems.append(f"{path} is printed on {off or 'no sheet'}")
    look.nothing(problems)


# With print's rules at the width of the sheet: nothing may be cut off, for paper does not scroll.
READ = """([away, stay]) => {
  const found = [], say = (e, what) => found.push(`${selectorOf(e)} ${what}`);
  const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  for (const e of document.querySelectorAll(away)) if (shown(e)) say(e, 'is printed');
  for (const e of document.querySelectorAll(stay)) if (!shown(e)) say(e, 'is not printed');
  for (const e of document.querySelectorAll('details > :not(summary)'))
    if (!shown(e) || !e.getClientRects().length) say(e, 'is in closed details, not printed');
  for (const e of document.querySelectorAll('[popover]'))
    if (!shown(e)) say(e, 'is in a popover, not printed');
  const cut = e => e && (getComputedStyle(e).overflowX !== 'visible' || cut(e.parentElement));
  const width = document.documentElement.clientWidth;
  for (const e of document.body.querySelectorAll('*:not(svg *)')) {
    if (!shown(e)) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (box.right > width + .5 && !cut(e.parentElement))
      say(e, `ends at ${box.right.toFixed(0)} of ${width} px`);
    if (style.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
      say(e, `${e.scrollWidth} px wide, cut off at ${e.clientWidth} px`);
    if (style.overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1)
      say(e, `${e.scrollHeight} px high, cut off at ${e.clientHeight} px`);
  }
  const light = getComputedStyle(document.documentElement).colorScheme;
  if (light !== 'light') say(document.documentElement, `is printed ${light}`);
  return found;
}"""


@pytest.mark.parametrize("sheet", SHEETS)
def test_what_is_printed_and_what_is_not(website: str, public: Path, browser: Any, sheet: str):
    problems = []
    seen = 0
    size = {"width": SHEETS[sheet][2], "height": 900}
    with look.tab(browser, viewport=size, color_scheme="dark") as page:
        page.emulate_media(media="print")
        for path in look.paths(public):
            page.goto(website + path)
            seen += page.locator(".care").count()
            problems += [f"{path} {found}" for found in page.evaluate(READ, _ARGUMENTS)]
    assert seen >= 3
    look.nothing(problems)


_ARGUMENTS = [FOR_THE_SCREEN, FOR_A_PATIENT]
