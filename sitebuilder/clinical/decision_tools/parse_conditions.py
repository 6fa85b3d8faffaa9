"""Parse conditions on answers: of questions, options, rules and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sitebuilder.clinical.decision_tools.answers import UnknownAnswerError, resolve_group
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.core.decision_tool import Condition, Group, Question

QuestionAnswers = Mapping[str, Sequence[str]]
"""Ids of options by question id."""


def read_group(
    parser: ToolParser, questions: Sequence[Question], written: Iterable[str], line: int
) -> Group:
    """Return the answers that are written; report those that do not exist, and repetitions."""
    names = list(written)
    found: list[str] = []
    for index, name in enumerate(names):
        if name in names[:index]:
            parser.report(line, f"the answer '{name}' is there twice", "Keep one.")
            continue
        try:
            resolve_group(questions, [name])
        except UnknownAnswerError as error:
            parser.report_unknown(line, f"there is no answer '{name}'", name, error.candidates)
        else:
            found.append(name)
    return resolve_group(questions, found)


def read_condition(
    parser: ToolParser,
    questions: Sequence[Question],
    line: int,
    *,
    all_of: Iterable[Sequence[str]] = (),
    none_of: Iterable[str] = (),
) -> Condition:
    """Return a condition; report answers that do not exist, and groups without any."""
    groups = []
    for written in all_of:
        if not written:
            parser.report(line, "the condition names no answer", "Name one, or take it out.")
        group = read_group(parser, questions, written, line)
        if group:
            groups.append(group)
    return Condition(tuple(groups), read_group(parser, questions, none_of, line))


def read_when(
    parser: ToolParser, questions: Sequence[Question], when: QuestionAnswers, line: int
) -> Condition:
    """Return the condition of `{QUESTION: [ANSWER, ...]}`; report what does not exist."""
    by_id = {question.id: question for question in questions}
    groups = []
    for name, answers in when.items():
        if name not in by_id:
            message = f"the question '{name}' is not asked before this"
            parser.report_unknown(line, message, name, by_id)
            continue
        if by_id[name].to_bring:
            message = f"the condition uses '{name}', which is marked 'to_bring'"
            parser.report(line, message, "Take 'to_bring' out of the question.")
        if not answers:
            hint = "Name one, or take the question out."
            parser.report(line, f"the condition names no answer of '{name}'", hint)
        groups.append([f"{name}.{answer}" for answer in answers])
    return read_condition(parser, questions, line, all_of=filter(None, groups))


def read_view(
    parser: ToolParser,
    questions: Sequence[Question],
    show_if: QuestionAnswers,
    hide_if: QuestionAnswers,
    line: int,
) -> Condition:
    """Return when a question or an option is in view, from its fields `show_if` and `hide_if`."""
    shown = read_when(parser, questions, show_if, line)
    hidden = read_when(parser, questions, hide_if, line)
    return Condition(shown.all_of, tuple(literal for group in hidden.all_of for literal in group))
