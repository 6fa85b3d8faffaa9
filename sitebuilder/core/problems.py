"""Problems that a build reports, and the rules that they belong to.

Every stage returns its problems as values; none raises, logs or prints them. `apply_severities`
then orders them and applies the severities that config.yaml sets.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ERROR: Final = "error"
WARNING: Final = "warning"
ADVICE: Final = "advice"
OFF: Final = "off"

MAX_MESSAGE_LENGTH: Final = 600
"""Characters; longer messages and hints are cut in the middle."""

MAX_REPORTED: Final = 200
"""Problems of one severity that are reported for one file."""


MAX_REPEATED: Final = 3
"""Broken links to one target that are reported one by one."""

_MERGED_RULES: Final = frozenset({"broken-link", "draft-link"})


class Rule(msgspec.Struct, frozen=True):
    """A kind of problem.

    Attributes:
        severity: The severity if config.yaml sets none.
        about: What the rule finds, in words for editors.
        locked: The rule keeps script and secrets out. Config can lower the severity (the finding
            is then removed from the output and reported) but cannot turn the rule off.
        fixed: Config cannot change the severity: what the rule finds would publish a page that is
            empty, in the wrong place, or not fit for patients.
        by_date: What it finds falls due by the calendar alone. Config cannot make it an error, or
            a day would come on which not even an urgent correction could be published.
    """

    severity: str
    about: str
    locked: bool = False
    fixed: bool = False
    by_date: bool = False


RULES: Final[Mapping[str, Rule]] = {
    # Files and text
    "unreadable": Rule(ERROR, "a source file that cannot be read", fixed=True),
    "encoding": Rule(ERROR, "a text file that is not UTF-8", fixed=True),
    "control-character": Rule(ERROR, "a character that cannot be seen or printed", locked=True),
    "hidden-character": Rule(WARNING, "a character without width, where no script needs it"),
    "lost-character": Rule(ERROR, "a character that was lost when the file was saved"),
    "too-large": Rule(ERROR, "a file or line that is too large to be read", fixed=True),
    "file-type": Rule(WARNING, "a file of a kind that is not published", locked=True),
    "unsafe-file": Rule(
        ERROR, "a file that is broken, too large, or could run or fetch something", locked=True
    ),
    "telling-file": Rule(ADVICE, "a file that says who made it, or where"),
    "link-on-disk": Rule(ERROR, "a symbolic link in a source folder", locked=True),
    "merge-mark": Rule(ERROR, "a conflict left by a merge"),
    "no-pages": Rule(ERROR, "a site without any page", fixed=True),
    # Front matter, config and other data
    "yaml": Rule(ERROR, "data that cannot be read as strict YAML", fixed=True),
    "front-matter": Rule(ERROR, "front matter that is missing or not closed", fixed=True),
    "unknown-field": Rule(ERROR, "a field name that does not exist"),
    "missing-field": Rule(ERROR, "a field that must be there"),
    "bad-value": Rule(ERROR, "a field with a value that it cannot take"),
    "unknown-page": Rule(ERROR, "a page named in config or front matter that does not exist"),
    "unknown-template": Rule(ERROR, "a page that names a template that does not exist", fixed=True),
    # Addresses
    "address": Rule(ERROR, "an address that cannot be used", fixed=True),
    "address-taken": Rule(ERROR, "two things with one address", fixed=True),
    "no-url": Rule(WARNING, "no public address in config"),
    "placeholder-url": Rule(ERROR, "an example address on a site for patients", fixed=True),
    # Content
    "description": Rule(WARNING, "a page without a description"),
    "future-date": Rule(WARNING, "a page with a date that has not come yet"),
    "page-title": Rule(WARNING, "two pages with one title"),
    "heading": Rule(WARNING, "headings that skip a level, or a second page title"),
    "block": Rule(ERROR, "a block that is misspelt, not closed or wrongly filled"),
    "meaning": Rule(ERROR, "signs that readers would not see, or see where they mean nothing"),
    "stray-markup": Rule(WARNING, "a form of Markdown that has no effect here, or one unmeant"),
    "placeholder": Rule(ERROR, "words that were to be replaced before the page is published"),
    "empty-page": Rule(WARNING, "a page without text"),
    "too-complex": Rule(ERROR, "a page that would take too long to make", fixed=True),
    "raw-html": Rule(ERROR, "HTML tags in a page", locked=True),
    "source-mark": Rule(ERROR, "a source mark without a source, or the other way round"),
    "unlinked-file": Rule(ERROR, "a file in content/ that no page links to"),
    "orphan-page": Rule(ADVICE, "a page that no menu and no other page leads to"),
    # Links
    "broken-link": Rule(ERROR, "a link to a page or file that does not exist"),
    "broken-anchor": Rule(ERROR, "a link to a heading that does not exist"),
    "draft-link": Rule(ERROR, "a link to a draft"),
    "link-scheme": Rule(
        ERROR, "a link that is not https, http, mailto, tel or a path", locked=True
    ),
    "remote-image": Rule(ERROR, "a picture from another site", locked=True),
    # Templates and the finished page
    "template": Rule(ERROR, "a template with a mistake in it", fixed=True),
    "page-form": Rule(ERROR, "a finished page that is not well formed"),
    "unsafe-page": Rule(
        ERROR, "a finished page that could run script, or ask another site", fixed=True
    ),
    "contrast": Rule(ERROR, "two colours that meet with too little contrast"),
    # Evidence. Rules that are off by default are for sites that keep their facts as data
    "unknown-fact": Rule(ERROR, "a fact that is not in facts.yaml"),
    "unknown-reference": Rule(ERROR, "a source that is not in references.yaml"),
    "unknown-sign": Rule(ERROR, "a warning sign that is not in emergency.yaml", fixed=True),
    "missing-sign": Rule(
        ERROR, "a list without one of its warning signs, or no list for it", fixed=True
    ),
    "weak-sign": Rule(ERROR, "a warning sign with words that take something back"),
    "sign-order": Rule(ERROR, "a sentence that gives a warning sign another order than its own"),
    "sign-sentence": Rule(WARNING, "a sentence about a warning sign that nobody has accepted"),
    "emergency-number": Rule(ERROR, "an emergency number that is not the one in config"),
    "card-tier": Rule(ERROR, "a care card that is not as urgent as its signs"),
    "missing-card": Rule(ERROR, "a care card that is missing, folded away or too far down"),
    "unused-fact": Rule(WARNING, "a fact that no page uses"),
    "unused-reference": Rule(WARNING, "a source that no page and no fact uses"),
    "uncited-reference": Rule(WARNING, "a source whose facts no page uses"),
    "old-reference": Rule(WARNING, "an old source without a reason to keep it", by_date=True),
    "unused-term": Rule(WARNING, "a term that no page uses"),
    "own-source": Rule(OFF, "a source written in a page, not in references.yaml"),
    "loose-signs": Rule(OFF, "a care card whose signs are not from emergency.yaml"),
    "claim": Rule(OFF, "a figure that comes from no fact"),
    "wrong-fraction": Rule(ERROR, "a chance with a fraction that is another chance"),
    "no-claim": Rule(ADVICE, "a figure that an editor has marked as no claim"),
    "comparison": Rule(OFF, "a comparison without a source"),
    "balance": Rule(WARNING, "choices that are not presented alike"),
    # Clinical review
    "review-none": Rule(ERROR, "a page with facts, signs or a tool that nobody has to sign"),
    "unsigned": Rule(ERROR, "a clinical page that no clinician has signed", fixed=True),
    "review-claim": Rule(ERROR, "a review that is claimed but not on record", fixed=True),
    "review-record": Rule(ERROR, "a record of a review that cannot be true", fixed=True),
    "review-changed": Rule(WARNING, "a page that changed after it was signed"),
    "review-overdue": Rule(WARNING, "a page whose review is overdue", by_date=True),
    "review-due": Rule(ADVICE, "a page whose review is due soon", by_date=True),
    "owner": Rule(OFF, "a clinical page without an owner"),
    "change-log": Rule(OFF, "a clinical page without a change log for its readers"),
    # Plain language
    "reading-grade": Rule(OFF, "a page that is too hard to read"),
    "hard-block": Rule(OFF, "a part of a page that is too hard to read"),
    "very-long-sentence": Rule(OFF, "a sentence of more than 25 words"),
    "long-sentence": Rule(OFF, "a sentence of more than 20 words"),
    "long-paragraph": Rule(OFF, "a paragraph of more than 3 sentences"),
    "percentage": Rule(OFF, "a percentage or decimal where 'in 100' is plainer"),
    "denominators": Rule(OFF, "chances on one page that count among different numbers of people"),
    "unexplained-term": Rule(OFF, "a medical word that the glossary does not explain"),
    "mood-word": Rule(OFF, "a word of mood where a figure belongs"),
    "passive": Rule(OFF, "a sentence that does not say who acts"),
    # Decision tools
    "tool": Rule(ERROR, "a decision tool that cannot be read", fixed=True),
    "tool-safety": Rule(ERROR, "a decision tool that could lead past help", fixed=True),
    "tool-unreachable": Rule(ERROR, "a part of a decision tool that no answer reaches or changes"),
    "tool-outcomes": Rule(ERROR, "a decision tool whose results are not as accepted", fixed=True),
    "case": Rule(ERROR, "a case of cases.yaml that does not come out as it must", fixed=True),
    "case-missing": Rule(ADVICE, "a result of a decision tool that no case shows"),
    # Structured data
    "structured-data": Rule(ERROR, "search data that the page does not say", fixed=True),
    "more": Rule(WARNING, "more problems in one file than are shown", fixed=True),
    # The host
    "host": Rule(ERROR, "something that the host named in config cannot do"),
    "compress": Rule(ERROR, "compressed forms asked for, and no program to make them", fixed=True),
    # The output folder
    "output": Rule(ERROR, "an output folder that may not be written", fixed=True),
}


class Problem(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Something wrong with the site: where it is, what it is and how to fix it.

    Attributes:
        path: Path of the file, relative to the root of the site, with `/`.
        line: Line in the file, from 1; 0 for the file as a whole.
        column: Column in the line, from 1; 0 for the line as a whole.
        rule: A key of `RULES`.
        severity: `ERROR`, `WARNING` or `ADVICE`; `OFF` only until `apply_severities` drops it.
        message: What is wrong.
        hint: How to fix it; may be empty.
    """

    path: str
    line: int
    column: int
    rule: str
    severity: str
    message: str
    hint: str = ""


