"""The 911 rules reach the pages: faults planted in a copy of our site, each told at its line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import pytest
from conftest import PROJECT, run_cli
from modes import chosen
from msgspec.structs import replace
from sign_mutants import DATA, PAGES, SITE, Mutation

from sitebuilder.build.pipeline import build_site
from sitebuilder.clinical.library import load_site_data
from sitebuilder.content.loader import load_sources
from sitebuilder.core.model import File, Sources
from sitebuilder.core.problems import ERROR, Problem

TODAY = date(2026, 12, 1)
RULES = {
    "card-tier",
    "emergency-number",
    "loose-signs",
    "missing-card",
    "missing-sign",
    "sign-order",
    "unknown-sign",
    "weak-sign",
}


@cache
def sources() -> Sources:
    """Our site, without the tools: they have nets of their own, and take the most time."""
    ours = load_sources(PROJECT)
    data = (f for f in ours.data if not f.path.startswith(("content/tools/", "content/cases")))
    return replace(ours, data=tuple(data))


def mutate(file: File, mutations: Iterable[Mutation]) -> File:
    text = file.load().decode()
    for each in mutations:
        assert each.old in text, f"{each.path} has no more: {each.old!r}"
        text = text.replace(each.old, each.new, 1)
    return replace(file, data=text.encode(), digest="", load_stored=None)


def planted(mutations: Iterable[Mutation]) -> Sources:
    by_path = {each.path: each for each in mutations}

    def change(file: File | None) -> File | None:
        return file and (mutate(file, [by_path[file.path]]) if file.path in by_path else file)

    site = sources()
    return replace(
        site,
        config=change(site.config),
        pages=tuple(filter(None, map(change, site.pages))),
        data=tuple(filter(None, map(change, site.data))),
    )


def expected_line(site: Sources, mutation: Mutation) -> int:
    files = {f.path: f for f in (site.config, *site.pages, *site.data) if f}
    text = files[mutation.path].load().decode()
    wanted = mutation.at or mutation.new.strip("\n").split("\n")[0]
    place = text.index(mutation.new)
    if wanted in mutation.new:
        found = place + mutation.new.index(wanted)
    else:
        found = text.rfind(wanted, 0, place)
        found = text.index(wanted, place) if found < 0 else found
    return text.count("\n", 0, found) + 1


def unnoticed(names: dict[str, Mutation]) -> list[str]:
    """Plant as many as fit into one site at a time, and return those that nothing tells."""
    left, silent = dict(names), []
    while left:
        batch: dict[str, str] = {}
        for name, mutation in left.items():
            batch.setdefault(mutation.path, name)
        planted_now = {name: left.pop(name) for name in batch.values()}
        site = planted(planted_now.values())
        problems = build_site(site, TODAY).problems
        silent += [name for name, m in planted_now.items() if not is_told(m, site, problems)]
    return silent


def is_told(mutation: Mutation, site: Sources, problems: Iterable[Problem]) -> bool:
    line = expected_line(site, mutation)
    return any(
        (p.path, p.line, p.rule, p.severity) == (mutation.path, line, mutation.rule, ERROR)
        and p.hint
        for p in problems
    )


def test_our_site_keeps_the_rules() -> None:
    site = build_site(sources(), TODAY)
    assert [p for p in site.problems if p.rule in RULES] == []


@pytest.mark.slow
def test_no_mutation_of_a_page_passes_in_silence() -> None:
    assert len(PAGES) >= 35
    share = {name: m for number, (name, m) in enumerate(PAGES.items()) if chosen(number, 3)}
    assert unnoticed(share) == []


@pytest.mark.parametrize("name", DATA)
def test_no_mutation_of_the_signs_passes_in_silence(name: str) -> None:
    site = planted([DATA[name]])
    data, problems = load_site_data(site)
    assert is_told(DATA[name], site, problems), [p for p in problems if p.rule in RULES]
    listed = {s for each in data.evidence.lists.values() for g in each.groups for s in g.signs}
    assert listed <= set(data.evidence.signs)


@pytest.mark.slow
@pytest.mark.parametrize("name", SITE)
def test_no_mutation_of_the_site_passes_in_silence(name: str) -> None:
    assert unnoticed({name: SITE[name]}) == []


@pytest.mark.slow
def test_a_command_lists_every_sentence_with_its_sign_and_its_order() -> None:
    listed = run_cli("signs", "--jobs", "1")
    assert listed.returncode == 0
    assert "0 of them wrongly." in listed.stdout
    assert "breath (after-surgery): 911" in listed.stdout
    assert "NOT OK" not in listed.stdout
