"""Compile a tool to style rules that show its questions and its outcome without JavaScript.

What is shown follows `evaluate` in every state of the form. All rules that show or hide an outcome
have the same specificity, so that the later one wins, and they come in this order: the rules of the
tool from last to first, then each question from last to first (nothing is shown while it waits for
an answer; its stops), then urgent signs, then emergency signs.

`:is()` and `:where()` drop an invalid selector silently: only tests/test_tools_page.py, which
compares pages with `evaluate`, notices that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, FLAG_OUTCOMES, Option, Question, Tool

RULES_PLACEHOLDER: Final = "/* rules */"
"""Where the rules go in static/inline/tool.css: into the layer `shown`, before that for print."""

FLAG_CLASSES: Final = {"emergency": "em", "urgent": "ur"}
"""The class of an option, by its flag."""


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
        *_question_rules(tool),
        *_outcome_rules(tool),
        *_wait_and_stop_rules(tool),
        *_show_only(_form_with_checked("ur"), FLAG_OUTCOMES["urgent"], "any", "told"),
        *_show_only(_form_with_checked("em"), EMERGENCY_OUTCOME, "any"),
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


# -- rules ----------------------------------------------------------------------------------------


def _question_rules(tool: Tool) -> Iterator[str]:
    """Hide the worksheet, hide questions that are not reached, mark conflicting answers."""
    conflicts = [_conflict_selector(n) for n in range(_max_exclusive(tool))]
    waiting = [":not(:has(:checked))", ":has(.em :checked,.ur :checked,.st :checked)", *conflicts]
    yield ":where(form) :is(.ws,.o,.nt){display:none}"
    yield f"form .q:is({','.join(waiting)})~.q:not(:has(.em :checked,.ur :checked)){{display:none}}"
    if conflicts:
        yield f"form .q:is({','.join(conflicts)}) .cf span{{display:block}}"


def _outcome_rules(tool: Tool) -> Iterator[str]:
    """Show the outcome of the tool's rules: the last rule first, so that an earlier one wins."""
    extra_classes = ("any", "told", *(("nb",) if tool.notes else ()))
    for n, rule in enumerate(reversed(tool.rules)):
        condition = "form" + "".join(
            _has_checked(option_id(tool.question(asked), name) for name in names)
            for asked, names in rule.when.items()
        )
        hide, show = _show_only(condition, rule.outcome, *extra_classes)
        # nothing is shown before the first one, so it need not hide anything
        yield from (hide, show) if n else (show,)


def _wait_and_stop_rules(tool: Tool) -> Iterator[str]:
    """Show nothing while a question waits, then its stops: the last question first."""
    for question in reversed(tool.questions):
        selector = "#" + question_id(question)
        conflicts = [
            selector + _conflict_selector(n) for n in range(len(exclusive_options(question)))
        ]
        waiting = [f"{selector}:not(:has(:checked))", *conflicts]
        yield f":where({','.join(f'{each}~.r' for each in waiting)}) .o{{display:none}}"
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop):
            ids = (option_id(question, o) for o in question.options if o.stop == stop)
            yield from _show_only("form" + _has_checked(ids), stop, "any", "told")


def _note_rules(tool: Tool) -> Iterator[str]:
    """Show each point to bring up by its options, and the heading only if there is a point."""
    if not tool.notes:
        return
    yield "form:not(:has(.n :checked)) .nb.nb{display:none}"
    for note in tool.notes:
        ids = [option_id(q, o) for q in tool.questions for o in q.options if o.note == note]
        if ids:
            yield f"form{_has_checked(ids)} .n_{note}{{display:list-item}}"


def _show_only(condition: str, *classes: str) -> tuple[str, str]:
    """Return a rule that hides all parts of outcomes and one that shows those of these classes.

    Both have the specificity (0,1,0).
    """
    shown = ",".join(f".{name}" for name in classes)
    return (
        f":where({condition}) .o{{display:none}}",
        f":where({condition}) :is({shown}){{display:block}}",
    )


def _form_with_checked(css_class: str) -> str:
    return f"form:has(.{css_class} :checked)"


def _has_checked(ids: Iterable[str]) -> str:
    return f":has({','.join(f'#{each}:checked' for each in ids)})"


def _conflict_selector(n: int) -> str:
    """Return a selector for where exclusive option `n`, from 0, is checked beside another."""
    return f":has(.x{n} :checked):has(label:not(.x{n}) :checked)"


def _max_exclusive(tool: Tool) -> int:
    return max(len(exclusive_options(question)) for question in tool.questions)
