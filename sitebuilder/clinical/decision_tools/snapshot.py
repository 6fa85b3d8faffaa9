"""Snapshots of what tools do and say, accepted by a person: any change shows in them.

The classes of answers are computed, so two tools that do the same have the same, whatever their
rules look like. What all tools share, and what they are checked against, has a snapshot of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

import msgspec

from sitebuilder.clinical.decision_tools.decision_diagram import (
    own_class_lines,
    safety_class_lines,
)
from sitebuilder.clinical.decision_tools.parse import SAFETY_PATH, SNAPSHOT_SUFFIX
from sitebuilder.clinical.decision_tools.text_rows import (
    choice_rows,
    list_rows,
    note_row,
    outcome_rows,
    question_rows,
    top_rows,
)
from sitebuilder.content.decode import decode_text
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem
from sitebuilder.core.safety_policy import SafetyPolicy

ACCEPT_COMMAND: Final = "python build.py tools --accept"
SAFETY_SNAPSHOT_PATH: Final = SAFETY_PATH.removesuffix(".yaml") + SNAPSHOT_SUFFIX

_NOT_GUARDS: Final = frozenset(("facts", "sources", "terms", "accepted"))
"""Parts of the evidence that are for readers, and checked in other ways."""

_NOT_ACCEPTED: Final = frozenset(("name", "line", "why", "excludes", "sources"))
"""Fields that no check depends on."""


def snapshot_path(tool: Tool) -> str:
    """Return the path of the accepted snapshot of a tool."""
    return f"{TOOLS_DIR}{tool.name}{SNAPSHOT_SUFFIX}"


# -- what is in them ------------------------------------------------------------------------------


def dump_snapshot(tool: Tool) -> str:
    """Format the snapshot of a tool: its classes of answers, and every text of its own."""
    words = [*top_rows(tool)]
    for question in tool.own_questions:
        words += question_rows(question)
    for outcome in tool.own_outcomes.values():
        words += outcome_rows(outcome)
    for choice in tool.catalog.values():
        words += choice_rows(choice)
    words += [note_row(n) for name, n in tool.notes.items() if name not in tool.safety.notes]
    words += list_rows(tool.standing_list)
    title = f"What the tool '{tool.name}' does and says"
    return _format(title, {"answers": own_class_lines(tool), "words": words})


def dump_safety_snapshot(tool: Tool, policy: SafetyPolicy, evidence: Evidence) -> str:
    """Format the snapshot of the safety part, of the signs, and of the policy.

    Args:
        tool: Any tool; all have the same safety part.
        policy: What tools are checked against.
        evidence: The signs and their lists.
    """
    safety = tool.safety
    words: list[str] = []
    for question in safety.questions:
        words += question_rows(question)
    for outcome in safety.outcomes.values():
        words += outcome_rows(outcome)
    words += map(note_row, safety.notes.values())
    guards = {**msgspec.structs.asdict(evidence), **msgspec.structs.asdict(policy)}
    sections = {
        "answers": safety_class_lines(tool),
        "words": words,
        "guards": [
            line
            for name, guard in guards.items()
            if name not in _NOT_GUARDS
            for line in _flatten(name, guard)
        ],
    }
    return _format("What all tools ask first, and what they are checked against", sections)


def _flatten(label: str, value: Any) -> Iterator[str]:
    """Yield each value of nested data, with the names that lead to it. Empty values are left out.

    Whatever a new field of the policy holds is in the snapshot without a change here.
    """
    if isinstance(value, msgspec.Struct):
        for field, each in msgspec.structs.asdict(value).items():
            if field not in _NOT_ACCEPTED:
                yield from _flatten(f"{label} {field}", each)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flatten(f"{label} {key}", each)
    elif isinstance(value, tuple):
        for each in value:
            if isinstance(each, msgspec.Struct):
                name = getattr(each, "name", "")
                yield from _flatten(f"{label} {name}" if name else label, each)
            else:
                yield f"{label}: {' or '.join(each) if isinstance(each, tuple) else each}"
    elif value:
        yield f"{label}: {value}"


def _format(title: str, sections: Mapping[str, Iterable[str]]) -> str:
    lines = [
        f"# {title}, as accepted. Written by '{ACCEPT_COMMAND}', never by hand.",
        "# Each class of answers stands with its result. 'check' compares every line.",
    ]
    for name, rows in sections.items():
        lines.append(f"{name}:")
        lines += [f"  - {json.dumps(each, ensure_ascii=False)}" for each in rows]
    return "\n".join(lines) + "\n"


# -- comparison -----------------------------------------------------------------------------------


def check_snapshot(tool: Tool, file: File | None) -> list[Problem]:
    """Report every difference between a tool and its snapshot, or a missing snapshot."""
    return _compare(dump_snapshot(tool), file, tool.path, f"what the tool '{tool.name}' does")


def check_safety_snapshot(
    tool: Tool, policy: SafetyPolicy, evidence: Evidence, file: File | None
) -> list[Problem]:
    """Report every difference between what tools share and its snapshot, or a missing snapshot."""
    current = dump_safety_snapshot(tool, policy, evidence)
    return _compare(current, file, tool.safety.path, "what all tools ask first")


def _compare(current: str, file: File | None, path: str, what: str) -> list[Problem]:
    hint = f"Read the change with a clinician, then run: {ACCEPT_COMMAND}"
    if file is None:
        return [problem("tool-outcomes", path, f"{what} was never accepted", hint=hint, line=1)]
    text, problems = decode_text(file)
    old, new = (each.rstrip("\n").split("\n") for each in (text, current))
    return problems + [
        problem("tool-outcomes", file.path, message, hint=hint, line=line)
        for line, message in _differences(old, new)
    ]


def _differences(old: list[str], new: list[str]) -> Iterator[tuple[int, str]]:
    """Yield a message for each difference, with its line in the old text.

    In a run of changed lines, those with one label belong together.
    """
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone = {number: old[number - 1] for number in range(start + 1, end + 1)}
        for line in new[new_start:new_end]:
            same = (n for n, each in gone.items() if _label(each) == _label(line))
            number = next(same, 0)
            if number:
                message = f"it is now '{_plain(line)}'; accepted is '{_plain(gone.pop(number))}'"
                yield number, message
            else:
                yield min(start + 1, len(old)), f"'{_plain(line)}' is new, and was never accepted"
        for number, line in gone.items():
            yield number, f"'{_plain(line)}' was accepted, and is gone"


def _label(line: str) -> str:
    """Return the names before the text of a line, without details; of a class, its answers."""
    return line.partition(" -> ")[0].partition(": ")[0].partition(" [")[0]


def _plain(line: str) -> str:
    """Return a line without the marks of YAML."""
    text = line.strip().removeprefix("- ")
    try:
        return str(json.loads(text))
    except ValueError:  # a heading, or changed by hand
        return text
