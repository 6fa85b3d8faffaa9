"""A tool's page shows in every state what its table says: by style alone, and with the script."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tool_pages
import tool_states
from conftest import serve_folder
from marionette import firefox, firefox_path
from tool_pages import NAMES, tools
from tool_states import SOAK, Run

from sitebuilder.clinical.decision_tools.compile_css import compile_rules

pytestmark = pytest.mark.tools

BROWSERS = [
    "chromium",
    pytest.param("firefox", marks=pytest.mark.skipif(not firefox_path(), reason="no Firefox")),
]
WAYS: dict[str, dict[str, Any]] = {
    "script": {},
    "plain": {"script": False},
    "sheet": {"script": False, "has": False},
    "locked": {"locked": True, "script": False},
    "bare": {"script": False, "policy": False},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each tool's page in each way: `script/next-step/`."""
    root = tmp_path_factory.mktemp("tools")
    for way, options in WAYS.items():
        for name, tool in tools().items():
            (root / way / name).mkdir(parents=True)
            (root / way / name / "index.html").write_text(tool_pages.page(tool, **options))
    (root / "favicon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return root


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    yield from serve_folder(folder)


Open = Callable[[str], Run]


@pytest.fixture(scope="module")
def fox() -> Iterator[Any]:
    with firefox() as tab:
        yield tab


@pytest.fixture
def opened(request: pytest.FixtureRequest, served: str) -> Iterator[Open]:
    """Opens a page, such as `script/next-step`, and gives what runs functions in it."""
    if request.param == "firefox":
        tab = request.getfixturevalue("fox")

        def in_firefox(path: str) -> Run:
            tab.go(f"{served}/{path}/")
            run: Run = tab.evaluate
            return run

        yield in_firefox
        return
    context = request.getfixturevalue("browser").new_context(reduced_motion="reduce")
    page = context.new_page()

    def in_chromium(path: str) -> Run:
        page.goto(f"{served}/{path}/")
        return lambda script, argument: page.evaluate(
            f"argument => (function () {{ {script} }})(argument)", argument
        )

    yield in_chromium
    context.close()


def told(problems: list[str]) -> None:
    assert not problems, f"{len(problems)} found, such as:\n" + "\n".join(problems[:10])


@pytest.mark.parametrize("opened", BROWSERS, indirect=True)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["plain", "script"])
def test_the_page_shows_what_the_table_says(opened: Open, name: str, way: str):
    tool = tools()[name]
    states = tool_states.every(tool)
    assert set(tool_states.reached(tool, states)) == {"", *tool.outcomes}
    if way == "script" and not SOAK:
        states = [*tool_states.reached(tool, states).values(), *states[::6]]
    assert len(states) > 250
    told(tool_states.differences(opened(f"{way}/{name}"), tool, states))


# The rule for all the rest, where earlier rules name every answer. It stays: a new answer needs it.
SPARE = {"options": [":where(form) :is(.ASK_OWN,.any,.told){display:block}"]}


@pytest.mark.parametrize("opened", BROWSERS[: 2 if SOAK else 1], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_each_rule_is_needed(opened: Open, name: str):
    """Without any one of the generated rules the page shows something else in some state."""
    tool = tools()[name]
    rules = compile_rules(tool)
    states = tool_states.every(tool)
    chosen = range(len(rules))
    if not SOAK:
        chosen = sorted(random.Random(name).sample(chosen, 8))
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
def test_rules_are_in_the_order_that_the_scheme_asks_for(name: str):
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


def test_results_are_shown_by_rules_of_one_weight():
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
