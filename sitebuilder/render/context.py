"""The render context: everything that all pages of a site share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from sitebuilder.assets.published_paths import INLINE_DIR
from sitebuilder.assets.stylesheet import STYLESHEET, build_stylesheet, minify_js
from sitebuilder.clinical.decision_tools.compile_css import build_tool_stylesheet
from sitebuilder.clinical.decision_tools.page import TOOL_SCRIPT, TOOL_STYLESHEET
from sitebuilder.content.decode import decode_text
from sitebuilder.core.config import Config
from sitebuilder.core.model import Link, Site, SiteIndex, Sources
from sitebuilder.core.problems import Problem


class RenderContext(msgspec.Struct, frozen=True):
    """What every page may use. It is small on purpose: if it changes, all pages are rendered again.

    Attributes:
        help: The link to the help page, if the site has one.
        templates: Text of each template, by its path below templates/.
        inline: Text of each file of static/inline/, by its path there.
        styles: Stylesheets of pages that do not use the common one, by page id.
        unreadable_templates: Templates that are not text. If there are any, no page is rendered.
        custom_templates: Whether the templates are the site's own, and so need checking: our tests
            cover the default templates only.
        preview: Whether the pages are for an editor: the server sends the content security policy,
            and drafts are included.
        release: Whether the pages are for patients.
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
    """Return the render context, and the problems of its templates, files and stylesheets."""
    inline_files = [file for file in inputs.static if file.path.startswith(INLINE_DIR)]
    decoded = {file.path: decode_text(file) for file in (*inputs.templates, *inline_files)}
    problems = [problem for _, found in decoded.values() for problem in found]
    unreadable = [p.path.removeprefix("templates/") for p in problems if p.rule == "encoding"]
    inline = {file.path.removeprefix(INLINE_DIR): decoded[file.path][0] for file in inline_files}
    stylesheet, style_problems = build_stylesheet(inline)
    context = RenderContext(
        config=site.config,
        nav=site.nav,
        footer=site.footer,
        help=site.help,
        index=site.index,
        templates={
            file.path.removeprefix("templates/"): decoded[file.path][0] for file in inputs.templates
        },
        inline={
            **{name: minify_js(t) if name == TOOL_SCRIPT else t for name, t in inline.items()},
            STYLESHEET: stylesheet,
        },
        styles=dict(_tool_stylesheets(site, inline)),
        unreadable_templates=tuple(unreadable),
        custom_templates=inputs.custom_templates,
        preview=preview,
        release=site.release,
    )
    return context, problems + style_problems


def _tool_stylesheets(site: Site, parts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield the page id and stylesheet of each decision tool: the site's, and its own rules."""
    for site_page in site.pages:
        tool = site_page.tool
        if tool and STYLESHEET in parts and TOOL_STYLESHEET in parts:
            css = parts[STYLESHEET] + build_tool_stylesheet(parts[TOOL_STYLESHEET], tool)
            yield site_page.page.id, build_stylesheet({**parts, STYLESHEET: css})[0]
