"""States that a tool's form can be in, what its table says of them, what its page shows of them.

A state is the ids of the ticked inputs. A page is put into many at once, by a function of its own
that ticks and reads; no clicks, so that a browser does hundreds a second.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from modes import SOAK

from sitebuilder.clinical.decision_tools.compile_css import (
    PENDING_TIERS,
    option_id,
    question_id,
)
from sitebuilder.clinical.decision_tools.evaluate import count_ticks, evaluate, holds
from sitebuilder.core.decision_tool import SETTING_QUESTION, Condition, Literal, Question, Tool

RANDOM = 2000 if SOAK else 150

State = Mapping[str, frozenset[str]]
Run = Callable[[str, Any], Any]
"""Runs the body of a function in a page, with one argument."""

# What is in view in each state: results as cards, in the bar, what stands beside them, questions.
# A script may keep questions back ("one"); results it may not, so they are read as they are.
READ = """
const [states] = arguments[0], form = document.querySelector('form');
const all = selector => [...form.querySelectorAll(selector)];
const inputs = all('input'), questions = all('.q'), cards = all('.res > .card.o');
const live = all('.live > .o'), pending = all('.pd'), clashes = all('.cf span');
const told = all('.told, .told .signs'), any = all('.any'), head = all('.nb');
const list = all('.sl'), notes = all('.nt'), sheet = all('.ws'), answers = all('label:has(input)');
const name = e => [...e.classList].find(c => /^[A-Z][A-Z0-9_]+$/.test(c));
const seen = list => list.filter(e => e.checkVisibility());
const drawn = e => getComputedStyle(e).display !== 'none';
return states.map(ids => {
  const ticked = new Set(ids);
  for (const input of inputs) input.checked = ticked.has(input.id);
  const shown = seen(cards);
  const found = {
    cards: shown.map(name), live: seen(live).map(name), told: seen(told).length,
    any: seen(any).length, head: seen(head).length, sheet: seen(sheet).length,
    list: seen(list).length, notes: seen(notes).map(e => e.classList[1]),
    pending: seen(pending).map(e => e.classList[e.classList.length - 1]),
    lines: shown.flatMap(card => [...card.querySelectorAll('.do > li')].flatMap(
      (e, n) => e.checkVisibility() ? [n] : [])),
  };
  const one = form.classList.contains('one');
  if (one) form.classList.remove('one');
  found.seen = seen(questions).map(e => e.id);
  found.clashes = seen(clashes).map(e => e.closest('.q').id);
  found.hidden = answers.filter(e => found.seen.includes(e.closest('.q').id) && !drawn(e)).map(
    e => e.querySelector('input').id);
  if (one) form.classList.add('one');
  return found;
});
"""


def ids(tool: Tool, state: State) -> list[str]:
    return [
        option_id(question, option)
        for question in tool.questions
        for option in question.options
        if option.id in state.get(question.id, ())
    ]


def expected(tool: Tool, state: State) -> dict[str, Any]:
    """What the table says that a page shows."""
    shown, counted = evaluate(tool, state), count_ticks(tool, state)
    outcome = tool.outcomes.get(shown.outcome)
    result = [shown.outcome] if outcome else []
    known = {q.id: question_id(q) for q in tool.questions}
    pending = tool.outcomes[shown.pending].tier if shown.pending else ""
    return {
        "cards": result,
        "live": result,
        "told": 2 * (outcome is not None and outcome.tier != "911"),
        "any": len(result),
        "head": int(bool(shown.notes)),
        "sheet": 0,
        "list": int(shown.shows_list),
        "notes": [f"n_{name}" for name in tool.notes if name in shown.notes],
        "pending": [f"pd-{pending}"] if pending in PENDING_TIERS else [],
        "lines": list(shown.lines),
        "seen": [known[name] for name in shown.visible_questions],
        "clashes": [known[name] for name in shown.conflicts],
        "hidden": [
            option_id(question, option)
            for question in tool.questions
            for option in question.options
            if question.id in shown.visible_questions
            and not holds(option.show_if, counted)
            and not (option.is_sign and option.id in state.get(question.id, ()))
        ],
    }


def differences(run: Run, tool: Tool, states: Sequence[State]) -> list[str]:
    """Where a page does not show what the table says."""
    read = run(READ, [[ids(tool, state) for state in states]])
    problems = []
    for state, found in zip(states, read, strict=True):
        wanted = expected(tool, state)
        for part in wanted:
            if found[part] != wanted[part]:
                problems.append(f"{ids(tool, state)}: {part} {found[part]}, not {wanted[part]}")
    return problems


# -- which states ---------------------------------------------------------------------------------


def every(tool: Tool, seed: int = 1) -> list[State]:
    """All the kinds of states, each once, in a fixed order."""
    chance = random.Random(f"{tool.name} {seed}")
    found: dict[str, State] = {}
    for state in itertools.chain(
        [{}],
        one_question(tool),
        settings(tool),
        conditions(tool),
        paths(tool, chance),
        slips(tool, chance),
        (scattered(tool, chance) for _ in range(RANDOM)),
    ):
        found.setdefault(" ".join(ids(tool, state)), state)
    return list(found.values())


def few(question: Question) -> Iterator[frozenset[str]]:
    """Each answer alone, and with every other of its question."""
    names = [option.id for option in question.options]
    yield from (frozenset({name}) for name in names)
    if question.type == "many":
        exclusive = [option.id for option in question.options if option.exclusive]
        pairs = itertools.combinations(names, 2) if SOAK else itertools.product(exclusive, names)
        yield from map(frozenset, pairs)
        yield frozenset(names)


def clear(tool: Tool) -> dict[str, frozenset[str]]:
    """The answers of the safety part that let a reader on."""
    lone = {q.id: [o.id for o in q.options if o.id == "none"] for q in tool.safety.questions}
    return {name: frozenset(found or ["a50"]) for name, found in lone.items()}


def plain(tool: Tool) -> dict[str, frozenset[str]]:
    """One full set of answers that leads to a result of the tool's own."""
    return {**clear(tool), **{q.id: frozenset({q.options[0].id}) for q in tool.own_questions}}


