"""What a tool does, as a file that a person has accepted: any change of logic shows in it.

The classes of answers are computed: two tools that do the same have the same file, whatever their
rules look like.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from sitebuilder.clinical.decision_tools.decision_diagram import diagram_of, paths
from sitebuilder.clinical.decision_tools.parse import ACCEPTED
from sitebuilder.clinical.decision_tools.state_space import Space, space_of
from sitebuilder.content.decode import decode
from sitebuilder.core.decision_tool import FLAGS, FOLDER, Option, Outcome, Question, Tool
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem

ACCEPT: Final = "python build.py tools --accept"


def path_of(tool: Tool) -> str:
    """The file that holds what was accepted of a tool."""
    return f"{FOLDER}{tool.name}{ACCEPTED}"


def outcomes_yaml(tool: Tool) -> str:
    """All that a tool does, in an order that follows from its questions."""
    space = space_of(tool)
    lines = [
        f"# What the tool '{tool.name}' does, as accepted. Written by '{ACCEPT}', never by hand.",
        "# Each class of answers, and the result that it leads to. An earlier line stands over a",
        "# later one, and a result needs an answer to every question above it; 'check' compares.",
        f"tool: {tool.name}",
        f"states: {space.count(space.every)}",
        "classes:",
        *(f"  - {_quoted(line)}" for line in _classes(tool, space)),
        "answers:",
        *(line for question in tool.questions for line in _asked(question)),
        "results:",
        *(f"  {outcome.name}: {_quoted(_shows(outcome))}" for outcome in tool.outcomes.values()),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _classes(tool: Tool, space: Space) -> Iterator[str]:
    """Flags and stops first, which come before every rule; then what the rules make."""
    for flag, outcome in FLAGS.items():
        for question in tool.questions:
            flagged = [o.id for o in question.options if o.flag == flag]
            if flagged:
                yield f"{question.id} with {' or '.join(flagged)} -> {outcome}"
    for question in tool.questions:
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop):
            names = [o.id for o in question.options if o.stop == stop]
            yield f"{question.id} {' or '.join(names)} -> {stop}"
    for when, outcome in paths(space, diagram_of(space)):
        yield f"{'; '.join(when) or 'all answers'} -> {outcome}"


def _asked(question: Question) -> Iterator[str]:
    """A question and its answers: what a changed word makes of an answer is a change too."""
    asked = [question.type, "to bring" if question.to_bring else "", question.text.text]
    yield f"  {question.id}: {_quoted(_joined(asked))}"
    for option in question.options:
        yield f"  {question.id}.{option.id}: {_quoted(_joined(_does(option)))}"


def _does(option: Option) -> list[str]:
    does = [FLAGS.get(option.flag, ""), option.stop, "alone" if option.exclusive else ""]
    return [*does, f"note {option.note}" if option.note else "", option.text.text]


def _joined(parts: Iterable[str]) -> str:
    return " | ".join(part for part in parts if part)


def _shows(outcome: Outcome) -> str:
    shows = [outcome.level, outcome.title.text]
    shows += [f"offers {', '.join(outcome.offer)}"] if outcome.offer else []
    shows += [f"links {', '.join(outcome.links)}"] if outcome.links else []
    return _joined(shows)


def check_outcomes(tool: Tool, file: File | None) -> list[Problem]:
    """The first class of answers in which a tool differs from what was accepted."""
    hint = f"Read the change with a clinician, then run: {ACCEPT}"
    if file is None:
        message = f"what the tool '{tool.name}' does was never accepted"
        return [problem("tool-outcomes", tool.path, message, hint=hint, line=1)]
    text, found = decode(file)
    now = outcomes_yaml(tool).rstrip("\n").split("\n")
    then = text.rstrip("\n").split("\n")
    for number, (is_now, was) in enumerate(zip_longest(now, then, fillvalue="nothing"), 1):
        if is_now != was:
            if _counts(is_now) and _counts(was):
                continue  # a line further down says why there are more states or fewer
            message = f"the tool does '{_bare(is_now)}'; accepted is '{_bare(was)}'"
            return [*found, problem("tool-outcomes", file.path, message, hint=hint, line=number)]
    return found


def _counts(line: str) -> bool:
    return line.startswith("states:")


def _bare(line: str) -> str:
    return line.strip().removeprefix("- ").replace('"', "")
