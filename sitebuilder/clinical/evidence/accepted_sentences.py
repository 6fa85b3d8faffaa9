"""The sentences of pages about warning signs that a person has accepted.

Words can weaken a sign in more ways than any list of phrases holds. So each sentence of a page that
may name a sign, or gives an order that cannot wait, stands in content/emergency.accepted.yaml; a
new, changed or missing one is reported until it is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sitebuilder.content.decode import decode_text
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File, Page
from sitebuilder.core.problems import Problem, problem

ACCEPTED_PATH: Final = "content/emergency.accepted.yaml"
ACCEPT_COMMAND: Final = "python build.py signs --accept"

_ITEM: Final = "  - "


def dump_accepted(sentences: Mapping[str, Iterable[str]]) -> str:
    """Format the sentences to accept, by page id."""
    lines = [
        "# Sentences of pages that may name a warning sign, or say whom to call, as accepted.",
        f"# Written by '{ACCEPT_COMMAND}', never by hand.",
    ]
    for page_id, texts in sentences.items():
        rows = [f"{_ITEM}{json.dumps(text, ensure_ascii=False)}" for text in dict.fromkeys(texts)]
        lines += [f"{page_id}:", *rows] if rows else []
    return "\n".join(lines) + "\n"


def parse_accepted(file: File | None) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Return the accepted sentences by page id, and the problems."""
    if file is None:
        return {}, []
    text, problems = decode_text(file)
    found: dict[str, list[str]] = {}
    page_id = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(_ITEM) and page_id:
            try:
                found[page_id].append(str(json.loads(line.removeprefix(_ITEM))))
            except ValueError:
                problems.append(_malformed(file, number))
        elif line.endswith(":") and line[:1] not in {" ", "#"}:
            page_id = line[:-1]
            found[page_id] = []
        elif line and line[0] != "#":
            problems.append(_malformed(file, number))
    return {name: tuple(texts) for name, texts in found.items()}, problems


def nothing_accepted() -> Problem:
    """Return the problem of a site with words to watch for and no record, which checks nothing."""
    message = "no sentence about a warning sign is accepted, so none is checked"
    hint = f"Read what the pages say with a clinician, then run: {ACCEPT_COMMAND}"
    return problem("sign-sentence", ACCEPTED_PATH, message, hint=hint, line=1)


def _malformed(file: File, line: int) -> Problem:
    hint = f"Take back the change, or write the file anew: {ACCEPT_COMMAND}"
    message = "this line is not as the program writes it"
    return problem("sign-sentence", file.path, message, hint=hint, line=line)


def check_accepted(
    sentences: Iterable[tuple[str, int, int]], evidence: Evidence, page: Page
) -> Iterator[Problem]:
    """Report sentences that nobody has accepted, and accepted ones that are gone.

    Args:
        sentences: Text, line and column of each sentence of the page that has to be accepted.
        evidence: What is accepted; nothing is reported if the site keeps no such file.
        page: The page.
    """
    if not evidence.accepted:
        return
    hint = f"Read it with a clinician, then run: {ACCEPT_COMMAND}"
    gone = dict.fromkeys(evidence.accepted.get(page.id, ()))
    accepted = frozenset(text for texts in evidence.accepted.values() for text in texts)
    for text, line, column in sentences:
        gone.pop(text, None)
        if text not in accepted:
            message = f'nobody has accepted this sentence about a warning sign: "{text}"'
            yield problem("sign-sentence", page.path, message, hint=hint, line=line, column=column)
    for text in gone:
        message = f'the page no longer says what was accepted: "{text}"'
        line = page.lines.get("title", 1)
        yield problem("sign-sentence", page.path, message, hint=hint, line=line)