def one_question(tool: Tool) -> Iterator[State]:
    """Every question by itself; after all before it; and with all others answered."""
    full = plain(tool)
    for place, question in enumerate(tool.questions):
        before = {q.id: full[q.id] for q in tool.questions[:place]}
        for answer in few(question):
            yield {question.id: answer}
            yield {**before, question.id: answer}
            yield {**full, question.id: answer}
        yield {k: v for k, v in full.items() if k != question.id}


def settings(tool: Tool) -> Iterator[State]:
    """Each setting with each answer of the safety part: blank forms, full ones, half-way."""
    names = [option.id for option in tool.question(SETTING_QUESTION).options]
    full, last = plain(tool), tool.safety.questions[-1].id
    for size in (1, 2):
        for setting in itertools.combinations(names, size):
            for question in tool.safety.questions:
                for option in question.options:
                    said = {SETTING_QUESTION: frozenset(setting)}
                    if question.id != SETTING_QUESTION:
                        said[question.id] = frozenset({option.id})
                    yield {**full, **said}
                    if option.is_sign and size == 1:
                        yield said
                        yield {k: v for k, v in {**full, **said}.items() if k != last}


def conditions(tool: Tool) -> Iterator[State]:
    """For each condition of the tool the answers that make it hold, and all of those but one."""
    full = plain(tool)
    for condition in all_conditions(tool):
        for chosen in itertools.islice(itertools.product(*condition.all_of), 0, 40):
            for left_out in (None, *condition.none_of[:3], *chosen * (len(chosen) > 1)):
                literals = [each for each in chosen if each is not left_out]
                if left_out in condition.none_of and left_out is not None:
                    literals.append(left_out)
                yield ticked(tool, full, literals)


def all_conditions(tool: Tool) -> Iterator[Condition]:
    yield from (rule.when for rule in (*tool.safety.rules, *tool.rules))
    yield from (line.shown_if for o in tool.outcomes.values() for line in o.body)


def ticked(tool: Tool, full: State, literals: Iterable[Literal]) -> State:
    """A full form with these answers in place of what was chosen in their questions."""
    chosen: dict[str, set[str]] = {}
    for literal in literals:
        chosen.setdefault(literal.question, set()).add(literal.option)
        if literal.settings:
            chosen.setdefault(SETTING_QUESTION, set()).add(literal.settings[0])
    radios = {q.id for q in tool.questions if q.type == "one"}
    sound = {
        k: frozenset(sorted(v)[:1]) if k in radios else frozenset(v) for k, v in chosen.items()
    }
    return {**full, **sound}


def paths(tool: Tool, chance: random.Random) -> Iterator[State]:
    """Ways through the tool's own questions, with each state on the way."""
    first = tool.own_questions[0]
    for turn in range(600 if SOAK else 120):
        full = {**clear(tool), **{q.id: some(q, chance) for q in tool.own_questions}}
        if first.type == "one":  # it parts the results most
            full[first.id] = frozenset({first.options[turn % len(first.options)].id})
        last = tool.safety.questions[-1]
        if chance.random() < 0.7:
            full[last.id] = some(last, chance)
        for name in ("pelvis", "legs"):
            if chance.random() < 0.2:
                full[name] = some(tool.question(name), chance)
        yield full
        for end in range(len(tool.questions)):
            if chance.random() < 0.1:
                yield {q.id: full[q.id] for q in tool.questions[:end]}


def slips(tool: Tool, chance: random.Random) -> Iterator[State]:
    """Full forms with one answer taken back or made a contradiction."""
    for question in tool.questions:
        for _ in range(8):
            full = {**clear(tool), **{q.id: some(q, chance) for q in tool.own_questions}}
            yield {**full, question.id: frozenset()}
            if question.type == "many":
                added = chance.choice(question.options).id
                yield {**full, question.id: full[question.id] | {added}}


def some(question: Question, chance: random.Random) -> frozenset[str]:
    """A sound answer."""
    if question.type == "one":
        return frozenset({chance.choice(question.options).id})
    lone = [o.id for o in question.options if o.exclusive]
    rest = [o.id for o in question.options if not o.exclusive]
    if chance.random() < 0.3:
        return frozenset({chance.choice(lone)})
    return frozenset(chance.sample(rest, chance.randint(1, min(3, len(rest)))))


def scattered(tool: Tool, chance: random.Random) -> State:
    """Anything that can be ticked."""
    base = clear(tool) if chance.random() < 0.6 else {}
    found = dict(base)
    for question in tool.questions:
        if chance.random() < (0.15 if question.id in base else 0.7):
            names = [option.id for option in question.options]
            count = 1 if question.type == "one" else chance.choice((0, 1, 1, 2, 3))
            found[question.id] = frozenset(chance.sample(names, min(count, len(names))))
    return found


def reached(tool: Tool, states: Iterable[State]) -> dict[str, State]:
    """A state for each result."""
    found: dict[str, State] = {}
    for state in states:
        found.setdefault(evaluate(tool, state).outcome, state)
    return found
