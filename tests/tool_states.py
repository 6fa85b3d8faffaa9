"""States that the form of a tool can be in, what the table says of them, what a page shows of them.

A state is the ids of the ticked inputs. A page is put into many at once, by a function of its own
that ticks and reads; no clicks, so that a browser does hundreds a second.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from modes import SOAK

from sitebuilder.clinical.decision_tools.compile_css import option_id, question_id
from sitebuilder.clinical.decision_tools.evaluate import evaluate
from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, Question, Tool

RANDOM = 2000 if SOAK else 150

State = Mapping[str, frozenset[str]]

# What is in view in each state: results as cards, in the bar, what stands beside them, questions.
# A script may keep questions back ("one"); results it may not, so they are read as they are.
READ = """
const [states] = arguments[0], form = document.querySelector('form');
const all = selector => [...form.querySelectorAll(selector)];
const inputs = all('input'), questions = all('.q'), cards = all('.res > .card.o');
const live = all('.live > .o'), clashes = all('.cf span'), notes = all('.nt');
const told = all('.told, .told .signs'), any = all('.any'), head = all('.nb');
const sheet = all('.ws');
const name = e => [...e.classList].find(c => /^[A-Z_]+$/.test(c));
const seen = list => list.filter(e => e.checkVisibility());
return states.map(ids => {
  const ticked = new Set(ids);
  for (const input of inputs) input.checked = ticked.has(input.id);
  const found = {
    cards: seen(cards).map(name), live: seen(live).map(name), told: seen(told).length,
    any: seen(any).length, head: seen(head).length, sheet: seen(sheet).length,
    notes: seen(notes).map(e => e.classList[1]),
  };
  const one = form.classList.contains('one');
  if (one) form.classList.remove('one');
  found.seen = seen(questions).map(e => e.id);
  found.clashes = seen(clashes).map(e => e.closest('.q').id);
  if (one) form.classList.add('one');
  return found;
});
"""

Run = Callable[[str, Any], Any]
"""Runs the body of a function in a page, with one argument."""


def ids(tool: Tool, state: State) -> list[str]:
    return [
        option_id(question, option)
        for question in tool.questions
        for option in question.options
        if option.id in state.get(question.id, ())
    ]


def expected(tool: Tool, state: State) -> dict[str, Any]:
    """What the table says that a page shows."""
    shown = evaluate(tool, state)
    result = [shown.outcome] if shown.outcome else []
    known = {q.id: question_id(q) for q in tool.questions}
    return {
        "cards": result,
        "live": result,
        "told": 2 * (shown.outcome not in {"", EMERGENCY_OUTCOME}),
        "any": len(result),
        "head": int(bool(shown.notes)),
        "sheet": 0,
        "notes": [f"n_{name}" for name in tool.notes if name in shown.notes],
        "seen": [known[name] for name in shown.visible_questions],
        "clashes": [known[name] for name in shown.conflicts],
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
        stops_and_flags(tool),
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
        yield from map(frozenset, itertools.combinations(names, 2))
        yield frozenset(names)


def safe(tool: Tool) -> dict[str, frozenset[str]]:
    """The answers of the safety part that let a reader on."""
    return {
        question.id: frozenset(next([o.id] for o in question.options if not o.flag and not o.stop))
        if question.type == "one"
        else frozenset(o.id for o in question.options if o.exclusive and not o.flag)
        for question in tool.safety.questions
    }


def plain(tool: Tool) -> dict[str, frozenset[str]]:
    """One full set of answers that leads to a result of the tool's own."""
    return {**{q.id: frozenset({q.options[0].id}) for q in tool.own_questions}, **safe(tool)}


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


def stops_and_flags(tool: Tool) -> Iterator[State]:
    """Every emergency sign x urgent sign x stop, one of each or none, over blank and full forms."""
    options = [(q.id, o) for q in tool.questions for o in q.options]
    nothing: list[tuple[str, str]] = [("", "")]
    emergency = nothing + [(q, o.id) for q, o in options if o.flag == "emergency"]
    urgent = nothing + [(q, o.id) for q, o in options if o.flag == "urgent"]
    stops = nothing + [(q, o.id) for q, o in options if o.stop]
    for number, three in enumerate(itertools.product(emergency, urgent, stops)):
        under = plain(tool) if number % 2 else {}
        yield {**under, **{q: frozenset({o}) for q, o in three if q}}


def paths(tool: Tool, chance: random.Random) -> Iterator[State]:
    """Ways through the tool's own questions, with each state on the way."""
    single = [q for q in tool.own_questions if q.type == "one"]
    ways = list(itertools.product(*([o.id for o in q.options] for q in single)))
    count = len(ways) if SOAK else min(len(ways), 150)
    for way in chance.sample(ways, count):
        chosen = {q.id: frozenset({o}) for q, o in zip(single, way, strict=True)}
        many = {q.id: some(q, chance) for q in tool.own_questions if q.type == "many"}
        full = {**safe(tool), **chosen, **many}
        yield full
        for end in range(len(tool.questions)):
            if chance.random() < 0.2:
                yield {q.id: full[q.id] for q in tool.questions[:end]}


def slips(tool: Tool, chance: random.Random) -> Iterator[State]:
    """Full forms with one answer taken back or made a contradiction."""
    for question in tool.questions:
        for _ in range(8):
            full = {**{q.id: some(q, chance) for q in tool.own_questions}, **safe(tool)}
            yield {**full, question.id: frozenset()}
            if question.type == "many":
                yield {
                    **full,
                    question.id: full[question.id] | {chance.choice(question.options).id},
                }


def some(question: Question, chance: random.Random) -> frozenset[str]:
    """A sound answer."""
    if question.type == "one":
        return frozenset({chance.choice(question.options).id})
    lone = [o.id for o in question.options if o.exclusive]
    rest = [o.id for o in question.options if not o.exclusive]
    if chance.random() < 0.4:
        return frozenset({chance.choice(lone)})
    return frozenset(chance.sample(rest, chance.randint(1, min(3, len(rest)))))


def scattered(tool: Tool, chance: random.Random) -> State:
    """Anything that can be ticked."""
    base = safe(tool) if chance.random() < 0.6 else {}
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
