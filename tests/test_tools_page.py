"""A tool's page shows in every state what its table says: by style alone, and with the script."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import page_states
import pytest
import tool_pages
from hypothesis import given, settings
from hypothesis import strategies as st
from marionette import firefox_path
from modes import SOAK, TURN, chosen
from needs import need
from page_states import Run, State
from tool_pages import NAMES, tools

from sitebuilder.clinical.decision_tools.cases import case_tools
from sitebuilder.clinical.decision_tools.compile_css import compile_rules
from sitebuilder.clinical.decision_tools.parse_cases import CASES_PATH, parse_cases
from sitebuilder.core.decision_case import Case
from sitebuilder.core.decision_tool import Tool

Open = Callable[[str], Run]


WAYS = ("plain", "script")


def in_browsers(*browsers: str, ways: tuple[str, ...] = ("",)) -> pytest.MarkDecorator:
    """Each tool in each of the browsers, and there in each way: `opened`, `name` and `way`.

    Both ways in Chromium; in the others one of the two, by day. One worker has the one Firefox.
    """
    no_firefox = pytest.mark.skipif(not firefox_path(), reason="no Firefox")

    def marks(browser: str, name: str) -> list[pytest.MarkDecorator]:
        if browser == "chromium":
            return [pytest.mark.xdist_group(f"tool {name}")]
        return [no_firefox] * (browser == "firefox") + [pytest.mark.xdist_group(browser)]

    cases = [
        pytest.param(
            browser,
            name,
            *([way] * bool(way)),
            marks=marks(browser, name),
            id=f"{way}-{name}-{browser}",
        )
        for number, browser in enumerate(browsers)
        for name in NAMES
        for place, way in enumerate(ways)
        if browser == "chromium" or not way or chosen(number + place, len(ways))
    ]
    names = ("opened", "name", *(["way"] * any(ways)))
    return pytest.mark.parametrize(names, cases, indirect=["opened"])


@pytest.fixture
def opened(request: pytest.FixtureRequest, served_tools: str) -> Iterator[Open]:
    """Opens a page, such as `script/next-step`, and gives what runs functions in it."""
    if request.param != "chromium":
        if request.param == "webkit":
            need("WebKitWebDriver", "Xvfb")
        tab = request.getfixturevalue({"firefox": "fox", "webkit": "kit"}[request.param])

        def in_tab(path: str) -> Run:
            tab.go(f"{served_tools}/{path}/")
            run: Run = tab.evaluate
            return run

        yield in_tab
        return
    context = request.getfixturevalue("browser").new_context(reduced_motion="reduce")
    page = context.new_page()

    def in_chromium(path: str) -> Run:
        page.goto(f"{served_tools}/{path}/")
        return lambda script, argument: page.evaluate(
            f"argument => (function () {{ {script} }})(argument)", argument
        )

    yield in_chromium
    context.close()


def told(problems: list[str]) -> None:
    assert not problems, f"{len(problems)} found, such as:\n" + "\n".join(problems[:10])


@cache
def every(name: str) -> list[State]:
    return page_states.every(tools()[name])


@pytest.mark.tools
@in_browsers("chromium", "firefox", "webkit", ways=WAYS)
def test_the_page_shows_what_the_table_says(
    opened: Open, name: str, way: str, request: Any
) -> None:
    """Each result, and a share of the states: a fourth by style alone in Chromium, else a twelfth.

    Which share changes by day, so each browser meets all states in each way within twelve runs;
    with SOAK they show every state.
    """
    tool, states = tools()[name], every(name)
    assert set(page_states.reached(tool, states)) == {"", *tool.outcomes}
    often = way == "plain" and request.node.callspec.params["opened"] == "chromium"
    of = 1 if SOAK else 4 if often else 12
    states = [*page_states.reached(tool, states).values(), *states[TURN % of :: of]]
    assert len(states) > 150
    told(page_states.differences(opened(f"{way}/{name}"), tool, states))


def any_state(tool: Tool) -> st.SearchStrategy[dict[str, frozenset[str]]]:
    """Anything that can be ticked; what lets a reader on more often than chance has it."""
    usual = page_states.plain(tool)
    return st.fixed_dictionaries(
        {
            q.id: st.just(usual[q.id])
            | st.frozensets(
                st.sampled_from([o.id for o in q.options]), max_size=3 if q.type == "many" else 1
            )
            for q in tool.questions
        }
    )


@pytest.mark.tools
@in_browsers("chromium")
def test_any_state_shows_what_the_table_says(opened: Open, name: str) -> None:
    tool, run = tools()[name], opened(f"plain/{name}")

    @settings(max_examples=2000 if SOAK else 40, deadline=None)
    @given(any_state(tool))
    def holds(state: State) -> None:
        told(page_states.differences(run, tool, [state]))

    holds()


# -- people ---------------------------------------------------------------------------------------

# Answers as a reader does: what is in view, in order; with the script by its buttons. Gives what
# shows then: the results, their bars, the ids that could not be ticked.
ANSWER = """
const [wanted] = arguments[0], form = document.querySelector('form');
const seen = e => e.checkVisibility() && getComputedStyle(e).visibility === 'visible';
const questions = [...form.querySelectorAll('.q')];
const on = form.querySelector('.walk .button:not(.quiet)');
const tick = q => { for (const id of wanted) {
  const input = q.querySelector('#' + id);
  if (input && seen(input.parentNode)) input.click();
} };
if (!on) for (const q of questions) { if (seen(q)) tick(q); }
else for (let at, before; (at = questions.find(seen)) !== before; before = at) {
  tick(at);
  if (seen(on)) on.click();
}
const name = e => [...e.classList].find(c => /^[A-Z][A-Z0-9_]+$/.test(c));
const shown = selector => [...form.querySelectorAll(selector)].filter(seen).map(name);
return [shown('.res > .card.o'), shown('.live > .o')];
"""


@cache
def people(tool: str) -> Mapping[str, Case]:
    cases, problems = parse_cases(tool_pages.file(CASES_PATH))
    assert not problems
    return {name: case for name, case in cases.items() if tool in case_tools(case, tools())}


@pytest.mark.tools
@in_browsers("chromium", "firefox", "webkit", ways=WAYS)
def test_people_are_told_what_a_clinician_says(
    opened: Open, name: str, way: str, request: Any
) -> None:
    """The cases of content/cases.yaml, a tenth of them in each way; with SOAK all."""
    tool, wrong = tools()[name], []
    part = [c for n, c in enumerate(people(name).values()) if chosen(n + 5 * WAYS.index(way), 10)]
    assert len(part) > 5
    for case in part:
        answers = {question: frozenset(ticked) for question, ticked in case.answers.items()}
        found = opened(f"{way}/{name}")(ANSWER, [page_states.ids(tool, answers)])
        if found != [[case.outcome], [case.outcome]]:
            wrong.append(f"{case.name}: {found}, not {case.outcome}")
        assert tool.outcomes[case.outcome].tier == case.tier
    told(wrong)


@pytest.mark.tools
@pytest.mark.xdist_group("webkit")
@pytest.mark.parametrize("way", ["plain", "script"])
def test_a_mouse_click_shows_the_result_in_webkit(
    served_tools: str, request: pytest.FixtureRequest, way: str
) -> None:
    """WebKit once did not restyle after `:has(:checked)` changed (its bug 234561).

    Clicks here are real ones, and what is read does not make the browser restyle first: an observer
    tells what has been laid out.
    """
    need("WebKitWebDriver", "Xvfb")
    tab = request.getfixturevalue("kit")
    tab.go(f"{served_tools}/{way}/next-step/")
    tab.evaluate(
        """window.seen = new Map();
        const watch = new IntersectionObserver(all => all.forEach(
          e => seen.set(e.target, e.boundingClientRect.height > 0)));
        document.querySelectorAll('.live > .o, .live > .pd').forEach(e => watch.observe(e));"""
    )
    laid_out = (
        "return [...seen].filter(([e, is]) => is).map(([e]) => e.classList[e.classList.length - 1])"
    )
    steps = [
        ("ask", ["pd-today"]),
        ("breath", ["EMERGENCY"]),
        ("breath", ["pd-today"]),
        ("ask", []),
    ]
    for answer, shown in steps:
        tab.click(f"#a_life_{answer}")
        time.sleep(0.3)
        assert tab.evaluate(laid_out) == shown, answer


# -- rules ----------------------------------------------------------------------------------------

# Who had surgery, or was told not to wait, has a result before the question `who`; and what says
# "2 or 3 days" says "today" after surgery. They stay for the day when a rule changes.
HAD_SURGERY = "form:not(:target):has(#a_setting_op:checked"
SPARE = {
    f"{HAD_SURGERY},#a_setting_told:checked) #q_who:not(:has(.sg :checked)){{display:none}}",
    f":where({HAD_SURGERY})) .live{{--pd-today:none;--pd-days:none}}",
}


@pytest.mark.tools
@in_browsers(*(("chromium", "firefox") if SOAK else ("chromium",)))
def test_each_rule_is_needed(opened: Open, name: str) -> None:
    """Without any one of the generated rules the page shows something else in some state.

    Two rules are left out in turn, other ones each day; with SOAK all. That no rule is wrong,
    the tests above hold: this tells of rules that do nothing.
    """
    tool = tools()[name]
    rules = compile_rules(tool)
    states = list(every(name))
    chosen_rules: Sequence[int] = range(len(rules))
    if not SOAK:
        chosen_rules = sorted(random.Random(f"{name} {TURN}").sample(chosen_rules, 2))
    random.Random(1).shuffle(states)
    run = opened(f"bare/{name}")
    unnoticed = []
    for place in chosen_rules:
        style = tool_pages.style("".join((*rules[:place], *rules[place + 1 :])))
        run("document.querySelector('style').textContent = arguments[0]", style)
        parts = (states[n : n + 100] for n in range(0, len(states), 100))
        if not any(page_states.differences(run, tool, part) for part in parts):
            unnoticed.append(rules[place])
    assert set(unnoticed) <= SPARE, unnoticed


@pytest.mark.parametrize("name", NAMES)
def test_rules_are_in_the_order_that_the_scheme_asks_for(name: str) -> None:
    """Later wins: the tool's rules, then the stages of the safety part from last to first."""
    tool = tools()[name]
    rules = compile_rules(tool)
    shows = [rule for rule in rules if re.search(r"\) \.r\{.*:block", rule)]
    order = [re.findall(r"--([A-Z][A-Z0-9_]+):block", rule)[0] for rule in shows]
    stages = list(dict.fromkeys(rule.after for rule in tool.safety.rules))
    safety = [
        r for stage in reversed(stages) for r in reversed(tool.safety.rules) if r.after == stage
    ]
    assert order == [rule.outcome for rule in (*reversed(tool.rules), *safety)]
    assert "".join(rules) in tool_pages.style("".join(rules))


def test_results_are_shown_by_rules_of_one_weight() -> None:
    """No style of `.o` but in the rules; they stand in a layer after the looks."""
    sheet = tool_pages.INLINE["tool.css"]
    looks, _, rest = sheet.partition("@layer shown")
    assert "@layer tool, shown, sheet;" in looks
    assert not re.search(r"\.o\b", looks)
    assert rest.startswith(" {\n@supports selector(:has(a)) {\n/* rules */\n}\n}")
    for tool in tools().values():
        for block in compile_rules(tool):
            if re.search(r"--[A-Z]", block.partition("{")[2]) and "var(" not in block:
                assert re.fullmatch(r":where\(.*\) \.r", block.partition("{")[0]), block
