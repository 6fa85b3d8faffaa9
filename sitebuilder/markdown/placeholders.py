"""Report what an editor meant to replace before the page is published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sitebuilder.content.page_template import DESCRIPTION, PLACEHOLDER_SENTENCES
from sitebuilder.content.placeholder_words import PLACEHOLDER, may_have_placeholder
from sitebuilder.core.lazy_regex import lazy_compile
from sitebuilder.core.model import Page
from sitebuilder.core.problems import Problem, problem

_IN_BRACKETS: Final = lazy_compile(
    r"\[(?<!\]\[)(?:[A-Z][A-Z '/#&-]+[A-Z0-9]|(?i:(?:insert|enter|add|your|fill in) [^\[\]]*))\]"
    r"(?![(\[:])"
)


def find_placeholders(lines: Sequence[tuple[int, str]], page: Page) -> Iterator[Problem]:
    """Report words such as TODO and [PHONE NUMBER], and the sentences of a new page.

    Args:
        lines: Numbered lines of the body without code.
        page: The page. Drafts may have them.
    """
    if page.draft:
        return
    if page.description == DESCRIPTION:
        yield _unreplaced(page, page.lines.get("description", 1), 1, DESCRIPTION)
    body = page.body
    patterns = [_IN_BRACKETS] if _IN_BRACKETS.search(body) else []
    if may_have_placeholder(body):
        patterns.append(PLACEHOLDER)
    sentences = [re.escape(sentence) for sentence in PLACEHOLDER_SENTENCES if sentence in body]
    if sentences:
        patterns.append(re.compile("|".join(sentences)))
    for number, line in lines if patterns else ():
        for pattern in patterns:
            for match in pattern.finditer(line):
                yield _unreplaced(page, number, match.start() + 1, match[0])


def _unreplaced(page: Page, line: int, column: int, text: str) -> Problem:
    message = f"'{text}' was to be replaced, and would be published"
    hint = "Write what belongs there, or take it out."
    return problem("placeholder", page.path, message, hint=hint, line=line, column=column)
