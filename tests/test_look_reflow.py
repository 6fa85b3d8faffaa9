"""Nothing scrolls sideways and nothing is cut off: narrow, zoomed, with the reader's own spacing.

WCAG 2.2, 1.4.10 (reflow: 320 px, which is 1280 px at 400 %) and 1.4.12 (text spacing).
"""

from __future__ import annotations

import look

SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""

SMALL = {"width": 320, "height": 640}
# 1280 px by 1024 px at 400 %.
ZOOMED = {"width": 320, "height": 256, "deviceScaleFactor": 4, "mobile": False}

# A region that scrolls by itself may hold something wide; but it must scroll, not hide.
READ = """() => {
  const found = [], root = document.documentElement, width = root.clientWidth;
  const say = (element, what) => found.push(`${selectorOf(element)}: ${what}`);
  document.querySelectorAll('details').forEach(e => e.open = true);
  if (root.scrollWidth > width) say(root, `page is ${root.scrollWidth} px wide in ${width} px`);
  const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowX);
  const inside = e => e && e !== document.body && (scrolls(e) || inside(e.parentElement));
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    if (element.matches('.skip, .skip *')) continue;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (element.closest('svg')) {
      const paper = element.closest('svg').getBoundingClientRect();
      const out = Math.max(paper.left - box.left, box.right - paper.right,
        paper.top - box.top, box.bottom - paper.bottom);
      if (element.localName === 'text' && out > 1)
        say(element, `'${element.textContent}' is ${out.toFixed(1)} px outside its figure`);
      continue;
    }
    if (box.width && !inside(element) && (box.right > width + .5 || box.left < -.5))
      say(element, `from ${box.left.toFixed(0)} to ${box.right.toFixed(0)} px of ${width} px`);
    const hides = overflow => /hidden|clip/.test(overflow);
    if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
      say(element, `${element.scrollHeight} px high, cut off at ${element.clientHeight} px`);
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      say(element, `${element.scrollWidth} px wide, cut off at ${element.clientWidth} px`);
  }
  return found;
}"""


def sideways(page: look.OpenPage) -> list[str]:
    """The page as it comes, with closed details; `reflow` opens them."""
    problems = []
    for width in (320, 360, 1280):
        page.show({"width": width, "height": 800})
        page.close_details()
        wide = page.tab.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            problems.append(f"page is {wide} px wide in {width} px")
    return problems


def reflow(page: look.OpenPage) -> list[str]:
    page.show(SMALL)
    return [f"320 px: {what}" for what in page.tab.evaluate(READ)]


def zoomed(page: look.OpenPage) -> list[str]:
    """Not a narrow screen alone: a low one too, with four dots to a px."""
    page.show(SMALL)
    browser = page.tab.context.new_cdp_session(page.tab)
    browser.send("Emulation.setDeviceMetricsOverride", ZOOMED)
    try:
        shown = page.tab.evaluate("[innerWidth, innerHeight, devicePixelRatio]")
        assert shown == [320, 256, 4]
        return [f"at 400 %: {what}" for what in page.tab.evaluate(READ)]
    finally:
        browser.send("Emulation.clearDeviceMetricsOverride")
        browser.detach()
        # Playwright does not know of it, and would leave a size alone that it set before.
        page.show(look.DESKTOP)


def spaced(page: look.OpenPage) -> list[str]:
    """With the reader's own spacing, in a sheet that no policy of the page can refuse."""
    problems = []
    for size in (SMALL, look.DESKTOP):
        page.show(size)
        page.tab.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        before = page.tab.evaluate("document.documentElement.scrollHeight")
        page.tab.evaluate(
            """style => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync(style);
              document.adoptedStyleSheets = [sheet];
            }""",
            SPACING,
        )
        try:
            assert page.tab.evaluate("document.documentElement.scrollHeight") > before
            found = page.tab.evaluate(READ)
        finally:
            page.tab.evaluate("document.adoptedStyleSheets = []")
        problems += [f"{size['width']} px, spaced: {what}" for what in found]
    return problems


def scrollers(page: look.OpenPage) -> list[str]:
    """A reader without a mouse moves it with the arrow keys; in every browser, by tabindex."""
    page.show(SMALL)
    found = page.tab.evaluate(
        """() => [...document.body.querySelectorAll('*')].filter(e =>
          /auto|scroll/.test(getComputedStyle(e).overflowX) &&
          (e.matches('.scroll, pre') || e.scrollWidth > e.clientWidth)).map(e =>
          [selectorOf(e), e.tabIndex === 0 && e.hasAttribute('tabindex'),
           !!(e.ariaLabel || e.getAttribute('aria-labelledby')) && !!e.role])"""
    )
    return [
        *(f"{at}: no tabindex=0" for at, focus, _ in found if not focus),
        *(f"{at}: no role and name" for at, _, name in found if not name),
    ]


def tables(page: look.OpenPage) -> list[str]:
    """Style that lays cells out as blocks can take their roles away; the browser's tree tells.

    The row of column names may be hidden there: each cell then says its own in words. To be asked
    late: once the tree has been made, the browser keeps it up to date at each change of the page.
    """
    problems = []
    count = """() => Object.fromEntries([['row', 'tr'], ['cell', 'td'],
      ['columnheader', 'thead th'], ['rowheader', 'tbody th'], ['list', 'ol, ul']].map(
      ([role, selector]) => [role, [...document.querySelectorAll(selector)].filter(e =>
        e.checkVisibility() && !e.closest('[aria-hidden=true]')).length]))"""
    page.show(look.PHONE)
    page.close_details()
    wanted = page.tab.evaluate(count)
    tree = page.tab.context.new_cdp_session(page.tab).send("Accessibility.getFullAXTree")
    roles = [node["role"]["value"] for node in tree["nodes"] if not node["ignored"]]
    for role, number in wanted.items():
        found = roles.count(role) + (roles.count("gridcell") if role == "cell" else 0)
        if found != number:
            problems.append(f"has {found} of {number} {role}s in its tree")
    return problems
