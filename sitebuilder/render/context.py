"""What all pages of a site share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from sitebuilder.assets.published_paths import INLINE_DIR
from sitebuilder.assets.stylesheet import STYLESHEET, build_stylesheet, minify_js
from sitebuilder.clinical.decision_tools.compile_css import build_tool_stylesheet
from sitebuilder.clinical.decision_tools.page import TOOL_SCRIPT
from sitebuilder.clinical.decision_tools.page import TOOL_STYLESHEET as TOOL_SHEET
from sitebuilder.content.decode import decode_text
from sitebuilder.core.config import Config
from sitebuilder.core.model import Link, Site, SiteIndex, Sources
from sitebuilder.core.problems import Problem


class RenderContext(msgspec.Struct, frozen=True):
    """What every page may use. Kept small: a change here renders every page again.

    `templates` and `inline` map a name to its text, `styles` a page id to a style of its own.
    `unread`: the templates that are no text; no page is filled then.
    `designed`: the templates are the site's own, so nobody has tested them but the site.
    `preview`: for an editor's eyes, so the page leaves the policy to the server and may be a draft.
    """

    config: Config
    nav: tuple[Link, ...]
    footer: tuple[Link, ...]
    help: Link | None
    index: SiteIndex
    templates: Mapping[str, str]
    inline: Mapping[str, str]
    styles: Mapping[str, str] = {}
    unreadable_templates: tuple[str, ...] = ()
    custom_templates: bool = True
    preview: bool = False
    release: bool = False


def make_context(
    site: Site, inputs: Sources, *, preview: bool
) -> tuple[RenderContext, list[Problem]]:
    """What every page may use, and what is wrong with it."""
    inline = [f for f in inputs.static if f.path.startswith(INLINE_DIR)]
    texts = {file.path: decode_text(file) for file in (*inputs.templates, *inline)}
    problems = [p for _, found in texts.values() for p in found]
    unread = [p.path.removeprefix("templates/") for p in problems if p.rule == "encoding"]
    parts = {f.path.removeprefix(INLINE_DIR): texts[f.path][0] for f in inline}
    style, found = build_stylesheet(parts)
    shared = RenderContext(
        config=site.config,
        nav=site.nav,
        footer=site.footer,
        help=site.help,
        index=site.index,
        templates={f.path.removeprefix("templates/"): texts[f.path][0] for f in inputs.templates},
        inline={
            **{n: minify_js(t) if n == TOOL_SCRIPT else t for n, t in parts.items()},
            STYLESHEET: style,
        },
        styles=dict(_tool_stylesheets(site, parts)),
        unreadable_templates=tuple(unread),
        custom_templates=inputs.custom_templates,
        preview=preview,
        release=site.release,
    )
    return shared, problems + found


def _tool_stylesheets(site: Site, parts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """The style of each tool's page, by page id: the site's, and rules made of its table."""
    for place in site.pages:
        if place.tool and STYLESHEET in parts and TOOL_SHEET in parts:
            sheet = parts[STYLESHEET] + build_tool_stylesheet(parts[TOOL_SHEET], place.tool)
            yield place.page.id, build_stylesheet({**parts, STYLESHEET: sheet})[0]
