"""Snapshots of what tools do, accepted by a person: any change of logic shows in them.

The classes of answers are computed, so two tools that do the same have the same snapshot, whatever
their rules look like.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from sitebuilder.clinical.decision_tools.decision_diagram import build_diagram, iter_paths
from sitebuilder.clinical.decision_tools.parse import SNAPSHOT_SUFFIX
from sitebuilder.clinical.decision_tools.state_space import StateSpace, build_state_space
from sitebuilder.content.decode import decode_text
from sitebuilder.core.decision_tool import FLAG_OUTCOMES, TOOLS_DIR, Option, Outcome, Question, Tool
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

ACCEPT_COMMAND: Final = "python build.py tools --accept"


def snapshot_path(tool: Tool) -> str:
    """Return the path of the accepted snapshot of a tool."""
    return f"{TOOLS_DIR}{tool.name}{SNAPSHOT_SUFFIX}"


def dump_snapshot(tool: Tool) -> str:
    """Format the snapshot of a tool: classes of answers, questions with options, and outcomes."""
    space = build_state_space(tool)
    lines = [
        (
            f"# What the tool '{tool.name}' does, as accepted. "
            f"Written by '{ACCEPT_COMMAND}', never by hand."
        ),
        "# Each class of answers, and the result that it leads to. An earlier line stands over a",
        "# later one, and a result needs an answer to every question above it; 'check' compares.",
        f"tool: {tool.name}",
        f"states: {space.count_states(space.all_states)}",
        "classes:",
        *(f"  - {_quote(line)}" for line in _class_lines(tool, space)),
        "answers:",
        *(line for question in tool.questions for line in _question_lines(question)),
        "results:",
        *(
            f"  {outcome.name}: {_quote(_summarize_outcome(outcome))}"
            for outcome in tool.outcomes.values()
        ),
    ]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _class_lines(tool: Tool, space: StateSpace) -> Iterator[str]:
    """Yield the classes of answers: flags and stops, which come before every rule, then rules."""
    for flag, outcome in FLAG_OUTCOMES.items():
        for question in tool.questions:
            flagged = [o.id for o in question.options if o.flag == flag]
            if flagged:
                yield f"{question.id} with {' or '.join(flagged)} -> {outcome}"
    for question in tool.questions:
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop):
            names = [o.id for o in question.options if o.stop == stop]
            yield f"{question.id} {' or '.join(names)} -> {stop}"
    for when, outcome in iter_paths(space, build_diagram(space)):
        yield f"{'; '.join(when) or 'all answers'} -> {outcome}"


def _question_lines(question: Question) -> Iterator[str]:
    """Yield a question and its options with their words, as those can change the meaning."""
    parts = [question.type, "to bring" if question.to_bring else "", question.text.text]
    yield f"  {question.id}: {_quote(_join(parts))}"
    for option in question.options:
        yield f"  {question.id}.{option.id}: {_quote(_join(_option_effects(option)))}"


def _option_effects(option: Option) -> list[str]:
    effects = [FLAG_OUTCOMES.get(option.flag, ""), option.stop, "alone" if option.exclusive else ""]
    return [*effects, f"note {option.note}" if option.note else "", option.text.text]


def _join(parts: Iterable[str]) -> str:
    return " | ".join(part for part in parts if part)


def _summarize_outcome(outcome: Outcome) -> str:
    parts = [outcome.level, outcome.title.text]
    parts += [f"offers {', '.join(outcome.offer)}"] if outcome.offer else []
    parts += [f"links {', '.join(outcome.links)}"] if outcome.links else []
    return _join(parts)


def check_snapshot(tool: Tool, file: File | None) -> list[Problem]:
    """Report the first difference between a tool and its snapshot, or a missing snapshot."""
    hint = f"Read the change with a clinician, then run: {ACCEPT_COMMAND}"
    if file is None:
        message = f"what the tool '{tool.name}' does was never accepted"
        return [problem("tool-outcomes", tool.path, message, hint=hint, line=1)]
    text, problems = decode_text(file)
    current = dump_snapshot(tool).rstrip("\n").split("\n")
    accepted = text.rstrip("\n").split("\n")
    for number, (line, accepted_line) in enumerate(
        zip_longest(current, accepted, fillvalue="nothing"), 1
    ):
        if line != accepted_line:
            if _is_state_count(line) and _is_state_count(accepted_line):
                continue  # a later line shows why the number differs
            message = (
                f"the tool does '{_strip_yaml(line)}'; accepted is '{_strip_yaml(accepted_line)}'"
            )
            return [*problems, problem("tool-outcomes", file.path, message, hint=hint, line=number)]
    return problems


def _is_state_count(line: str) -> bool:
    return line.startswith("states:")


def _strip_yaml(line: str) -> str:
    return line.strip().removeprefix("- ").replace('"', "")
