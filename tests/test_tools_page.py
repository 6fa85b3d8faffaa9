"""A tool's page shows in every state what its table says: by style alone, and with the script."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import tool_pages
import tool_states
from marionette import firefox_path
from modes import SOAK, TURN
from tool_pages import NAMES, tools
from tool_states import Run

from sitebuilder.clinical.decision_tools.compile_css import compile_rules

Open = Callable[[str], Run]


def in_browsers(*browsers: str) -> pytest.MarkDecorator:
    """Each tool in each of the browsers: `opened` and `name`. One worker has the one Firefox."""
    no_firefox = pytest.mark.skipif(not firefox_path(), reason="no Firefox")

    def marks(browser: str, name: str) -> list[pytest.MarkDecorator]:
        if browser == "firefox":
            return [no_firefox, pytest.mark.xdist_group("firefox")]
        return [pytest.mark.xdist_group(f"tool {name}")]

    cases = [
        pytest.param(browser, name, marks=marks(browser, name), id=f"{name}-{browser}")
        for browser in browsers
        for name in NAMES
    ]
    return pytest.mark.parametrize(("opened", "name"), cases, indirect=["opened"])


@pytest.fixture
def opened(request: pytest.FixtureRequest, served_tools: str) -> Iterator[Open]:
    """Opens a page, such as `script/next-step`, and gives what runs functions in it."""
    if request.param == "firefox":
        tab = request.getfixturevalue("fox")

        def in_firefox(path: str) -> Run:
            tab.go(f"{served_tools}/{path}/")
            run: Run = tab.evaluate
            return run

        yield in_firefox
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


@pytest.mark.tools
@in_browsers("chromium", "firefox")
@pytest.mark.parametrize("way", ["plain", "script"])
def test_the_page_shows_what_the_table_says(
    opened: Open, name: str, way: str, request: Any
) -> None:
    """Every state by style alone in Chromium; else each result and a sixth of the states.

    The style is the same in all four pages, so Chromium without the script holds every state in
    every run. Which sixth the others show changes by day, so each meets all states within six
    runs; with SOAK they show every state.
    """
    tool = tools()[name]
    states = tool_states.every(tool)
    assert set(tool_states.reached(tool, states)) == {"", *tool.outcomes}
    everywhere = way == "plain" and request.node.callspec.params["opened"] == "chromium"
    if not (everywhere or SOAK):
        states = [*tool_states.reached(tool, states).values(), *states[TURN % 6 :: 6]]
    assert len(states) > 250
    told(tool_states.differences(opened(f"{way}/{name}"), tool, states))


# The rule for all the rest, where earlier rules name every answer. It stays: a new answer needs it.
SPARE = {"options": [":where(form) :is(.ASK_OWN,.any,.told){display:block}"]}


@pytest.mark.tools
@in_browsers(*(("chromium", "firefox") if SOAK else ("chromium",)))
def test_each_rule_is_needed(opened: Open, name: str) -> None:
    """Without any one of the generated rules the page shows something else in some state.

    Three rules are left out in turn, other ones each day; with SOAK all. That no rule is wrong,
    every run holds above: this tells of rules that do nothing.
    """
    tool = tools()[name]
    rules = compile_rules(tool)
    states = tool_states.every(tool)
    chosen: Sequence[int] = range(len(rules))
    if not SOAK:
        chosen = sorted(random.Random(f"{name} {TURN}").sample(chosen, 3))
    random.Random(1).shuffle(states)
    run = opened(f"bare/{name}")
    unnoticed = []
    for place in chosen:
        style = tool_pages.style("".join((*rules[:place], *rules[place + 1 :])))
        run("document.querySelector('style').textContent = arguments[0]", style)
        parts = (states[n : n + 300] for n in range(0, len(states), 300))
        if not any(tool_states.differences(run, tool, part) for part in parts):
            unnoticed.append(rules[place])
    assert set(unnoticed) <= set(SPARE.get(name, ())), unnoticed


@pytest.mark.parametrize("name", NAMES)
def test_rules_are_in_the_order_that_the_scheme_asks_for(name: str) -> None:
    """Later wins: the tool's rules, then questions from last to first, urgent, emergency."""
    tool = tools()[name]
    rules = compile_rules(tool)
    shows = [b for b in rules if b.endswith("{display:block}") and ":is(." in b and ":where" in b]
    order = [re.findall(r":is\(\.([A-Z_]+)", b)[0] for b in shows]
    stops = [
        stop
        for question in reversed(tool.questions)
        for stop in dict.fromkeys(o.stop for o in question.options if o.stop)
    ]
    own = [rule.outcome for rule in reversed(tool.rules)]
    assert order == [*own, *stops, "URGENT", "EMERGENCY"]
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
            selector = block.partition("{")[0]
            if re.search(r"\.o$|\.any\b", selector):
                assert re.fullmatch(r":where\(.*\) (\.o|:is\((\.[\w-]+,?)+\))", selector), block
