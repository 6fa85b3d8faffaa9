"""The print edition: the pages and sections that config lists, as one page for paper.

It is made from the Markdown of the pages, so that what is printed cannot differ from what is shown:
headings go down a level, and what only works on a screen is removed (images, citations,
some blocks) or becomes plain text (links).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sitebuilder.content.schema import closest_match
from sitebuilder.core import urls
from sitebuilder.core.config import CONFIG_PATH, Config, HandoutItem
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.code_lines import lines_outside_code

HANDOUT_TEMPLATE: Final = "handout"

_EDITIONS: Final = (
    (
        "handout",
        "The guide on paper",
        "The parts of the guide to have at hand, on one page to print.",
    ),
    (
        "handout-large",
        "The guide on paper, large print",
        "The parts of the guide to have at hand, to print in large letters.",
    ),
)
_SCREEN_ONLY: Final = ("figure", "chance")
"""Blocks that are left out: they would take up half of the paper."""

_MARKDOWN_IMAGE: Final = lazy_compile(r"!\[[^\]]*\]\([^)]*\)")
_MARKDOWN_LINK: Final = lazy_compile(r"\[([^\]^][^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_EXPLICIT_ID: Final = lazy_compile(r"\{#([a-z][\w-]*)\}\s*$")
_FOOTNOTE_REFERENCE: Final = lazy_compile(r"\[\^[^\]\s]+\]")
_FOOTNOTE_DEFINITION: Final = lazy_compile(r" {0,3}\[\^[^\]\s]+\]:")


def build_handouts(
    config: Config, pages: Mapping[str, Page], draft_ids: Iterable[str]
) -> tuple[list[Page], list[Problem]]:
    """Build the print edition in two sizes.

    Args:
        config: the configuration of the site.
        pages: the published pages, by id.
        draft_ids: the ids of the pages that are not published yet.

    Returns:
        Its pages, none if config lists no published page for it; and the problems.
    """
    problems: list[Problem] = []
    parts: list[str] = []
    clinical = False
    for item in config.handout:
        page = pages.get(item.page)
        if page is None:
            near = closest_match(item.page, pages)
            hint = f"Did you mean '{near}'?" if near else "Name a page by its address without '/'."
            rule, message = "unknown-page", f"handout: there is no page '{item.page}'"
            if item.page in draft_ids:
                rule, message = "draft-link", f"handout: the page '{item.page}' is a draft"
                hint = "Remove it here, or remove 'draft: true' from the page."
            problems.append(problem(rule, CONFIG_PATH, message, hint=hint, line=item.line))
            continue
        clinical = clinical or page.review != "none"
        sections = _split_sections(page.body)
        wanted = ("", *item.sections) if item.sections else tuple(sections)
        problems += _check_sections(item, sections)
        parts += [f"## {page.title}", *(sections[name] for name in wanted if name in sections)]
    body = "\n\n".join(parts)
    handouts = [
        Page(
            id=name,
            path=f"{name}/",
            address=f"/{name}/",
            title=title,
            description=about,
            body=body,
            body_line=1,
            template=HANDOUT_TEMPLATE,
            review="clinical" if clinical else "none",
            generated=True,
            for_print=True,
        )
        for name, title, about in _EDITIONS
    ]
    return (handouts if parts else []), problems


def _check_sections(item: HandoutItem, sections: Iterable[str]) -> Iterable[Problem]:
    names = [name for name in sections if name]
    for name in item.sections:
        if name not in names:
            near = closest_match(name, names)
            hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(names)}."
            message = f"handout: the page '{item.page}' has no section '{name}'"
            yield problem("unknown-page", CONFIG_PATH, message, hint=hint, line=item.line)


def _split_sections(body: str) -> dict[str, str]:
    """Return the sections, ready for paper, by heading id; "" is what comes before the first."""
    lines = body.split("\n")
    names: dict[int, str] = {}
    in_screen_block = False
    for number, line in lines_outside_code(body):
        opens = line.startswith(":::") and line.strip(": ").partition(" ")[0] in _SCREEN_ONLY
        in_screen_block = in_screen_block or opens
        if in_screen_block or _FOOTNOTE_DEFINITION.match(line):
            in_screen_block = in_screen_block and line.strip() != ":::"
            lines[number] = ""
            continue
        plain = _FOOTNOTE_REFERENCE.sub(
            "", _MARKDOWN_LINK.sub(r"\1", _MARKDOWN_IMAGE.sub("", line))
        )
        if plain.startswith("## "):
            own = _EXPLICIT_ID.search(plain)
            names[number] = own[1] if own else urls.slugify(plain)
        lines[number] = f"#{plain}" if plain.startswith("##") else plain
    starts = [0, *names]
    ends = [*names, len(lines)]
    titles = ["", *names.values()]
    return {
        title: "\n".join(lines[start:end]).strip()
        for title, start, end in zip(titles, starts, ends, strict=True)
        if "\n".join(lines[start:end]).strip()
    }
