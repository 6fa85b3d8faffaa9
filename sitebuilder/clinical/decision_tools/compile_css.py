"""A tool in, the style rules that show its questions and its result out. No script is needed.

What is shown follows `meaning` in every state that a form can be in. All rules that show or hide
a result weigh the same, so that the later one wins, and they come in this order: the tool's rules
from last to first, then each question from last to first (nothing is shown while it waits; its
stops), then urgent signs, then emergency signs. `:is()` and `:where()` drop a faulty selector in
silence: only tests/test_tools_page.py, which compares pages with `meaning`, sees that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, FLAG_OUTCOMES, Option, Question, Tool

RULES_PLACEHOLDER: Final = "/* rules */"
"""Where the rules stand in static/inline/tool.css: a layer of their own, the last but print's."""

FLAG_CLASSES: Final = {"emergency": "em", "urgent": "ur"}
"""The class of an answer by its flag."""


def build_tool_stylesheet(sheet: str, tool: Tool) -> str:
    """The style of a tool's page, beside the site's own: `sheet` with the tool's rules put in."""
    return sheet.replace(RULES_PLACEHOLDER, tool_css(tool))


def tool_css(tool: Tool) -> str:
    """The rules of a tool."""
    return "".join(compile_rules(tool))


def compile_rules(tool: Tool) -> tuple[str, ...]:
    """The rules of a tool, one by one, in order."""
    return (
        *_question_rules(tool),
        *_outcome_rules(tool),
        *_wait_and_stop_rules(tool),
        *_show_only(_form_with_checked("ur"), FLAG_OUTCOMES["urgent"], "any", "told"),
        *_show_only(_form_with_checked("em"), EMERGENCY_OUTCOME, "any"),
        *_note_rules(tool),
    )


# -- names that the page shares -------------------------------------------------------------------


def question_id(question: Question) -> str:
    """The id of a question on the page."""
    return f"q_{question.id}"


def option_id(question: Question, option: Option | str) -> str:
    """The id of an answer on the page. Ids of the table hold no "_": no two are the same."""
    return f"a_{question.id}_{option if isinstance(option, str) else option.id}"


def exclusive_options(question: Question) -> tuple[Option, ...]:
    """The answers that exclude the others. The first has the class `x0`, the next `x1`."""
    return tuple(option for option in question.options if option.exclusive)


# -- rules ----------------------------------------------------------------------------------------


def _question_rules(tool: Tool) -> Iterator[str]:
    """What of the worksheet goes; which questions are in view; which say that answers clash."""
    clashes = [clash for n in range(_max_exclusive(tool)) for clash in [_conflict_selector(n)]]
    waits = [":not(:has(:checked))", ":has(.em :checked,.ur :checked,.st :checked)", *clashes]
    yield ":where(form) :is(.ws,.o,.nt){display:none}"
    yield f"form .q:is({','.join(waits)})~.q:not(:has(.em :checked,.ur :checked)){{display:none}}"
    if clashes:
        yield f"form .q:is({','.join(clashes)}) .cf span{{display:block}}"


def _outcome_rules(tool: Tool) -> Iterator[str]:
    """The result of the tool's own questions: the last rule first, so that an earlier one wins."""
    beside = ("any", "told", *(("nb",) if tool.notes else ()))
    for n, rule in enumerate(reversed(tool.rules)):
        when = "form" + "".join(
            _has_checked(option_id(tool.question(asked), name) for name in names)
            for asked, names in rule.when.items()
        )
        hide, show = _show_only(when, rule.outcome, *beside)
        yield from (hide, show) if n else (show,)  # under the first of all, nothing is shown yet


def _wait_and_stop_rules(tool: Tool) -> Iterator[str]:
    """Nothing is shown while a question waits; then what it stops with: the last question first."""
    for question in reversed(tool.questions):
        at = "#" + question_id(question)
        clashes = [at + _conflict_selector(n) for n in range(len(exclusive_options(question)))]
        waits = [f"{at}:not(:has(:checked))", *clashes]
        yield f":where({','.join(f'{one}~.r' for one in waits)}) .o{{display:none}}"
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop):
            ids = (option_id(question, o) for o in question.options if o.stop == stop)
            yield from _show_only("form" + _has_checked(ids), stop, "any", "told")


def _note_rules(tool: Tool) -> Iterator[str]:
    """The points to bring up: each by its answers, and no heading over nothing."""
    if not tool.notes:
        return
    yield "form:not(:has(.n :checked)) .nb.nb{display:none}"
    for note in tool.notes:
        ids = [option_id(q, o) for q in tool.questions for o in q.options if o.note == note]
        if ids:
            yield f"form{_has_checked(ids)} .n_{note}{{display:list-item}}"


def _show_only(condition: str, *classes: str) -> tuple[str, str]:
    """In that state these parts of a result are shown and no other. Both rules weigh (0,1,0)."""
    shown = ",".join(f".{name}" for name in classes)
    return (
        f":where({condition}) .o{{display:none}}",
        f":where({condition}) :is({shown}){{display:block}}",
    )


def _form_with_checked(css_class: str) -> str:
    return f"form:has(.{css_class} :checked)"


def _has_checked(ids: Iterable[str]) -> str:
    return f":has({','.join(f'#{one}:checked' for one in ids)})"


def _conflict_selector(n: int) -> str:
    """Where the n-th answer that stands alone does not."""
    return f":has(.x{n} :checked):has(label:not(.x{n}) :checked)"


def _max_exclusive(tool: Tool) -> int:
    return max(len(exclusive_options(question)) for question in tool.questions)
