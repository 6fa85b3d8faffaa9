"""What a tool does, as a file that a person has accepted: any change of logic shows in it.

The classes of answers are computed: two tools that do the same have the same file, whatever their
rules look like.
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
    """The file that holds what was accepted of a tool."""
    return f"{TOOLS_DIR}{tool.name}{SNAPSHOT_SUFFIX}"


def dump_snapshot(tool: Tool) -> str:
    """All that a tool does, in an order that follows from its questions."""
    space = build_state_space(tool)
    lines = [
        f"# What the tool '{tool.name}' does, as accepted. Written by '{ACCEPT_COMMAND}', never by hand.",
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
    """Flags and stops first, which come before every rule; then what the rules make."""
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
    """A question and its answers: what a changed word makes of an answer is a change too."""
    asked = [question.type, "to bring" if question.to_bring else "", question.text.text]
    yield f"  {question.id}: {_quote(_join(asked))}"
    for option in question.options:
        yield f"  {question.id}.{option.id}: {_quote(_join(_option_effects(option)))}"


def _option_effects(option: Option) -> list[str]:
    does = [FLAG_OUTCOMES.get(option.flag, ""), option.stop, "alone" if option.exclusive else ""]
    return [*does, f"note {option.note}" if option.note else "", option.text.text]


def _join(parts: Iterable[str]) -> str:
    return " | ".join(part for part in parts if part)


def _summarize_outcome(outcome: Outcome) -> str:
    shows = [outcome.level, outcome.title.text]
    shows += [f"offers {', '.join(outcome.offer)}"] if outcome.offer else []
    shows += [f"links {', '.join(outcome.links)}"] if outcome.links else []
    return _join(shows)


def check_snapshot(tool: Tool, file: File | None) -> list[Problem]:
    """The first class of answers in which a tool differs from what was accepted."""
    hint = f"Read the change with a clinician, then run: {ACCEPT_COMMAND}"
    if file is None:
        message = f"what the tool '{tool.name}' does was never accepted"
        return [problem("tool-outcomes", tool.path, message, hint=hint, line=1)]
    text, found = decode_text(file)
    now = dump_snapshot(tool).rstrip("\n").split("\n")
    then = text.rstrip("\n").split("\n")
    for number, (is_now, was) in enumerate(zip_longest(now, then, fillvalue="nothing"), 1):
        if is_now != was:
            if _is_state_count(is_now) and _is_state_count(was):
                continue  # a line further down says why there are more states or fewer
            message = f"the tool does '{_strip_yaml(is_now)}'; accepted is '{_strip_yaml(was)}'"
            return [*found, problem("tool-outcomes", file.path, message, hint=hint, line=number)]
    return found


def _is_state_count(line: str) -> bool:
    return line.startswith("states:")


def _strip_yaml(line: str) -> str:
    return line.strip().removeprefix("- ").replace('"', "")
