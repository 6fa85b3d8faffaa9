"""Each text of each page stands on a ground that tokens.json lists it with, in light and in dark.

tokens.json proves by arithmetic that every listed pair has contrast enough. Here a browser finds
every pair that the pages really use: each run of text, each sign made by the style, each label of
a figure. What it finds must be listed.
"""

from __future__ import annotations

from itertools import product

import look

from sitebuilder.assets.stylesheet import contrast_ratio

# Every run of text that is shown, with its colour and the first opaque colour behind it. Labels in
# figures have shapes behind them: the uppermost one at the middle of each letter. "not plain" is
# what cannot be judged by colours alone: see-through colours, faded parts, pictures as ground.
READ = """() => {
  const opaque = colour => !/rgba|transparent|\\/ /.test(colour);
  const clear = colour => /rgba\\(.*, 0\\)|^transparent$|^none$/.test(colour);
  const groundOf = element => {
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== 'none') return 'not plain: ' + style.backgroundImage;
      if (style.opacity !== '1') return 'not plain: opacity ' + style.opacity;
      if (opaque(style.backgroundColor)) return style.backgroundColor;
      if (!clear(style.backgroundColor)) return 'not plain: ' + style.backgroundColor;
    }
    return 'no ground';
  };
  const groundsInFigure = text => {
    text.scrollIntoView({block: 'center'});
    const grounds = new Map();
    for (let n = 0; n < text.getNumberOfChars(); n++) {
      const box = text.getExtentOfChar(n);
      const point = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2)
        .matrixTransform(text.getScreenCTM());
      const shape = document.elementsFromPoint(point.x, point.y).find(e =>
        e instanceof SVGGeometryElement && !clear(getComputedStyle(e).fill));
      grounds.set(shape, shape ? getComputedStyle(shape).fill : groundOf(text));
    }
    return [...grounds.values()];
  };
  const found = [];
  const add = (element, text, colour, grounds, kind) => grounds.forEach(ground => found.push(
    {at: selectorOf(element), text: text.trim().slice(0, 30), colour, ground, kind}));
  document.querySelectorAll('details').forEach(e => e.open = true);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest('svg')) {
      const text = element.closest('text');
      if (text) add(element, node.data, getComputedStyle(element).fill, groundsInFigure(text),
        'label');
    } else {
      const link = element.closest('a[href]') ? 'link' : 'text';
      add(element, node.data, getComputedStyle(element).color, [groundOf(element)], link);
    }
  }
  for (const element of document.body.querySelectorAll('*')) {
    for (const sign of ['::before', '::after', '::marker']) {
      const style = getComputedStyle(element, sign);
      const words = style.content.match(/^"([^"]*)"/)?.[1] ?? '';
      if (!words.trim() || style.display === 'none' || !element.checkVisibility()) continue;
      const own = style.backgroundColor;
      add(element, sign + words, style.color, [opaque(own) ? own : groundOf(element)], 'text');
    }
  }
  return found;
}"""


def names_of(colour: str, scheme: str) -> set[str]:
    """The tokens that have this colour, such as `rgb(20, 38, 43)`."""
    parts = colour.removeprefix("rgb(").removesuffix(")").split(", ")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return set()
    written = "#" + "".join(f"{int(part):02x}" for part in parts)
    return {name for name, value in look.tokens()[scheme].items() if value == written}


def pairs_of(finding: dict[str, str], scheme: str) -> set[tuple[str, str]]:
    """Every way to read the two colours as tokens."""
    return set(product(names_of(finding["colour"], scheme), names_of(finding["ground"], scheme)))


def listed(kind: str) -> set[tuple[str, str]]:
    """The pairs that have contrast enough for text; labels of figures are large or repeated."""
    enough = {"7", "4.5"} if kind == "label" else {"7"}
    return {
        (pair["text"], pair["on"])
        for pair in look.tokens()["pairs"]
        if pair["needs"] in enough and isinstance(pair["text"], str)
    }


def measured(finding: dict[str, str], scheme: str) -> str:
    text, ground = names_of(finding["colour"], scheme), names_of(finding["ground"], scheme)
    if not text or not ground:
        return f"{scheme}: {finding['colour']} on {finding['ground']} (not both tokens)"
    colours = look.tokens()[scheme]
    ratio = contrast_ratio(colours[min(text)], colours[min(ground)])
    return f"{scheme}: {'='.join(sorted(text))} on {'='.join(sorted(ground))} {ratio:.2f}:1"


def wrong_with(light: dict[str, str], dark: dict[str, str]) -> str:
    """Why this text is not one listed pair in both schemes; empty if it is."""
    both = pairs_of(light, "light") & pairs_of(dark, "dark")
    known = both & listed(light["kind"])
    if not known:
        return f"{measured(light, 'light')}; {measured(dark, 'dark')}"
    # A browser never tells a script that a link was visited, so its ground is looked up instead.
    grounds = {ground for text, ground in known if text == "link"}
    if light["kind"] == "link" and any(("visited", g) not in listed("text") for g in grounds):
        return f"visited on {'='.join(sorted(grounds))} is not listed"
    return ""


def contrast(page: look.OpenPage) -> list[str]:
    """On every page and in both schemes in every run: it is what lets axe take turns."""
    found = []
    for scheme in ("light", "dark"):
        page.show(look.DESKTOP, scheme)
        found.append(page.tab.evaluate(READ))
    assert [f["at"] for f in found[0]] == [f["at"] for f in found[1]]
    assert len(found[0]) > 20
    problems: dict[str, str] = {}
    for light, dark in zip(*found, strict=True):
        if why := wrong_with(light, dark):
            key = f"{light['at']} {why}"
            problems.setdefault(key, f"{light['at']} '{light['text']}': {why}")
    return list(problems.values())
