"""A tool held against the gates of content/emergency.yaml, in every state of its form.

What has to show follows from the gates alone; what does show, from the tool alone. Each set of
states where the two differ is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from sitebuilder.clinical.decision_tools.counterexample import Ways, in_words, length, unsafe
from sitebuilder.clinical.decision_tools.state_space import (
    Box,
    Region,
    Space,
    Ticks,
    both,
    minus,
    put,
)
from sitebuilder.core.decision_tool import FLAGS, Gate, Guard, Option, Question, Tool
from sitebuilder.core.evidence import Knowledge
from sitebuilder.core.problems import Problem

TIERS: Final = {"emergency": "emergency", "same-day": "urgent"}
"""The flag that a sign of a tier has to carry."""

OWN: Final = "the tool's own questions"


class Expected(msgspec.Struct, frozen=True):
    """States in which something has to show. `gate`: the question that decides it."""

    shows: str
    gate: str
    box: Box


def signs_of(gate: Gate, known: Knowledge) -> dict[str, str]:
    """The signs that a gate has to ask for, with the tier of each."""
    asked = known.lists.get(gate.signs)
    if asked is None:
        return {}
    on_list = {sign for group in asked.groups for sign in group.signs}
    tier = {s.name for s in known.signs.values() if s.tier == asked.tier and not s.setting}
    return {name: known.signs[name].tier for name in known.signs if name in on_list | tier}


def stopping(question: Question, gate: Gate) -> set[str]:
    """The answers of a gate that must not lead on: all but those that are named."""
    return {option.id for option in question.options if option.id not in gate.lets_on}


def watched(tool: Tool, guard: Guard, known: Knowledge) -> Iterator[tuple[str, set[str]]]:
    """What the gates ask about."""
    by_gate = {gate.name: gate for gate in guard.gates}
    for question in tool.questions:
        if question.id in by_gate:
            yield question.id, stopping(question, by_gate[question.id])
        for tier in TIERS:
            yield question.id, _of_tier(question, known, tier)


def _tier(sign: str, known: Knowledge) -> str:
    return known.signs[sign].tier if sign in known.signs else ""


def _of_tier(question: Question, known: Knowledge, tier: str) -> set[str]:
    return {o.id for o in question.options if _tier(o.sign, known) == tier}


def expected(space: Space, guard: Guard, known: Knowledge) -> Iterator[Expected]:
    """What has to show, over every state: disjoint, and together all of them."""
    left = space.every
    by_gate = {gate.name: gate for gate in guard.gates}
    for tier, flag in TIERS.items():
        outcome = FLAGS[flag]
        for i, face in enumerate(space.faces):
            question = face.question
            bad = face.hits(_of_tier(question, known, tier))
            gate = by_gate.get(question.id)
            if gate and gate.signs and gate.leads_to == outcome:
                bad |= face.hits(stopping(question, gate))
            yield from _where(outcome, question.id, put(left, i, bad))
            left = put(left, i, ~bad)
    present = {face.question.id for face in space.faces}
    for gate in guard.gates:
        if gate.name not in present:
            continue
        i = space.index(gate.name)
        face = space.faces[i]
        yield from _where("", gate.name, put(left, i, ~face.clean))
        left = put(left, i, face.clean)
        stopped = face.hits(stopping(face.question, gate))
        yield from _where(gate.leads_to, gate.name, put(left, i, stopped))
        left = put(left, i, ~stopped)
    yield from _where(OWN, "", left)


def _where(shows: str, gate: str, box: Box) -> Iterator[Expected]:
    if all(box):
        yield Expected(shows, gate, box)


def differences(
    space: Space, found: tuple[Region, ...], guard: Guard, known: Knowledge
) -> Iterator[Problem]:
    """Where the form shows what it must not; the shortest answers for each place in the file."""
    worst: dict[tuple[str, int, str], tuple[Ticks, str]] = {}
    for wanted in expected(space, guard, known):
        for region in found:
            met = both(region.box, wanted.box)
            for box in _faults(space, region, wanted, met) if met else ():
                ticks = space.shortest(box)
                path, line = _place(space.tool, region, wanted, ticks)
                right = wanted.shows or f"nothing before '{wanted.gate}' is answered"
                key = (path, line, right)
                if key not in worst or length(ticks) < length(worst[key][0]):
                    worst[key] = (ticks, region.shows or "nothing yet")
    for (path, line, right), (ticks, shown) in worst.items():
        message = f"the form shows {shown}; it has to show {right}"
        hint = "content/emergency.yaml, under 'gates:', says which answers lead on."
        yield unsafe(path, line, message, hint, in_words(space.tool, ticks))


def _faults(space: Space, region: Region, wanted: Expected, met: Box) -> list[Box]:
    """The part of a set of states that is not as it has to be."""
    if wanted.shows != OWN:
        return [met] if region.shows != wanted.shows else []
    own = space.tool.own_outcomes
    first = space.tool.first
    answered = (
        *space.every[:first],
        *(face.clean for face in space.faces[first:]),
    )
    if region.shows in own:
        return list(minus(met, answered))
    if region.shows:
        return [met]
    done = both(met, answered)
    return [done] if done else []


def _place(tool: Tool, region: Region, wanted: Expected, ticks: Ticks) -> tuple[str, int]:
    """Where in the files the fault lies: the answer that fails to stop, else what does show."""
    chosen = dict(ticks)
    if wanted.gate and wanted.shows and wanted.gate in chosen:
        question = tool.question(wanted.gate)
        option = question.option(chosen[wanted.gate][0])
        for answer in chosen[wanted.gate]:
            if question.option(answer).flag not in FLAGS:
                option = question.option(answer)
                break
        return option.path, option.line
    if region.rule >= 0:
        return tool.path, tool.rules[region.rule].line
    for question in tool.questions:
        for option in question.options:
            if option.id in chosen.get(question.id, ()) and (option.flag or option.stop):
                return option.path, option.line
    name = wanted.gate or region.waits
    question = tool.question(name) if name else tool.questions[0]
    return question.path, question.line


# -- what the first questions are -----------------------------------------------------------------


def structure(tool: Tool, guard: Guard, known: Knowledge, ways: Ways) -> Iterator[Problem]:
    """The first questions are the gates, in order, each with its signs and its answers."""
    first = tool.questions[: tool.first]
    path = tool.safety.path
    for place, gate in enumerate(guard.gates):
        question = next((q for q in first if q.id == gate.name), None)
        if question is None:
            way = in_words(tool, ())
            hint = "Each question under 'gates:' of content/emergency.yaml comes in every tool."
            yield unsafe(path, 1, f"the first question '{gate.name}' is not asked", hint, way)
            continue
        if place >= len(first) or first[place] is not question:
            hint = f"It has to be question {place + 1}: 'gates:' has the order."
            way = ways.question(question.id)
            message = f"the question '{gate.name}' is not in its place"
            yield unsafe(path, question.line, message, hint, way)
        yield from _answers(question, gate, known, ways)
    for question in first:
        if question.id not in {gate.name for gate in guard.gates}:
            hint = "Add it to 'gates:' of content/emergency.yaml with a clinician, or take it out."
            message = f"'gates:' does not know the first question '{question.id}'"
            yield unsafe(path, question.line, message, hint, ways.question(question.id))


def _answers(question: Question, gate: Gate, known: Knowledge, ways: Ways) -> Iterator[Problem]:
    """A gate asks for its signs, and has its answers; nothing else."""
    asked = {option.sign for option in question.options if option.sign}
    here = {option.id for option in question.options}
    on = [name for name in gate.lets_on if name in here][:1]
    needed = signs_of(gate, known)
    for sign, tier in needed.items():
        if sign not in asked:
            hint = f"Add {{id: {sign}, flag: {TIERS[tier]}, sign: {sign}}} to its answers."
            message = f"'{question.id}' does not ask for the sign '{sign}'"
            yield _at(question, ways, message, hint, on)
    if gate.signs and question.type != "many":
        hint = "Write 'type: many': somebody may have more than one sign."
        message = f"'{question.id}' lets a reader choose one sign only"
        yield _at(question, ways, message, hint, on)
    for name, words in {**gate.lets_on, **gate.stops}.items():
        if name in here:
            yield from _word_for_word(question, question.option(name), words, gate, ways)
        else:
            message = f"'{question.id}' has no answer '{name}'"
            yield _at(question, ways, message, f'Add it with the text "{words}".', on)
    for option in question.options:
        yield from _known(question, option, gate, needed, ways)


def _at(
    place: Question | Option, ways: Ways, message: str, hint: str, answers: Sequence[str] = ()
) -> Problem:
    """A problem of a question, or of one of its answers."""
    asked = place if isinstance(place, Question) else None
    if asked is None:
        asked = next(q for q in ways.tool.questions if place in q.options)
    return unsafe(place.path, place.line, message, hint, ways.question(asked.id, *answers))


def _word_for_word(
    question: Question, option: Option, words: str, gate: Gate, ways: Ways
) -> Iterator[Problem]:
    if option.text.text != words:
        message = f"the answer '{option.id}' says \"{option.text.text}\""
        yield _at(option, ways, message, f'It has to say "{words}".', [option.id])
    if gate.signs and not option.exclusive:
        message = f"the answer '{option.id}' does not stand alone"
        others = [o.id for o in question.options if o.id != option.id][:1]
        yield _at(option, ways, message, "Add 'exclusive: true'.", [option.id, *others])


def _known(
    question: Question, option: Option, gate: Gate, needed: Mapping[str, str], ways: Ways
) -> Iterator[Problem]:
    if option.sign and option.sign in needed:
        flag = TIERS[needed[option.sign]]
        if option.flag != flag:
            message = f"the sign '{option.sign}' has not the flag '{flag}'"
            hint = f"Write 'flag: {flag}': that is its tier in content/emergency.yaml."
            yield _at(option, ways, message, hint, [option.id])
    elif option.id not in gate.lets_on and option.id not in gate.stops:
        hint = "Add it to content/emergency.yaml with a clinician, or take it out."
        message = f"'gates:' does not know the answer '{option.id}' of '{question.id}'"
        yield _at(option, ways, message, hint, [option.id])
