"""The pages and sections that config lists, in; the whole guide as one page for paper, out.

It is made of the pages' own Markdown, so that what is printed cannot differ from what is shown:
headings go down a level, and what only works on a screen (links, source marks) becomes plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sitebuilder.content.schema import closest_match
from sitebuilder.core import urls
from sitebuilder.core.config import CONFIG_PATH as CONFIG
from sitebuilder.core.config import Config, HandoutItem
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem
from sitebuilder.markdown.blocks import lines_outside_code

TEMPLATE: Final = "handout"

_WIDTHS: Final = (
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
"""Blocks that stay on the web pages: they would take up half of the paper."""

_IMAGE: Final = lazy_compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK: Final = lazy_compile(r"\[([^\]^][^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_OWN_ID: Final = lazy_compile(r"\{#([a-z][\w-]*)\}\s*$")
_MARK: Final = lazy_compile(r"\[\^[^\]\s]+\]")
_NOTE: Final = lazy_compile(r" {0,3}\[\^[^\]\s]+\]:")


def build_handouts(
    config: Config, pages: Mapping[str, Page], drafts: Iterable[str]
) -> tuple[list[Page], list[Problem]]:
    """The pages for paper, in two sizes; none if config lists nothing.

    `pages` are by id; `drafts` are the ids of those that are not published yet.
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
            if item.page in drafts:
                rule, message = "draft-link", f"handout: the page '{item.page}' is a draft"
                hint = "Take it out here, or take 'draft: true' out of the page."
            problems.append(problem(rule, CONFIG, message, hint=hint, line=item.line))
            continue
        clinical = clinical or page.review != "none"
        sections = _split_sections(page.body)
        wanted = ("", *item.sections) if item.sections else tuple(sections)
        problems += _unknown_section(item, sections)
        parts += [f"## {page.title}", *(sections[name] for name in wanted if name in sections)]
    body = "\n\n".join(parts)
    made = [
        Page(
            id=name,
            path=f"{name}/",
            address=f"/{name}/",
            title=title,
            description=about,
            body=body,
            body_line=1,
            template=TEMPLATE,
            review="clinical" if clinical else "none",
            generated=True,
            for_print=True,
        )
        for name, title, about in _WIDTHS
    ]
    return (made if parts else []), problems


def _unknown_section(item: HandoutItem, sections: Iterable[str]) -> Iterable[Problem]:
    known = [name for name in sections if name]
    for name in item.sections:
        if name not in known:
            near = closest_match(name, known)
            hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(known)}."
            message = f"handout: the page '{item.page}' has no section '{name}'"
            yield problem("unknown-page", CONFIG, message, hint=hint, line=item.line)


def _split_sections(body: str) -> dict[str, str]:
    """Sections by the id of their heading, ready for paper; "" is what comes before the first."""
    lines = body.split("\n")
    names: dict[int, str] = {}
    left_out = False
    for number, line in lines_outside_code(body):
        opens = line.startswith(":::") and line.strip(": ").partition(" ")[0] in _SCREEN_ONLY
        left_out = left_out or opens
        if left_out or _NOTE.match(line):
            left_out = left_out and line.strip() != ":::"
            lines[number] = ""
            continue
        plain = _MARK.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line)))
        if plain.startswith("## "):
            own = _OWN_ID.search(plain)
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
