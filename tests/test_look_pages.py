"""Pages of the site in a real Chromium, others each day: loaded once, then asked everything.

A load costs as much as most questions do, so all share it. A question that finds something fails
by its own name, `SUBFAILED[contrast] ...::test_page[/recovery/]`, and the others go on. That each
can find something at all, `test_look_judges.py` shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import look
import pytest
from modes import KEY_PAGES, chosen
from test_look_axe import axe
from test_look_contrast import contrast
from test_look_keyboard import focus, keys, skip_link
from test_look_parts import BOXES, dark_ground, forced_colours, no_motion, targets
from test_look_print import pdf, printed
from test_look_reflow import reflow, scrollers, sideways, spaced, tables, zoomed
from test_look_weight import one_request
from test_own_site import ALL, Reader

pytestmark = pytest.mark.browser

PAGES = ["/", *(f"/{name}/" for name in ALL if name != "."), "/404.html"]
TODAY = [p for n, p in enumerate(PAGES) if p in KEY_PAGES or chosen(n, 3)]
"""The key pages, and a third of the others: three days in a row ask all. The whole site's HTML,
links, weight and colours are judged in each run by tests that need no browser."""

# In this order: the skip link wants a page in which nothing had the focus yet; `printed` and `axe`
# want closed details, which from `contrast` on are open; the tree that `tables` asks for slows the
# browser down from then on; `one_request` judges all that was heard.
QUESTIONS: tuple[Callable[[look.OpenPage], list[str]], ...] = (
    skip_link,
    targets,
    sideways,
    forced_colours,
    dark_ground,
    no_motion,
    printed,
    pdf,
    axe,
    contrast,
    reflow,
    zoomed,
    spaced,
    scrollers,
    focus,
    keys,
    tables,
    one_request,
)


# Each page is a group of its own, so that they spread over the workers.
@pytest.mark.parametrize(
    "path", [pytest.param(p, marks=pytest.mark.xdist_group(f"look {p}")) for p in TODAY]
)
def test_page(
    path: str, public: Path, website: str, browser: Any, subtests: pytest.Subtests
) -> None:
    html = look.file_of(public, path).read_text()
    with look.opened(browser, website, path, html, PAGES.index(path)) as page:
        for question in QUESTIONS:
            with subtests.test(question.__name__):
                look.nothing([f"{path} {what}" for what in question(page)])


def test_each_page_that_was_built_is_asked(public: Path) -> None:
    assert sorted(PAGES) == sorted(look.paths(public))


def test_the_site_has_what_the_questions_are_about(public: Path) -> None:
    """They find nothing on a page without boxes, tables or scrollers; so some pages have them."""
    classes: list[str] = []
    tags: list[str] = []
    for path in PAGES:
        for tag, attributes in Reader(look.file_of(public, path).read_text()).tags:
            tags.append(tag)
            classes += (attributes.get("class") or "").split()
    assert classes.count("care") >= 3
    assert classes.count("scroll")
    assert tags.count("table")
    assert tags.count("details")
    boxes = [box[1:] for box in BOXES.split(", ") if re.fullmatch(r"\.[a-z-]+", box)]
    assert sum(map(classes.count, boxes)) + tags.count("figure") > 50
