"""A site and its sources in, what all its pages share out: menus, templates, styles, drawings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sitebuilder.assemble import INLINE
from sitebuilder.model import Inputs, Site
from sitebuilder.problems import Problem
from sitebuilder.render.shared import Shared
from sitebuilder.style import SHEET, style_of, tight
from sitebuilder.text import decode
from sitebuilder.tools.css import sheet_of
from sitebuilder.tools.pages import SCRIPT
from sitebuilder.tools.pages import SHEET as TOOL_SHEET


def shared_of(site: Site, inputs: Inputs, *, preview: bool) -> tuple[Shared, list[Problem]]:
    """What every page may use, and what is wrong with it."""
    inline = [f for f in inputs.static if f.path.startswith(INLINE)]
    texts = {file.path: decode(file) for file in (*inputs.templates, *inline)}
    problems = [p for _, found in texts.values() for p in found]
    unread = [p.path.removeprefix("templates/") for p in problems if p.rule == "encoding"]
    parts = {f.path.removeprefix(INLINE): texts[f.path][0] for f in inline}
    style, found = style_of(parts)
    shared = Shared(
        config=site.config,
        nav=site.nav,
        footer=site.footer,
        help=site.help,
        outline=site.outline,
        templates={f.path.removeprefix("templates/"): texts[f.path][0] for f in inputs.templates},
        inline={**{n: tight(t) if n == SCRIPT else t for n, t in parts.items()}, SHEET: style},
        styles=dict(_styles(site, parts)),
        unread=tuple(unread),
        designed=inputs.designed,
        preview=preview,
        release=site.release,
    )
    return shared, problems + found


def _styles(site: Site, parts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The style of each tool's page, by page id: the site's, and rules made of its table."""
    for place in site.places:
        if place.tool and SHEET in parts and TOOL_SHEET in parts:
            sheet = parts[SHEET] + sheet_of(parts[TOOL_SHEET], place.tool)
            yield place.page.id, style_of({**parts, SHEET: sheet})[0]
