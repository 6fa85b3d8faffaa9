"""Every change of the data is noticed: those that weaken safety by the proof alone."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import pytest
from modes import chosen
from msgspec.structs import replace
from tool_kit import DATA, FOLDER, NAMES, PAGES, STANDARD, TOOLS, Data, as_text, file, known_from
from tool_mutants import WEAKER, Mutant, logic

from sitebuilder.clinical.decision_tools.check_requirements import check_stale_policy
from sitebuilder.clinical.decision_tools.evaluate import evaluate
from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.snapshot import dump_snapshot
from sitebuilder.clinical.decision_tools.verify import VerificationContext, verify_tool
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.problems import Problem

pytestmark = pytest.mark.slow

EMERGENCY_PATH = "content/emergency.yaml"
FEW = 8
"""So few changes of a kind are all tried each day."""

DOES = {name: dump_snapshot(tool) for name, tool in TOOLS.items()}


@lru_cache(maxsize=8)
def text_of(name: str) -> str:
    return as_text(DATA[name])


def read(changed: str, data: Data) -> tuple[dict[str, Tool], list[Problem], VerificationContext]:
    """The tools after a change, the errors in the files, and what the tools are held against."""
    context = STANDARD
    problems: list[Problem] = []
    if changed == "emergency":
        known, guard, problems = known_from(file(EMERGENCY_PATH, as_text(data["emergency"])))
        context = replace(STANDARD, policy=guard, evidence=known)
    files = [
        file(f"{FOLDER}{name}.yaml", as_text(data[name]) if name == changed else text_of(name))
        for name in ("safety", *NAMES)
    ]
    tools, more = parse_tools(files, context.evidence, context.policy, PAGES)
    return tools, [p for p in (*problems, *more) if p.severity == "error"], context


@pytest.mark.slow
def test_without_a_change_nothing_is_found() -> None:
    for name in ("emergency", "safety", *NAMES):
        assert net_a(name, DATA) == []
        tools, problems, _ = read(name, DATA)
        assert problems == []
        assert {each: dump_snapshot(tool) for each, tool in tools.items()} == DOES


def net_a(changed: str, data: Data) -> list[Problem]:
    """What reading and the proof alone find, without what was accepted: with its line, and answers.

    The tools are proven one after the other, up to the first that shows the change: one finding is
    enough, and no change is left out.
    """
    tools, problems, context = read(changed, data)

    def steps() -> Iterator[Iterable[Problem]]:
        yield problems
        yield check_stale_policy(tools.values(), context.policy)
        for name in NAMES if changed not in NAMES else (changed,):
            if name in tools:
                yield verify_tool(tools[name], context).problems

    return next((told for found in steps() if (told := told_by_a(found))), [])


def told_by_a(problems: Iterable[Problem]) -> list[Problem]:
    """The findings that stop a build and that config cannot lower."""
    safety = {"tool", "tool-safety", "unknown-sign", "missing-sign"}
    return [
        p
        for p in problems
        if p.rule in safety
        and p.path.startswith((FOLDER, EMERGENCY_PATH))
        and p.line > 0
        and p.hint
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", WEAKER, ids=lambda kind: kind.__name__)
def test_nothing_that_weakens_safety_survives_the_proof(
    kind: Callable[[], Iterable[Mutant]],
) -> None:
    every = list(kind())
    assert len(every) > 2
    # the whole set takes minutes: a share each day, and all of it in a soak
    tried = [one for number, one in enumerate(every) if len(every) < FEW or chosen(number, 40)]
    by_rule: Counter[str] = Counter()
    survivors = []
    for what, changed, data in tried:
        found = net_a(changed, data)
        if not found:
            survivors.append(what)
        by_rule[max(p.rule for p in found) if found else "survived"] += 1
    sys.stdout.write(f"{kind.__name__}: {len(tried)} of {len(every)} tried, {dict(by_rule)}\n")
    assert survivors == []


def fate(one: Mutant) -> str:
    """What becomes of a change of logic."""
    _, changed, data = one
    tools, problems, context = read(changed, data)
    if problems or changed not in tools:
        return "cannot be read"
    if dump_snapshot(tools[changed]) != DOES[changed]:
        return "differs from what was accepted"
    found = verify_tool(tools[changed], context).problems
    return "reported as unreachable" if found else "does the same"


@pytest.mark.slow
@pytest.mark.xdist_group("logic")
def test_no_other_change_of_logic_goes_unseen() -> None:
    every = list(logic())
    assert len({what for what, _, _ in every}) == len(every) > 1000
    tried = [one for number, one in enumerate(every) if chosen(number, 40)]
    fates = {one[0]: fate(one) for one in tried}
    sys.stdout.write(f"logic: {len(tried)} tried, {dict(Counter(fates.values()))}\n")
    same = [one for one in tried if fates[one[0]] == "does the same"]
    # A change that does the same in every state is no change of logic. There are few of them, and
    # the evaluator, which knows nothing of diagrams, sees no difference either.
    assert len(same) < len(tried) / 20
    chance = random.Random(5)
    for what, name, data in same:
        tools, _, _ = read(name, data)
        for _ in range(100):
            state = {q.id: {chance.choice(q.options).id} for q in tools[name].questions}
            for question in tools[name].safety.questions[:-1]:
                state[question.id] = {"none"}
            state["who"] = {chance.choice(["a18", "a50", "a70"])}
            assert evaluate(tools[name], state) == evaluate(TOOLS[name], state), what