def problem(
    rule: str,
    path: str,
    message: str,
    *,
    hint: str = "",
    line: int = 0,
    column: int = 0,
) -> Problem:
    """Make a problem with the default severity of its rule.

    `message` and `hint` may quote from a file: long ones are shortened, and characters that a
    terminal would not show are escaped.

    Raises:
        KeyError: The rule is not in `RULES`.
    """
    message, hint = escape_unprintable(_shorten(message)), escape_unprintable(_shorten(hint))
    return Problem(path, line, column, rule, RULES[rule].severity, message, hint)


def _shorten(text: str) -> str:
    """Return the text, its middle left out if it is long."""
    if len(text) <= MAX_MESSAGE_LENGTH:
        return text
    return f"{text[: MAX_MESSAGE_LENGTH // 2]} ... {text[-MAX_MESSAGE_LENGTH // 3 :]}"


def escape_unprintable(text: str) -> str:
    """Escape characters that could control a terminal, or hide or reorder other text.

    Each is written as its code point, such as `U+202E`. Tabs become spaces.
    """
    if text.isprintable():
        return text
    return "".join(
        f"U+{ord(c):04X}"
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} and c != "\t"
        else c
        for c in text
    ).replace("\t", " ")


def apply_severities(problems: Iterable[Problem], checks: Mapping[str, str]) -> tuple[Problem, ...]:
    """Apply the severities of config.yaml, drop what is off, remove duplicates and sort.

    Of each file, at most `MAX_REPORTED` problems of each severity are kept; a problem of the rule
    `more` counts the rest.

    Args:
        problems: Problems with the default severity of their rule.
        checks: Severities by rule name; other rules keep theirs.
    """
    enabled: set[Problem] = set()
    for entry in problems:
        severity = checks.get(entry.rule, entry.severity)
        if severity != OFF:
            same = severity == entry.severity
            enabled.add(entry if same else msgspec.structs.replace(entry, severity=severity))
    enabled = set(_merge_repeated(enabled))
    counts: dict[tuple[str, str], int] = {}
    last_lines: dict[tuple[str, str], int] = {}
    reported: list[Problem] = []
    for entry in sorted(enabled):
        key = (entry.path, entry.severity)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MAX_REPORTED:
            reported.append(entry)
            last_lines[key] = entry.line
    more = [
        Problem(
            path,
            last_lines[path, severity],
            0,
            "more",
            severity,
            f"and {count - MAX_REPORTED} more",
        )
        for (path, severity), count in counts.items()
        if count > MAX_REPORTED
    ]
    return tuple(sorted([*reported, *more])) if more else tuple(reported)


def _merge_repeated(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Make one problem of many broken links to one target: a file was renamed, say."""
    repeated: dict[tuple[str, str], list[Problem]] = {}
    for entry in problems:
        if entry.rule in _MERGED_RULES:
            repeated.setdefault((entry.severity, entry.message), []).append(entry)
        else:
            yield entry
    for entries in repeated.values():
        first, *others = sorted(entries)
        if len(others) < MAX_REPEATED:
            yield from entries
            continue
        places = ", ".join(f"{other.path}:{other.line}" for other in others)
        hint = f"{first.hint} So do {len(others)} other links: {places}"
        yield msgspec.structs.replace(first, hint=_shorten(hint))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Return whether any of the problems prevents publishing."""
    return any(p.severity == ERROR for p in problems)


def enabled_rules(checks: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the rules that are not off.

    Args:
        checks: Severities by rule name, as in config.yaml.
    """
    return frozenset(name for name, rule in RULES.items() if checks.get(name, rule.severity) != OFF)
