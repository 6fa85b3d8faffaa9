"""Compile a tool to style rules that show its questions and its outcome without JavaScript.

What is shown follows `evaluate` in every state of the form. Each part of an outcome has a custom
property, `none` or `block`. Rules set them on the few elements that hold the parts: so a browser
tests a condition a few times, not once for each part. All these rules have the same specificity, so
that the later one wins, and they come in this order: the rules of the tool from last to first;
nothing while one of its own questions waits; then for each stage of the safety part, from the last
to the first, its rules from last to first, and nothing while a question of the stage waits; then
the rules that count at once.

A condition becomes a compound selector, to be written after `FORM`, that matches the form where the
condition holds. `:is()` and `:where()` drop an invalid selector silently: only
tests/test_tools_page.py, which compares pages with `evaluate`, notices that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from sitebuilder.core.decision_tool import (
    SETTING_QUESTION,
    Condition,
    DecisionRule,
    Group,
    Literal,
    Option,
    Outcome,
    Question,
    Tool,
)
from sitebuilder.core.evidence import TIERS

RULES_PLACEHOLDER: Final = "/* rules */"
"""Where the rules go in static/inline/tool.css: into the layer `shown`, before that for print."""

FORM: Final = "form:not(:target)"
"""The form. As the target of a link it is the worksheet, and no rule applies."""

PENDING_TIERS: Final = ("today", "days")
"""Tiers that are told before the safety part is answered."""

_LATER: Final = "~.q:not(:has(.sg :checked))"
"""The questions after one, but those where a sign is checked."""


def build_tool_stylesheet(sheet: str, tool: Tool) -> str:
    """Return `sheet` with the rules of a tool in place of `RULES_PLACEHOLDER`.

    The page of the tool uses it in addition to the stylesheet of the site.
    """
    return sheet.replace(RULES_PLACEHOLDER, tool_css(tool))


def tool_css(tool: Tool) -> str:
    """Return the rules of a tool as one text."""
    return "".join(compile_rules(tool))


def compile_rules(tool: Tool) -> tuple[str, ...]:
    """Return the rules of a tool, in order."""
    return (
        f"{FORM} :is(.ws,.nt){{display:none}}",
        *_question_rules(tool),
        *_option_rules(tool),
        *_outcome_rules(tool),
        *_pending_rules(tool),
        *_line_rules(tool),
        *_note_rules(tool),
    )


# -- names shared with the page -------------------------------------------------------------------


def question_id(question: Question) -> str:
    """Return the id of a question on the page."""
    return f"q_{question.id}"


def option_id(question: Question, option: Option | str) -> str:
    """Return the id of an option on the page. It is unique, as ids in a tool hold no "_"."""
    return f"a_{question.id}_{option if isinstance(option, str) else option.id}"


def exclusive_options(question: Question) -> tuple[Option, ...]:
    """Return the exclusive options. The first has the class `x0`, the next `x1`."""
    return tuple(option for option in question.options if option.exclusive)


def line_classes(tool: Tool) -> dict[Condition, str]:
    """Return the class of the lines of outcomes that are shown on a condition."""
    lines = (line for outcome in tool.outcomes.values() for line in outcome.body)
    conditions = dict.fromkeys(line.shown_if for line in lines if not line.shown_if.is_always)
    return {condition: f"c{n}" for n, condition in enumerate(conditions)}


def shows_notes(tool: Tool, outcome: Outcome) -> bool:
    """Whether the notes and the standing list are shown below an outcome."""
    return outcome.with_notes or outcome.name in tool.own_outcomes


# -- conditions -----------------------------------------------------------------------------------


def compile_condition(tool: Tool, condition: Condition) -> str:
    """Return the selector of a condition; empty if it always holds."""
    required = "".join(_any_counts(tool, group) for group in condition.all_of)
    return required + (_not(_any_counts(tool, condition.none_of)) if condition.none_of else "")


def _any_counts(tool: Tool, group: Group) -> str:
    """Return the selector of "at least one of these counts".

    Checked answers that count on the same condition share a `:has()`.
    """
    ids: dict[str, list[str]] = {}
    for literal in group:
        ids.setdefault(_counts_if(tool, literal), []).append(
            f"#{option_id(tool.question(literal.question), literal.option)}:checked"
        )
    return _any(f"{condition}:has({','.join(boxes)})" for condition, boxes in ids.items())


def _counts_if(tool: Tool, literal: Literal) -> str:
    """Return the selector of what has to hold beside the checked box for an answer to count."""
    question = tool.question(literal.question)
    option = question.option(literal.option)
    setting = Condition(
        (tuple(Literal(SETTING_QUESTION, name) for name in literal.settings),)
        * bool(literal.settings),
        tuple(Literal(SETTING_QUESTION, name) for name in literal.without),
    )
    in_view = () if option.is_sign else (question.show_if, option.show_if)
    parts = (compile_condition(tool, each) for each in (*in_view, setting))
    return "".join(dict.fromkeys(filter(None, parts)))


def _waits(tool: Tool, question: Question) -> str:
    """Return the selector of "this question is in view, and no answer counts"."""
    box = f"#{question_id(question)} :checked"
    sometimes = [o for o in question.options if not o.is_sign and not o.show_if.is_always]
    always = box + "".join(f":not(#{option_id(question, option)})" for option in sometimes)
    answers = [f":has({always})"]
    if sometimes:
        answers.append(_any_counts(tool, tuple(Literal(question.id, o.id) for o in sometimes)))
    return compile_condition(tool, question.show_if) + _not(_any(answers))


def _conflicts(question: Question) -> list[str]:
    """Return the selectors of "an exclusive answer is checked beside another"."""
    at = f"#{question_id(question)}"
    return [
        f":has({at} .x{n} :checked):has({at} label:not(.x{n}) :checked)"
        for n in range(len(exclusive_options(question)))
    ]


def _any(selectors: Iterable[str]) -> str:
    parts = list(selectors)
    return parts[0] if len(parts) == 1 else f":is({','.join(parts)})"


def _not(selector: str) -> str:
    inner = selector.removeprefix(":not(")
    if inner != selector and _closing(inner) == len(inner) - 1:
        return inner[:-1]
    return f":not({selector})"


def _closing(text: str) -> int:
    """Return where the parenthesis is closed that was open before this text."""
    depth = 1
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place
    return len(text)


# -- questions ------------------------------------------------------------------------------------


def _question_rules(tool: Tool) -> Iterator[str]:
    """Hide questions that are out of view or not reached, and mark conflicting answers.

    A question with a checked sign stays.
    """
    for question in tool.questions:
        at = f"#{question_id(question)}"
        if not question.show_if.is_always:
            hidden = _not(compile_condition(tool, question.show_if))
            yield f"{FORM}{hidden} {at}:not(:has(.sg :checked)){{display:none}}"
        stops = [_waits(tool, question)]
        if question in tool.own_questions:
            stops += _conflicts(question)
        if question is not tool.questions[-1]:
            yield f"{FORM}{_any(stops)} {at}{_LATER}{{display:none}}"
        ends = [
            compile_condition(tool, r.when) for r in tool.safety.rules if r.after == question.id
        ]
        if ends:
            yield f"{FORM}{_any(ends)} {at}{_LATER}{{display:none}}"
    count = max(len(exclusive_options(question)) for question in tool.questions)
    marks = [f":has(.x{n} :checked):has(label:not(.x{n}) :checked)" for n in range(count)]
    if marks:
        yield f"{FORM} .q:is({','.join(marks)}) .cf span{{display:block}}"


def _option_rules(tool: Tool) -> Iterator[str]:
    """Hide answers that are out of view. A checked sign stays."""
    for question in tool.questions:
        for option in question.options:
            if not option.show_if.is_always:
                hidden = _not(compile_condition(tool, option.show_if))
                box = f"#{option_id(question, option)}{':not(:checked)' * option.is_sign}"
                yield f"{FORM}{hidden} label:has({box}){{display:none}}"


# -- outcomes -------------------------------------------------------------------------------------


def _outcome_rules(tool: Tool) -> Iterator[str]:
    """Show the outcome. The order carries the meaning: later rules win."""
    parts = [*tool.outcomes, "any", "told", *_lists(tool)]
    for rules, waiting in _stages(tool):
        for rule in reversed(rules):
            condition = compile_condition(tool, rule.when)
            yield _show_only([condition], ".r", parts, _outcome_parts(tool, rule.outcome))
        yield from (_show_only(selectors, ".r", parts, ()) for selectors in waiting)
    yield from (f"{FORM} .{name}{{display:var(--{name},none)}}" for name in parts)


def _stages(tool: Tool) -> Iterator[tuple[Sequence[DecisionRule], list[list[str]]]]:
    """Yield rules with the selectors of what they wait for, the last stage first."""
    ends = [rule.after for rule in tool.safety.rules if rule.after]
    stages: dict[str, list[Question]] = {}
    for question in tool.safety.questions:
        later = tool.safety.questions[tool.safety.questions.index(question) :]
        stage = next((each.id for each in later if each.id in ends), "")
        stages.setdefault(stage, []).append(question)
    own = [[_waits(tool, q)] for q in stages.pop("", [])]
    yield tool.rules, own + [[_waits(tool, q), *_conflicts(q)] for q in tool.own_questions]
    for stage, questions in reversed(stages.items()):
        rules = [rule for rule in tool.safety.rules if rule.after == stage]
        yield rules, [[_waits(tool, question)] for question in questions]
    yield [rule for rule in tool.safety.rules if not rule.after], []


def _outcome_parts(tool: Tool, name: str) -> list[str]:
    """Return the classes of what is shown with an outcome: itself, and what stands beside it."""
    outcome = tool.outcomes[name]
    told = ["told"] * (outcome.tier != TIERS[0])
    return [name, "any", *told, *(_lists(tool) if shows_notes(tool, outcome) else ())]


def _lists(tool: Tool) -> list[str]:
    """Return the classes of the notes and of the standing list, if the tool has them."""
    return ["nb"] * bool(tool.notes) + ["sl"] * (tool.standing_list is not None)


def _pending_rules(tool: Tool) -> Iterator[str]:
    """Show how soon to act so far, while a question of the safety part waits.

    Neighbors of the same tier share a rule.
    """

    def tier_shown(rule: DecisionRule) -> str:
        tier = tool.outcomes[rule.outcome].tier
        return tier if tier in PENDING_TIERS else ""

    parts = [f"pd-{tier}" for tier in PENDING_TIERS]
    later = [rule for rule in tool.safety.rules if rule.after]
    shown_before = False
    for tier, rules in groupby(reversed(later), tier_shown):
        shown_before |= bool(tier)
        if shown_before:  # before the first one there is nothing to hide
            conditions = [compile_condition(tool, rule.when) for rule in rules]
            yield _show_only(conditions, ".live", parts, [f"pd-{tier}"] * bool(tier))
    waiting: list[str] = []
    done: list[str] = []
    for question in tool.safety.questions:
        waiting.append(_waits(tool, question))
        ends = [compile_condition(tool, rule.when) for rule in later if rule.after == question.id]
        if ends and question is not tool.safety.questions[-1]:
            done.append(_not(_any(waiting)) + _any(ends))
    at_once = [compile_condition(tool, rule.when) for rule in tool.safety.rules if not rule.after]
    for ended in (*done, _not(_any(waiting)), _any(at_once)):
        yield _show_only([ended], ".live", parts, ())
    yield from (f"{FORM} .{name}{{display:var(--{name},none)}}" for name in parts)


def _line_rules(tool: Tool) -> Iterator[str]:
    """Hide the lines of outcomes whose condition does not hold."""
    for condition, name in line_classes(tool).items():
        yield f"{FORM}{_not(compile_condition(tool, condition))} .{name}{{display:none}}"


def _note_rules(tool: Tool) -> Iterator[str]:
    """Show each point to bring up by its answers, and the heading only if there is a point."""
    options = [(q, o) for q in tool.questions for o in q.options if o.notes]
    if not options:
        return
    answers = tuple(Literal(question.id, option.id) for question, option in options)
    yield f"{FORM}{_not(_any_counts(tool, answers))} .nb{{display:none}}"
    for name in tool.notes:
        group = tuple(Literal(q.id, o.id) for q, o in options if name in o.notes)
        if group:
            yield f"{FORM}{_any_counts(tool, group)} .n_{name}{{display:list-item}}"


def _show_only(
    conditions: Sequence[str], holder: str, parts: Sequence[str], shown: Sequence[str]
) -> str:
    """Return the rule that shows only some parts where any condition holds.

    Its specificity is always (0,1,0).
    """
    where = f":where({','.join(FORM + condition for condition in conditions)})"
    values = ";".join(f"--{name}:{'block' if name in shown else 'none'}" for name in parts)
    return f"{where} {holder}{{{values}}}"
