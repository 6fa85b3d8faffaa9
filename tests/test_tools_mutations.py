"""Every change of the data is noticed: those that weaken safety by the proof alone."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

import pytest
from msgspec.structs import replace
from tool_kit import DATA, FOLDER, KNOWN, NAMES, PAGES, STANDARD, TOOLS, Data, as_text, file
from tool_mutants import WEAKER, Mutant, logic

from sitebuilder.clinical.decision_tools.evaluate import evaluate
from sitebuilder.clinical.decision_tools.parse import _check_rules as check_rules
from sitebuilder.clinical.decision_tools.parse import parse_safety_part, parse_tool
from sitebuilder.clinical.decision_tools.parse_parts import parse_rules
from sitebuilder.clinical.decision_tools.parser import ToolParser
from sitebuilder.clinical.decision_tools.snapshot import (
    check_snapshot,
    dump_snapshot,
    snapshot_path,
)
from sitebuilder.clinical.decision_tools.verify import verify_all, verify_tool
from sitebuilder.content.yaml import MappingNode
from sitebuilder.core.decision_tool import SafetyPart, Tool
from sitebuilder.core.problems import Problem

pytestmark = pytest.mark.slow

ACCEPTED = {name: file(snapshot_path(tool)) for name, tool in TOOLS.items()}


@lru_cache(maxsize=8)
def text_of(name: str) -> str:
    return as_text(DATA[name])


@lru_cache(maxsize=8)
def safety_of(text: str) -> tuple[SafetyPart | None, tuple[Problem, ...]]:
    safety, problems = parse_safety_part(file(f"{FOLDER}safety.yaml", text), KNOWN, PAGES)
    return safety, tuple(problems)


def read(changed: str, data: Data) -> tuple[dict[str, Tool], list[Problem]]:
    """The tools that a change could touch, and the errors in the files."""
    first = as_text(data["safety"]) if changed == "safety" else text_of("safety")
    safety, found = safety_of(first)
    problems = list(found)
    tools = {}
    for name in NAMES if changed == "safety" else (changed,):
        text = as_text(data[name]) if name == changed else text_of(name)
        tool, more = parse_tool(file(f"{FOLDER}{name}.yaml", text), safety, KNOWN, PAGES)
        problems += more
        if tool is not None:
            tools[name] = tool
    return tools, [p for p in problems if p.severity == "error"]


def test_without_a_change_nothing_is_found() -> None:
    for name in ("safety", *NAMES):
        tools, problems = read(name, DATA)
        assert [*problems, *verify_all(tools, STANDARD)] == []
        assert [p for n, tool in tools.items() for p in check_snapshot(tool, ACCEPTED[n])] == []


def net_a(changed: str, data: Data) -> list[Problem]:
    """What reading and the proof alone find, net (b) off: with its line, and answers.

    The tools are read and proven one after the other, up to the first that shows the change: one
    finding is enough, and no change is left out.
    """
    first = as_text(data["safety"]) if changed == "safety" else text_of("safety")
    safety, found = safety_of(first)
    if told := told_by_a(p for p in found if p.severity == "error"):
        return told
    for name in NAMES if changed == "safety" else (changed,):
        text = as_text(data[name]) if name == changed else text_of(name)
        tool, problems = parse_tool(file(f"{FOLDER}{name}.yaml", text), safety, KNOWN, PAGES)
        if told := told_by_a(p for p in problems if p.severity == "error"):
            return told
        if tool is not None and (told := told_by_a(verify_tool(tool, STANDARD).problems)):
            return told
    return []


def told_by_a(problems: Iterable[Problem]) -> list[Problem]:
    return [
        p
        for p in problems
        if p.rule in {"tool", "tool-safety"}
        and p.path.startswith(FOLDER)
        and p.line > 0
        and (p.rule == "tool" or "Answers: " in p.message)
    ]


@pytest.mark.parametrize("kind", WEAKER, ids=lambda kind: kind.__name__)
def test_nothing_that_weakens_safety_survives_the_proof(
    kind: Callable[[], Iterable[Mutant]],
) -> None:
    tried = list(kind())
    assert len(tried) > 2
    by_rule: Counter[str] = Counter()
    survivors = []
    for what, changed, data in tried:
        found = net_a(changed, data)
        if not found:
            survivors.append(what)
        by_rule[max(p.rule for p in found) if found else "survived"] += 1
    sys.stdout.write(f"{kind.__name__}: {len(tried)} tried, {dict(by_rule)}\n")
    assert survivors == []


def read_logic(changed: str, data: Data) -> tuple[Tool | None, list[Problem]]:
    """The changed tool. Where only rules differ, only these are read again, which is faster."""
    here, was = data[changed], DATA[changed]
    if any(here[key] != was[key] for key in was if key != "rules"):
        tools, problems = read(changed, data)
        return tools.get(changed), problems
    text = as_text({"rules": here["rules"]})
    desk = ToolParser(file(f"{FOLDER}{changed}.yaml", text), KNOWN, PAGES)
    assert isinstance(desk.root, MappingNode)
    tool = replace(TOOLS[changed], rules=parse_rules(desk, desk.root.get("rules")))
    check_rules(desk, tool, set(tool.own_outcomes))
    return tool, desk.problems


def fate(one: Mutant) -> str:
    """What becomes of a change of logic."""
    _, changed, data = one
    tool, problems = read_logic(changed, data)
    if problems or tool is None:
        return "cannot be read"
    if check_snapshot(tool, ACCEPTED[changed]):
        return "differs from what was accepted"
    if any(p.rule == "tool-unreachable" for p in verify_tool(tool, STANDARD).problems):
        return "reported as unreachable"
    assert dump_snapshot(tool) == ACCEPTED[changed].data.decode()
    return "does the same"


@pytest.mark.xdist_group("logic")
def test_no_other_change_of_logic_goes_unseen() -> None:
    tried = list(logic())
    fates = {one[0]: fate(one) for one in tried}
    sys.stdout.write(f"logic: {len(tried)} tried, {dict(Counter(fates.values()))}\n")
    assert len(fates) == len(tried) > 1000
    same = [one for one in tried if fates[one[0]] == "does the same"]
    # A change that does the same in every state is no change of logic. There are few of them, and
    # the evaluator, which knows nothing of diagrams, sees no difference either.
    assert len(same) < len(tried) / 20
    chance = random.Random(5)
    for what, name, data in same:
        changed, _ = read_logic(name, data)
        assert changed is not None
        for _ in range(100):
            state = {q.id: {chance.choice(q.options).id} for q in changed.own_questions}
            state |= {"now": {"none"}, "soon": {"none"}}
            state |= {"age": {"adult"}, "pregnant": {"no"}, "recentop": {"no"}}
            assert evaluate(changed, state) == evaluate(TOOLS[name], state), what
