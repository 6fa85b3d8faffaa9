"""A tool in a reader's hands: clicks, keys, paper, narrow screens; nothing that is said leaves."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import brotli
import look
import page_states
import pytest
import tool_pages
from conftest import chromium_path
from marionette import Tab, firefox_path
from modes import SOAK, TURN, chosen
from nu import NuChecker
from page_states import State, ids
from playwright.sync_api import Error
from test_look_axe import EXTRA, JUDGED_ELSEWHERE, RUN, TAGS
from test_look_contrast import READ as PAIRS
from test_look_contrast import wrong_with
from test_look_parts import TARGETS
from test_look_reflow import READ as REFLOW
from tool_pages import INLINE, NAMES, tools

from sitebuilder.clinical.decision_tools.compile_css import option_id
from sitebuilder.clinical.decision_tools.evaluate import count_ticks, evaluate, holds, in_view
from sitebuilder.clinical.decision_tools.paper import mark_tier
from sitebuilder.clinical.decision_tools.view import build_ladder, build_tool_view
from sitebuilder.core.decision_tool import Question, Tool

needs_browser = pytest.mark.tools
# All of one tool in one worker, so that its states are made once.
each_tool = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.xdist_group(f"tool {n}"), id=n) for n in NAMES]
)

EMERGENCY = "EMERGENCY"
LONGEST, SCRIPT = 20_500, 1_500
TICK = """ids => {
  for (const input of document.querySelectorAll('form input')) input.checked = false;
  for (const id of ids) document.getElementById(id).checked = true;
  document.querySelector('form').dispatchEvent(new Event('change', {bubbles: true}));
}"""
SHOWN = """() => [...document.querySelectorAll('.res > .card.o')].filter(e => e.checkVisibility())
  .map(e => [...e.classList].find(c => /^[A-Z][A-Z0-9_]+$/.test(c)))"""


# The first and the last answer in view of each question; or all.
ENDS_OF_QUESTIONS = """all => [...document.querySelectorAll('form .q')].flatMap(question => {
  const seen = [...question.querySelectorAll('input')].filter(e => e.checkVisibility());
  return seen.map(e => e.id).filter((_, n) => all || n === 0 || n === seen.length - 1);
})"""
LOW_LABELS = """() => [...document.querySelectorAll('form label')].filter(
  e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(
  e => `${selectorOf(e)}: a line to tick of less than 44 px`)"""


# "None of these" has a second label, above its list. A test below holds the name of the box.
NAMED_ONCE = "form-field-multiple-labels"


def example(tool: Tool) -> dict[str, State]:
    """A state by what it shows: each result, the start, half-way, a contradiction."""
    found = page_states.reached(tool, page_states.every(tool))
    lists = [q for q in tool.own_questions if q.type == "many"]
    return {
        **{name: state for name, state in found.items() if name},
        "start": {},
        "half-way": page_states.clear(tool),
        "so far": {"life": frozenset({"ask"})},
        "clash": {"life": frozenset({"none", "breath"})},
        "out of view": {"setting": frozenset({"none"}), "after": frozenset({"fever"})},
        **({"untick": {**page_states.plain(tool), **clash(lists[0])}} if lists else {}),
    }


def clash(question: Question) -> State:
    """The first answer and the one that stands alone."""
    return {question.id: frozenset({question.options[0].id, question.options[-1].id})}


# -- bytes and form -------------------------------------------------------------------------------


def sent(text: str) -> int:
    return len(brotli.compress(text.encode(), quality=11))


def test_pages_and_script_are_within_their_budget() -> None:
    assert sent(INLINE["tool.js"]) <= SCRIPT
    for name, tool in tools().items():
        assert sent(tool_pages.page(tool)) <= LONGEST, name


def test_the_script_has_no_way_out_and_no_word_of_the_table() -> None:
    script = INLINE["tool.js"]
    assert not re.search(r"fetch|XMLHttp|Beacon|WebSocket|import|Storage|cookie|location", script)
    assert not re.search(r"history|title|innerHTML|eval|Function|hash|open\(['\"`]http", script)
    for tool in tools().values():
        for outcome in tool.outcomes:
            assert outcome not in script
    assert "em" not in re.findall(r"\w+", script)


# The checker does not know hashes of scripts; browsers do, and the test below holds ours.
UNKNOWN_TO_IT = "Inline script violates Content Security Policy (meta tag)"


@pytest.mark.java
@pytest.mark.node
@pytest.mark.xdist_group("java")
def test_every_page_is_valid(nu_checker: NuChecker, tool_folder: Path) -> None:
    """Checked by the one start of Java that test_look_markup uses too."""
    found = nu_checker.found(tool_folder, ".html")
    look.nothing([said for said in found if UNKNOWN_TO_IT not in said])


@each_tool
def test_the_page_has_nothing_that_could_send(name: str) -> None:
    html = tool_pages.page(tools()[name])
    form = re.search(r"<form\b([^>]*)>\s*<button disabled hidden>", html)
    assert form
    assert form[1] == ' class="tool" id="sheet" autocomplete="off"'
    buttons = re.findall(r"<button\b[^>]*>", html)
    assert buttons == ["<button disabled hidden>", '<button class="button quiet" type="reset">']
    assert not re.search(r"<input(?! type=\"(checkbox|radio)\" name=\"q_)", html)
    assert " value=" not in html
    policy = unescape(html)
    assert "connect-src 'none'" in policy
    assert "form-action 'none'" in policy
    script = b64encode(sha256(INLINE["tool.js"].encode()).digest()).decode()
    assert f"script-src 'sha256-{script}'" in policy


@each_tool
def test_a_locked_page_takes_no_answers_and_is_the_worksheet(name: str) -> None:
    html = tool_pages.page(tools()[name], locked=True, script=False).partition("<main")[2]
    assert not re.search(r"<(form|input|button|script)\b", html)
    assert html.index("Call 911 now for any of these") < html.index("Right now, or in the past day")
    for question in tools()[name].questions:
        for option in question.options:
            assert html.count(f"<li>{option.text.text}".replace("'", "&#39;")) >= 1
    assert html.count('class="ws"') > 10


@each_tool
def test_the_worksheet_says_what_the_table_says(name: str) -> None:
    """When all is answered, the first line of the list that fits is the result."""
    tool = tools()[name]
    rules = build_ladder(tool)
    count = 0
    for state in page_states.every(tool):
        shown, counted = evaluate(tool, state), count_ticks(tool, state)
        asked = [q for q in tool.questions if in_view(q, counted)]
        if shown.outcome and all(counted[q.id] for q in asked):
            count += 1
            fits = next(rule.outcome for rule in rules if holds(rule.when, counted))
            assert fits == shown.outcome, ids(tool, state)
    assert count > 300


def test_the_worksheet_tells_how_soon_to_act_on_each_sign() -> None:
    """Each tier, where it differs by setting, whom to call at once; and nothing beside the rest."""
    tool = tools()["next-step"]
    view = build_tool_view(tool, tool_pages.pages(), tool_pages.known())
    marks = {option.id: option.mark for question in view.questions for option in question.options}
    wanted = {
        "a_life_breath": "911",
        "a_life_ask": "today, call now",
        "a_pelvis_erect": "today",
        "a_legs_weak": "today, call now; 911 after surgery or a shot",
        "a_legs_oldweak": "2 or 3 days; today after surgery",
        "a_soon_rash": "2 or 3 days; today after surgery",
        "a_soon_weight": "2 or 3 days",
        "a_legs_known": "",
        "a_after_shotnumb": "",
        "a_place_back": "",
    }
    assert {name: marks[name] for name in wanted} == wanted
    signs = [option_id(q, o) for q in tool.questions for o in q.options if o.is_sign]
    assert {name for name, mark in marks.items() if mark} == set(signs)


@each_tool
def test_the_worksheet_has_the_pairs_and_when_a_line_or_question_counts(name: str) -> None:
    html = unescape(tool_pages.page(tools()[name], locked=True, script=False))
    pairs = [rule for rule in tools()[name].safety.rules if re.fullmatch(r"K\d", rule.name)]
    assert len(pairs) == 7
    assert html.count("<li>If you ticked (a) ") >= 7
    assert "(a) “I am not sure” in question 3, and (b) “One leg or foot stays numb" in html
    assert "Answer this only after surgery or a shot." in html
    assert "Skip this if you ticked “The shot was in the past 12 hours." in html
    assert "only after a shot, not after surgery" in html
    for outcome in tools()[name].outcomes.values():
        for line in outcome.body:
            if not line.shown_if.is_always:
                told = f"{line.paper.text if line.paper else 'If'} </em>{line.text.text}"
                assert re.search(re.escape(told).replace("If ", "If .*"), html), told


# -- clicks and keys ------------------------------------------------------------------------------


class Watch:
    """All that a page asks for, and what it leaves behind."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("request", self._asks)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _asks(self, request: Any) -> None:
        if not request.url.endswith("/favicon.svg"):  # each browser asks when it likes
            self.asked.append(request.url)

    def left(self) -> list[Any]:
        look_at = """async () => [document.title, location.search, document.cookie,
          localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
          (await caches.keys()).length, history.state, performance.getEntries().filter(
            e => e.entryType === 'resource' && !e.name.endsWith('.svg')).length]"""
        found: list[Any] = self.page.evaluate(look_at)
        return found


def walk(page: Any, tool: Tool, state: State, *, script: bool) -> None:
    """Answers as a reader does: each question in turn, by clicks on its lines."""
    said: dict[str, frozenset[str]] = {}
    for question in tool.questions:
        said[question.id] = state.get(question.id, frozenset())
        if question.id not in evaluate(tool, said).visible_questions:
            continue
        for option in (o for o in question.options if o.id in said[question.id]):
            page.locator("label", has=page.locator(f"#{ids_of(question, option)}")).click()
        if evaluate(tool, said).outcome:
            break
        if script and question is not tool.questions[-1]:
            page.get_by_role("button", name="Next").click()
    page.locator(".live a[href='#result']:visible").click()


def ids_of(question: Any, option: Any) -> str:
    return option_id(question, option)


@needs_browser
@each_tool
@pytest.mark.parametrize("way", ["plain", "script"])
def test_a_reader_gets_to_results_and_nothing_gets_out(
    served_tools: str, browser: Any, name: str, way: str
) -> None:
    """Emergency in each way; a sixth of the other results in one of the two.

    Which way and which results changes by day; with SOAK all are walked to in both. What each
    state shows, test_tools_page holds in every run: here it is the way there that counts.
    """
    tool = tools()[name]
    states = page_states.reached(tool, page_states.every(tool))
    turn = ("plain", "script").index(way)
    rest = [n for n in tool.safety.outcomes if n != EMERGENCY]
    stops = [n for place, n in enumerate(rest) if chosen(place + 3 * turn, 6)]
    own = [n for place, n in enumerate(tool.own_outcomes) if chosen(place + 3 * turn, 6)]
    own = own or [list(tool.own_outcomes)[TURN % len(tool.own_outcomes)]]
    walks = [EMERGENCY, *stops, *own]
    with look.tab(browser, viewport=look.PHONE) as page:
        watch = Watch(page)
        page.goto(f"{served_tools}/{way}/{name}/")
        before, asked = watch.left(), len(watch.asked)
        for outcome in walks:
            state = states[outcome]
            if outcome == EMERGENCY:
                state = {"life": frozenset({"breath"})}
            walk(page, tool, state, script=way == "script")
            assert page.evaluate(SHOWN) == [outcome]
            assert page.evaluate("document.activeElement.id") == "result"
            assert page.evaluate("document.activeElement.getBoundingClientRect().top") < 400
            page.get_by_role("button", name="Start again").click()
            page.wait_for_function("!document.querySelector(':checked')")
            assert page.evaluate(SHOWN) == []
        assert page.url == f"{served_tools}/{way}/{name}/" + ("" if way == "script" else "#result")
        assert watch.left() == before
        assert len(watch.asked) == asked
        assert watch.said == []


@needs_browser
@pytest.mark.parametrize(
    ("way", "name"),
    [
        pytest.param(way, name, marks=pytest.mark.xdist_group(f"tool {name}"), id=f"{way}-{name}")
        for way in ("plain", "script", "bare")
        for place, name in enumerate(NAMES)
        if way != "bare" or chosen(place, len(NAMES))
    ],
)
def test_enter_changes_nothing(served_tools: str, browser: Any, name: str, way: str) -> None:
    """In the first and the last answer of each question; with SOAK in all of them.

    All answers are one form's inputs of the same two kinds; it has one button that Enter would
    press, and that is what this is about. "bare" is "plain" without a policy that forbids sending:
    one tool a day, with SOAK each.
    """
    tool = tools()[name]
    with look.tab(browser) as page:
        watch = Watch(page)
        page.goto(f"{served_tools}/{way}/{name}/")
        asked = len(watch.asked)
        page.evaluate(TICK, ids(tool, page_states.plain(tool)))
        before = page.evaluate(SHOWN)
        ticked = page.locator(":checked").count()
        inputs = page.evaluate(ENDS_OF_QUESTIONS, SOAK)
        assert len(inputs) > (1 if way == "script" else len(tool.questions))
        for one in inputs:
            page.locator(f"#{one}").focus()
            page.keyboard.press("Enter")
        assert page.evaluate(SHOWN) == before
        assert page.locator(":checked").count() == ticked
        assert page.url == f"{served_tools}/{way}/{name}/"
        assert len(watch.asked) == asked


@needs_browser
def test_one_question_at_a_time_forward_and_back_by_keyboard(
    served_tools: str, browser: Any
) -> None:
    tool = tools()["next-step"]
    at = "document.activeElement.textContent"
    open_ = """[...document.querySelectorAll('.q')].filter(
      e => e.checkVisibility({visibilityProperty: true})).map(e => e.id)"""
    with look.tab(browser) as page:
        page.goto(f"{served_tools}/script/next-step/")
        assert page.evaluate(open_) == ["q_life"]
        onward = page.get_by_role("button", name="Next")
        onward.press("Enter")
        assert page.get_by_text("Choose an answer to go on.").is_visible()
        page.locator("#a_life_none").press("Space")
        onward.press("Enter")
        assert page.evaluate(open_) == ["q_setting"]
        assert page.evaluate(at).startswith("Question 2 of 11")
        page.get_by_role("button", name="Back").press("Space")
        assert page.evaluate(open_) == ["q_life"]
        assert not page.get_by_role("button", name="Back").is_visible()
        page.locator("#a_life_breath").press("Space")
        assert page.evaluate(SHOWN) == [EMERGENCY]
        assert onward.is_visible()  # the rest can be answered all the same
        page.locator(".live a[href='#result']:visible").press("Enter")
        assert page.evaluate("document.activeElement.id") == "result"
        page.locator("#a_life_breath").press("Space")
        assert page.evaluate(SHOWN) == []
        full = page_states.plain(tool)
        asked = [q for q in tool.questions if q.id in evaluate(tool, full).visible_questions]
        for question in asked:
            (answer,) = full[question.id]
            page.locator(f"#a_{question.id}_{answer}").check()
            if question is not asked[-1]:
                onward.press("Enter")
        assert not onward.is_visible()
        assert page.evaluate(SHOWN) == [evaluate(tool, full).outcome]
        page.evaluate("window.print = () => window.printed = true")
        page.get_by_role("button", name="Print").click()
        assert page.evaluate("printed")


@needs_browser
@pytest.mark.parametrize("way", ["plain", "script"])
def test_none_of_these_can_be_ticked_above_its_list(
    served_tools: str, browser: Any, way: str
) -> None:
    """It does not double the name of the box; with the script Next comes into view."""
    with look.tab(browser, viewport=look.PHONE) as page:
        page.goto(f"{served_tools}/{way}/next-step/")
        boxes = page.get_by_role("checkbox", name="None of these", exact=True)
        assert boxes.count() == 1
        page.locator(".none:visible").first.click()
        assert boxes.first.is_checked()
        if way == "script":
            onward = page.get_by_role("button", name="Next")
            page.wait_for_function("scrollY > 500")
            assert page.evaluate(
                "e => e.getBoundingClientRect().bottom <= innerHeight", onward.element_handle()
            )
        else:
            assert page.locator("#q_setting").is_visible()


@needs_browser
@pytest.mark.parametrize("way", ["plain", "script"])
def test_the_sheet_is_a_link_away_and_takes_no_ticks(
    served_tools: str, browser: Any, way: str
) -> None:
    tool = tools()["get-ready"]
    with look.tab(browser) as page:
        page.goto(f"{served_tools}/{way}/get-ready/")
        page.evaluate(TICK, ids(tool, page_states.plain(tool)))
        page.get_by_role("link", name="as a sheet to print").click()
        text = page.locator("form").inner_text()
        for words in ("Which result is yours", "(911)", "Your list for the visit"):
            assert words in text
        assert all(question.text.text in text for question in tool.questions)
        assert all(outcome.title.text in text for outcome in tool.outcomes.values())
        assert page.locator("input:visible, .live:visible, .none:visible").count() == 0
        page.emulate_media(media="print")
        assert page.locator(".q:visible").count() == len(tool.questions)
        page.emulate_media(media="screen")
        page.get_by_role("link", name="Go back").click()
        assert page.evaluate(SHOWN) == [evaluate(tool, page_states.plain(tool)).outcome]


@needs_browser
@pytest.mark.parametrize("way", ["plain", "script"])
def test_the_crisis_line_comes_before_911(served_tools: str, browser: Any, way: str) -> None:
    with look.tab(browser, viewport=look.PHONE) as page:
        page.goto(f"{served_tools}/{way}/options/")
        page.locator("#a_life_selfharm").check()
        assert page.evaluate(SHOWN) == ["CRISIS"]
        calls = page.locator("form a[href^='tel:']:visible")
        numbers = [call.get_attribute("href") for call in calls.all()]
        assert numbers == ["tel:988", "tel:988", "tel:911"]  # the bar, the card
        assert "quiet" in (calls.last.get_attribute("class") or "")
        assert page.locator(".live a[href='tel:988']").is_visible()


@needs_browser
def test_a_question_that_goes_away_under_the_reader_leads_on(
    served_tools: str, browser: Any
) -> None:
    """The list for after surgery stays for its one sign; without it the next question comes."""
    with look.tab(browser) as page:
        page.goto(f"{served_tools}/script/next-step/")
        state = {**page_states.clear(tools()["next-step"]), "after": frozenset({"fever"})}
        page.evaluate(TICK, ids(tools()["next-step"], state))
        for _ in range(3):
            page.get_by_role("button", name="Next").click()
        assert page.locator("#a_after_fever").is_visible()
        page.locator("#a_after_fever").uncheck()
        assert page.locator("#q_legs").is_visible()


# -- what a browser keeps -------------------------------------------------------------------------

KEPT = "window.kept = null; addEventListener('pageshow', event => window.kept = event.persisted);"
LEFT = "[window.kept, document.querySelectorAll(':checked').length]"


@pytest.fixture(scope="module")
def keeping(browser: Any) -> Iterator[Any]:
    """A browser with the back-forward cache on, as readers have it."""
    chromium = browser.browser_type.launch(
        executable_path=chromium_path(),
        args=["--no-sandbox", "--disable-gpu"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield chromium
    chromium.close()


def wait_for(read: Any, wanted: Any) -> Any:
    """What is read in the end: a page that is on its way cannot be asked."""
    found = None
    for _ in range(100):
        time.sleep(0.1)
        with suppress(Error):
            found = read()
        if found == wanted:
            break
    return found


# Without the script the answers come back: the cache works, and the test would see it.
@needs_browser
@pytest.mark.parametrize(("way", "left"), [("plain", 1), ("script", 0)])
def test_a_page_from_the_back_forward_cache_has_no_answers(
    served_tools: str, keeping: Any, way: str, left: int
) -> None:
    context = keeping.new_context()
    page = context.new_page()
    page.goto(f"{served_tools}/{way}/next-step/")
    page.evaluate(KEPT)
    page.check("#a_life_none")
    page.goto(f"{served_tools}/plain/options/")
    page.evaluate("void history.back()")
    assert wait_for(lambda: page.evaluate(LEFT), [True, left]) == [True, left]
    context.close()


@needs_browser
@pytest.mark.xdist_group("firefox")
@pytest.mark.skipif(not firefox_path(), reason="no Firefox")
@pytest.mark.parametrize(("way", "left"), [("plain", 1), ("script", 0)])
def test_the_same_in_firefox(served_tools: str, fox: Tab, way: str, left: int) -> None:
    fox.go(f"{served_tools}/{way}/next-step/")
    fox.evaluate(KEPT + "document.getElementById('a_life_none').click()")
    fox.go(f"{served_tools}/plain/options/")
    fox.back()
    read = "return " + LEFT
    assert wait_for(lambda: fox.evaluate(read), [True, left]) == [True, left]


@needs_browser
@pytest.mark.parametrize("way", ["plain", "script"])
def test_a_page_that_is_loaded_again_has_no_answers(
    served_tools: str, browser: Any, way: str
) -> None:
    with look.tab(browser) as page:
        page.goto(f"{served_tools}/{way}/next-step/")
        page.check("#a_life_none")
        page.reload()
        assert page.locator(":checked").count() == 0
        page.check("#a_life_none")
        page.goto(f"{served_tools}/plain/options/")
        page.go_back()
        assert page.locator(":checked").count() == 0


# -- what is seen ---------------------------------------------------------------------------------

# The bar with the number to call: wholly on the screen, with nothing over it.
IN_VIEW = """() => [...document.querySelectorAll('.live .EMERGENCY, .live .EMERGENCY a')].map(e => {
  const box = e.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.height >= 44 && box.top >= 0 && box.bottom <= innerHeight + .5 && e.contains(top);
})"""


@needs_browser
@each_tool
@pytest.mark.parametrize("way", ["plain", "script"])
def test_the_emergency_is_in_view_at_once(
    served_tools: str, browser: Any, name: str, way: str
) -> None:
    """Every sign on one tool; the first, middle and last on the others, with SOAK all.

    The signs are the same on each tool, from safety.yaml, and stand in its first question.
    """
    tool = tools()[name]
    signs = [o for o in tool.question("life").options if o.tiers.get("") == "911"]
    signs = [option for option in signs if option.id != "selfharm"]
    if name != "next-step" and not SOAK:
        signs = [signs[0], signs[len(signs) // 2], signs[-1]]
    with look.tab(browser, viewport=look.PHONE) as page:
        page.goto(f"{served_tools}/{way}/{name}/")
        for option in signs:
            box = page.locator(f"#a_life_{option.id}")
            box.check()
            assert page.evaluate(IN_VIEW) == [True, True, True], option.id
            assert page.evaluate(SHOWN) == [EMERGENCY]
            box.uncheck()
    with look.tab(browser, viewport={"width": 320, "height": 256}) as page:
        page.goto(f"{served_tools}/{way}/{name}/")
        page.locator("#a_life_breath").check()
        assert page.evaluate(IN_VIEW)[:2] == [True, True]


def states_shown(tool: Tool, way: str) -> dict[str, tuple[State | None, list[str]]]:
    """The states to judge in this run, by name: what is ticked, and in which schemes axe looks.

    Each state is judged every fourth day, in one of the two ways and one scheme; in sixteen days it
    was in each way in each scheme. The start and the emergency are judged in both ways every day;
    with SOAK all are, in both schemes.
    """
    shown: dict[str, tuple[State | None, list[str]]] = {}
    examples: dict[str, State | None] = {**example(tool)}
    if way in {"sheet", "locked"}:
        examples = {"start": {} if way == "sheet" else None}
    for place, (what, state) in enumerate(examples.items()):
        always = what in {"start", EMERGENCY}
        if always or chosen(place + 4 * (way == "plain"), 8):
            scheme = ("light", "dark")[(place // 8 + TURN // 8) % 2]
            shown[what] = state, ["light", "dark"] if SOAK else [scheme]
    return shown


def axe_finds(page: Any, scheme: str) -> list[str]:
    page.set_viewport_size(look.PHONE)
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate(RUN, [TAGS, EXTRA])
    assert set(EXTRA) <= set(found["ran"])
    judged = {*JUDGED_ELSEWHERE, NAMED_ONCE}
    unsure = [rule for rule in found["incomplete"] if rule["id"] not in judged]
    rules = (*found["violations"], *unsure)
    return [f"{rule['id']}: {node} ({scheme})" for rule in rules for node in rule["nodes"]]


def small_wide_or_pale(page: Any) -> list[str]:
    """What is cut off or too small at 320 px, and texts that are no listed pair of colours."""
    page.set_viewport_size({"width": 320, "height": 640})
    found = [*page.evaluate(REFLOW), *page.evaluate(TARGETS, 44)[1], *page.evaluate(LOW_LABELS)]
    pairs = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        pairs.append(page.evaluate(PAIRS))
    for light, dark in zip(*pairs, strict=True):
        if why := wrong_with(light, dark):
            found.append(f"{light['at']} '{light['text']}': {why}")
    return found


@needs_browser
@pytest.mark.node
@each_tool
@pytest.mark.parametrize("way", ["script", "plain", "sheet", "locked"])
def test_nothing_is_wrong_with_any_state(
    served_tools: str, browser: Any, name: str, way: str
) -> None:
    """axe finds nothing; colours are listed pairs; targets are large; nothing scrolls sideways.

    All is asked of each state in one go, as making it costs more than some of the questions. Of
    the ways and schemes a short run takes a part: see `states_shown`.
    """
    tool = tools()[name]
    axe = look.modules("axe-core", "axe.min.js").read_text()
    problems = []
    with look.tab(browser, viewport=look.PHONE) as page:
        page.goto(f"{served_tools}/{way}/{name}/")
        page.evaluate(axe)
        for what, (state, schemes) in states_shown(tool, way).items():
            if state is not None:
                page.evaluate(TICK, ids(tool, state))
            found = [finding for scheme in schemes for finding in axe_finds(page, scheme)]
            found += small_wide_or_pale(page)
            problems += [f"{way}/{name} {what} {finding}" for finding in found]
    look.nothing(problems)


def test_what_is_urgent_is_judged_each_day_in_both_ways() -> None:
    for tool in tools().values():
        shown = {way: states_shown(tool, way) for way in ("script", "plain")}
        assert set(shown["script"]) & set(shown["plain"]) >= {"start", EMERGENCY}
        assert len(shown["script"]) + len(shown["plain"]) > len(example(tool)) / 4


@needs_browser
def test_paper_holds_the_result_the_answers_the_card_and_the_date(
    served_tools: str, browser: Any
) -> None:
    tool = tools()["get-ready"]
    state = {
        **page_states.plain(tool),
        "pelvis": frozenset({"old"}),
        "scan": frozenset({"pressure", "slip"}),
        "points": frozenset({"smoke", "health"}),
    }
    with look.tab(browser, viewport={"width": 695, "height": 900}, color_scheme="dark") as page:
        for way in ("script", "plain"):
            page.goto(f"{served_tools}/{way}/get-ready/")
            page.evaluate(TICK, ids(tool, state))
            page.emulate_media(media="print")
            text = page.locator("body").inner_text()
            outcome = tool.outcomes[evaluate(tool, state).outcome]
            wanted = [
                outcome.title.text,
                "Points to bring up",
                "Smoking or nicotine",
                "even if it is old",
                "Your list for the visit",
                "Does my scan match how I feel?",
                "Write your own 3 questions here.",
                "This is not a diagnosis",
                "When to call 911",
                "Date:",
                "What you chose",
                tool.question("points").text.text,
                "I smoke or use nicotine",
                "A bone has slipped",
            ]
            assert page.locator(".ruled:visible li").count() == 3
            assert [words for words in wanted if words not in text] == []
            tops = "e => document.querySelector(e).getBoundingClientRect().top"
            assert page.evaluate(tops, "#result") < page.evaluate(tops, ".chose")
            for words in (
                "I have no one",
                "Start again",
                "Print",
                "Read more",
                "If line",
                "Answer this",
            ):
                assert words not in text, words
            wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert page.evaluate(wide)
            page.evaluate(TICK, [])
            blank = page.locator("body").inner_text()
            for words in ("Which result is yours", "(911)", "(today)", "If line 9 of the list"):
                assert words in blank, words
            for one in tool.outcomes.values():
                assert one.title.text in blank
            page.emulate_media(media="screen")


@needs_browser
@each_tool
def test_without_has_the_page_is_a_worksheet(served_tools: str, browser: Any, name: str) -> None:
    tool = tools()[name]
    with look.tab(browser) as page:
        for way in ("sheet", "locked"):
            page.goto(f"{served_tools}/{way}/{name}/")
            text = page.locator("main").inner_text()
            for question in tool.questions:
                assert question.text.text in text
            for outcome in tool.outcomes.values():
                assert outcome.title.text in text
                assert all(line.text.text in text for line in outcome.body)
            assert "If you ticked any line that is “911” for you" in text
            flagged = sum(mark_tier(o) == "911" for q in tool.questions for o in q.options)
            assert text.count("(911)") == flagged
            assert "If nothing above fits" in text
            assert "Untick one" not in text


@needs_browser
def test_a_click_is_answered_with_little_work(served_tools: str, browser: Any) -> None:
    """One layout and few calls; the time, which a busy machine adds to, is a benchmark's."""
    click = "id => { document.getElementById(id).click(); document.body.offsetHeight; }"
    with look.tab(browser, viewport=look.PHONE) as page:
        cdp = page.context.new_cdp_session(page)
        for method in ("Performance.enable", "Profiler.enable"):
            cdp.send(method)

        def layouts() -> int:
            metrics = cdp.send("Performance.getMetrics")["metrics"]
            return int(next(m["value"] for m in metrics if m["name"] == "LayoutCount"))

        for name in NAMES:
            page.goto(f"{served_tools}/script/{name}/")
            page.evaluate(TICK, ids(tools()[name], page_states.plain(tools()[name])))
            cdp.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
            for option in ("breath", "belly"):
                cdp.send("Profiler.takePreciseCoverage")  # sets the counts to zero
                before = layouts()
                page.evaluate(click, f"a_life_{option}")
                assert layouts() - before == 1
                scripts = cdp.send("Profiler.takePreciseCoverage")["result"]
                calls = sum(
                    function["ranges"][0]["count"]
                    for script in scripts
                    if script["url"].startswith(served_tools)
                    for function in script["functions"]
                )
                assert 0 < calls <= 30
