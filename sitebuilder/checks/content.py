"""Check the content of a page: its language, its claims, and the ownership in its front matter."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Final

from sitebuilder.core.config import Config
from sitebuilder.core.model import Page, SitePage
from sitebuilder.core.passage import ReadingGrade
from sitebuilder.core.problems import Problem, problem

_LANGUAGE_RULES: Final = frozenset(
    "reading-grade hard-block very-long-sentence long-sentence long-paragraph percentage "
    "denominators unexplained-term mood-word passive".split()
)

_FRACTION: Final = re.compile(r"\(\d[\d,]* (?:out )?of \d")
_EVIDENCE_RULES: Final = frozenset({"claim", "comparison"})


def preload(enabled_rules: frozenset[str]) -> None:
    """Import the language checks if a rule needs them, once, before worker processes fork."""
    if enabled_rules & (_LANGUAGE_RULES | _EVIDENCE_RULES):
        import sitebuilder.checks.language  # noqa: F401, PLC0415 - takes as long as some pages


def check_content(
    site_page: SitePage, config: Config, enabled_rules: frozenset[str]
) -> tuple[ReadingGrade | None, list[Problem]]:
    """Check the ownership, the claims and the language of a page.

    Generated pages and pages outside of content/ are not checked.

    Returns:
        The reading grade and the problems. The grade is None if the page is not checked, if no
        enabled rule needs it, or if `check_language` gives none.
    """
    page = site_page.page
    if page.generated or not page.path.startswith("content/"):
        return None, []
    problems = list(_check_ownership(page, enabled_rules))
    wants_language = bool(enabled_rules & _LANGUAGE_RULES)
    needs_text = wants_language or "option" in page.body or site_page.evidence.orders is not None
    needs_text = needs_text or _FRACTION.search(page.body) is not None
    if not (needs_text or enabled_rules & _EVIDENCE_RULES):
        return None, problems  # no rule that is enabled needs the text
    from sitebuilder.checks.language import check_language  # noqa: PLC0415 - see `preload`

    grade, language_problems = check_language(
        site_page, config, enabled_rules, with_plain_language=wants_language
    )
    return grade, problems + language_problems


def _check_ownership(page: Page, enabled_rules: Container[str]) -> Iterator[Problem]:
    """Check that a clinical page names its owner and has a change log.

    Drafts are exempt: an editor who starts a page wants to see it first.
    """
    if page.review != "clinical" or page.draft:
        return
    line = page.lines.get("review", page.lines.get("title", 1))
    if "owner" in enabled_rules and not page.owner:
        hint = "Add a line 'owner: ...': who keeps the page true, a person or a role."
        yield problem("owner", page.path, "the page has no owner", hint=hint, line=line)
    if "change-log" in enabled_rules and not page.changes:
        hint = "Add 'changes:' with '- on: 2026-11-22' and '  what: First draft.' below it."
        yield problem("change-log", page.path, "the page has no change log", hint=hint, line=line)
