"""Every page on paper, A4 and Letter: what is for the screen goes, what is for a patient stays."""

from __future__ import annotations

import re

import look

# Width and height of the sheet in points, and of its text in CSS px between margins of 16 mm.
SHEETS = {"A4": (595, 842, 673), "Letter": (612, 792, 695)}
FOR_THE_SCREEN = (
    ".nav, .crumbs, .contents, .pager, .button, button:not(.term), .skip, .helpline, .foot nav"
)
FOR_A_PATIENT = ".care, .care > .head, .key-facts, .note, .draft, figure, figcaption, .rail > li"


def boxes(pdf: bytes) -> set[tuple[int, int]]:
    found = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return {(round(float(wide)), round(float(high))) for wide, high in found}


def pdf(page: look.OpenPage) -> list[str]:
    """Each page prints on one of the sheets, the other the next day; on key pages on both.

    With SOAK=1 all do on both. What is printed, and that nothing is cut off at the width of either
    sheet, `printed` judges on every page in every run.
    """
    problems = []
    page.show(look.DESKTOP, "dark")
    for number, (sheet, (wide, high, _)) in enumerate(SHEETS.items()):
        if not page.chosen(number, len(SHEETS)):
            continue
        made = page.tab.pdf(format=sheet)
        if not made.startswith(b"%PDF-") or len(made) < 5000:
            problems.append(f"makes no PDF: {len(made)} bytes")
        off = {(w, h) for w, h in boxes(made) if abs(w - wide) > 1 or abs(h - high) > 1}
        if off or not boxes(made):
            problems.append(f"is printed on {off or 'no sheet'}, not on {sheet}")
    return problems


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


def printed(page: look.OpenPage) -> list[str]:
    """To be asked while details are closed: their words must be printed all the same."""
    problems = []
    for sheet, (_, _, width) in SHEETS.items():
        page.close_details()
        page.show({"width": width, "height": 900}, "dark", media="print")
        found = page.tab.evaluate(READ, [FOR_THE_SCREEN, FOR_A_PATIENT])
        problems += [f"{sheet}: {what}" for what in found]
    return problems
