"""Parts in the reader's own settings: large enough to hit, seen in forced colours, dark from start.

Targets: what a finger needs (WCAG 2.5.5, 44 px), save for links and words in running text.
"""

from __future__ import annotations

import look

# A link is in running text if the block around it, or the whole list, has other words too.
TARGETS = """least => {
  const blocks = 'p, ul, ol, td, th, dd, dt, figcaption, caption, h1, h2, h3, h4, div, section';
  const words = e => e.textContent.replace(/\\s/g, '').length;
  const others = block => [...block.querySelectorAll('a')].reduce(
    (left, link) => left - words(link), words(block));
  const running = e => e.matches('a') && !e.matches('nav *, header *, footer *, .helpline *') &&
    getComputedStyle(e).display === 'inline' && others(e.closest(blocks)) > 0 ||
    e.matches('p .term, li .term, td .term, dd .term') ||
    e.matches('sup a, .footnote-backref');
  const found = [];
  let seen = 0;
  for (const e of document.querySelectorAll('a[href], button, summary, input, select')) {
    if (!e.checkVisibility({visibilityProperty: true}) || running(e)) continue;
    seen++;
    const {height, width} = e.getBoundingClientRect();
    if (height < least - .05 || width < 24)
      found.push(`${selectorOf(e)} is ${width.toFixed(1)} x ${height.toFixed(1)} px`);
  }
  return [seen, found];
}"""


def targets(page: look.OpenPage) -> list[str]:
    problems = []
    for width in (360, 1280):
        page.show({"width": width, "height": 800})
        seen, found = page.tab.evaluate(TARGETS, 44)
        assert seen >= 10
        problems += [f"{width} px: {what}" for what in found]
    return problems


BOXES = ".care, .note, .key-facts, figure, .draft, .box, .button, .rail > li::before"

BORDERS = """boxes => {
  const found = [];
  let seen = 0;
  for (const selector of boxes.split(', ')) {
    const [name, sign] = selector.split('::');
    for (const e of document.querySelectorAll(name)) {
      if (!e.checkVisibility()) continue;
      seen++;
      const style = getComputedStyle(e, sign ? '::' + sign : null);
      const ground = getComputedStyle(document.documentElement).backgroundColor;
      const bare = ['Top', 'Right', 'Bottom', 'Left'].filter(side =>
        style[`border${side}Style`] === 'none' || parseFloat(style[`border${side}Width`]) < 1 ||
        /^rgba.*, 0\\)$/.test(style[`border${side}Color`]) ||
        style[`border${side}Color`] === ground);
      if (bare.length) found.push(`${selectorOf(e)}${sign ? '::' + sign : ''} no border: ${bare}`);
    }
  }
  return [seen, found];
}"""


def forced_colours(page: look.OpenPage) -> list[str]:
    """Every box keeps a border where the reader's own colours take the place of all grounds."""
    problems = []
    for scheme in ("light", "dark"):
        page.show(look.DESKTOP, scheme, forced_colors="active")
        assert page.tab.evaluate("matchMedia('(forced-colors: active)').matches")
        _, found = page.tab.evaluate(BORDERS, BOXES)
        problems += [f"{scheme}: {what}" for what in found]
    return problems


def dark_ground(page: look.OpenPage) -> list[str]:
    """The browser learns of it before the style: no white flash, and dark scrollbars."""
    dark = look.tokens()["dark"]["page"]
    wanted = "rgb({}, {}, {})".format(*(int(dark[n : n + 2], 16) for n in (1, 3, 5)))
    problems = []
    at = page.html.find('<meta name="color-scheme" content="light dark">')
    if not 0 < at < page.html.index("<style>"):
        problems.append("color-scheme does not come before the style")
    page.show(look.DESKTOP, "dark")
    for element in ("html", "body"):
        ground = page.tab.evaluate(
            "name => getComputedStyle(document.querySelector(name)).backgroundColor", element
        )
        if ground not in ({wanted} if element == "html" else {wanted, "rgba(0, 0, 0, 0)"}):
            problems.append(f"{element} is {ground}, not {wanted}")
    return problems


def no_motion(page: look.OpenPage) -> list[str]:
    """Nothing moves for a reader who wants no motion."""
    page.show(look.DESKTOP)
    assert page.tab.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    moving = page.tab.evaluate(
        """() => [...document.querySelectorAll('*')].filter(e => {
          const s = getComputedStyle(e);
          return s.scrollBehavior !== 'auto' || s.animationName !== 'none' ||
            s.transitionDuration.split(', ').some(d => parseFloat(d) > 0);
        }).map(selectorOf)"""
    )
    return [f"{at} moves" for at in moving]
