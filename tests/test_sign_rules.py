"""The 911 rules reach the pages: faults planted in a copy of our site, each told at its line."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from conftest import PROJECT, run_cli
from modes import chosen
from msgspec.structs import replace
from sign_mutants import DATA, PAGES, SITE, Mutation

from sitebuilder.build.pipeline import build_site
from sitebuilder.clinical.evidence.accepted_sentences import (
    ACCEPTED_PATH,
    dump_accepted,
    parse_accepted,
)
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
    "sign-sentence",
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


# -- sentences that have to be accepted -----------------------------------------------------------

# Each plays a sign down, or sends somebody to 911 for what is ordinary, in words of its own.
NEW_SENTENCES = """\
Chest pain often comes from the bed, so give it a day.
If the wound leaks clear fluid, put a towel on it and see how it goes.
If your leg goes weak, make an appointment with your family doctor.
When the calf is swollen and sore, massage it.
If you are very hard to wake, lie on your side.
Slurred speech is a side effect, so do not worry about it.
If your headache gets worse when you sit up, take a pill and wait a week.
A cold white foot warms up by itself.
If pus comes from the wound, clean it and carry on.
Only call 911 if two or more of these signs come together.
If you pass out, lie down; you do not have to call.
If both legs go numb, see a chiropractor first.
Call 911 if you feel tired for weeks.
Call 911 if your back hurts.
If your wound is red and hot, you may wait for your follow-up.
A stiff neck with fever is just the flu.
After a shot, new leg weakness is expected for a week.
New confusion in an old person is usual after surgery, so let them rest.
When you cannot move your foot, try exercises for some days.
If you cough up blood, use a cough syrup.
Bad belly pain after surgery? A laxative is all you need.
You do not need to call today for a fever.
A fall with bad back pain does not need an emergency room.
No rush with a weak leg.
There is no hurry if you cannot hold your pee.
If you vomit blood, call the office in the morning.
Leaking urine is common, so do not bother the surgeon.
Night sweats and weight loss can be looked at in spring.
If you feel suicidal, keep busy.
New numbness between the legs is from sitting.
With cancer in the past, back pain is most often nothing.
If your speech is slurred, have a cup of coffee.
""".splitlines()


def with_recovery(change: Mutation) -> list[Problem]:
    return [p for p in build_site(planted([change]), TODAY).problems if p.path == change.path]


def test_each_new_sentence_about_a_sign_is_told_where_it_stands() -> None:
    path = "content/recovery.md"
    last = sources_of(path).rstrip("\n").split("\n")[-1]
    body = "\n\n".join([last, *NEW_SENTENCES])
    site = planted([Mutation(path, last, body, "sign-sentence")])
    lines = next(f for f in site.pages if f.path == path).load().decode().split("\n")
    told = {p.line for p in build_site(site, TODAY).problems if p.path == path and p.rule in RULES}
    assert [line for number, line in enumerate(lines, 1) if line in NEW_SENTENCES
            and number not in told] == []  # fmt: skip


def sources_of(path: str) -> str:
    return next(f for f in sources().pages if f.path == path).load().decode()


def test_a_sentence_about_a_sign_cannot_go_unnoticed() -> None:
    taken = Mutation(
        "content/after-surgery-warning-signs.md", "- Not sure about a 911 sign? Call 911.\n", "", ""
    )
    problems = with_recovery(replace_all(taken))
    assert {p.rule for p in problems if p.severity != "advice"} == {"sign-sentence"}
    assert all("no longer says" in p.message for p in problems if p.rule == "sign-sentence")


def replace_all(mutation: Mutation) -> Mutation:
    text = sources_of(mutation.path)
    return Mutation(mutation.path, text, text.replace(mutation.old, mutation.new), "")


def test_a_record_is_read_as_it_was_written_and_a_broken_line_is_told() -> None:
    sentences = {"recovery": ['A "cold" foot: warm it.', "Call 911."], "x": []}
    text = dump_accepted(sentences)
    assert parse_accepted(data_file(text)) == (
        {"recovery": ('A "cold" foot: warm it.', "Call 911.")},
        [],
    )
    for broken in ("  - no quotes", "words", '  - "not closed'):
        found, problems = parse_accepted(data_file(f"{text}{broken}\n"))
        assert [(p.rule, p.line) for p in problems] == [("sign-sentence", 6)]
        assert found["recovery"][0] == 'A "cold" foot: warm it.'


def data_file(text: str) -> File:
    return File(ACCEPTED_PATH, "", "", text.encode())


@pytest.mark.slow
def test_the_command_accepts_what_pages_say_and_nothing_wrong(tmp_path: Path) -> None:
    for name in ("content", "static", "templates"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("tools"))
    shutil.copy(PROJECT / "config.yaml", tmp_path)
    page, record = tmp_path / "content/recovery.md", tmp_path / ACCEPTED_PATH
    before = record.read_text()
    page.write_text(f"{page.read_text()}\nIf you cannot pee, call your doctor today.\n")
    assert run_cli("signs", "--accept", "--root", str(tmp_path)).returncode == 1
    assert record.read_text() == before
    page.write_text(page.read_text().replace("call your doctor today", "call 911"))
    assert run_cli("signs", "--accept", "--root", str(tmp_path)).returncode == 0
    assert '- "If you cannot pee, call 911."' in record.read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("\nallowed:\n", '\nallowed:\n  - "..."\n', "'...' is not a phrase"),
        ("\nguarded:\n", '\nguarded:\n  - "/"\n', "'/' is not a phrase"),
        ("  tiers:\n", "  tears:\n", "orders has no field 'tears'"),
        ("    only: [", "    unless: [", "requires nothing"),
    ],
)
def test_a_guard_that_guards_nothing_is_told(old: str, new: str, words: str) -> None:
    problems = load_site_data(planted([Mutation("content/emergency.yaml", old, new, "")]))[1]
    assert any(words in p.message and p.line for p in problems), problems


def test_a_record_that_is_gone_is_told() -> None:
    site = sources()
    data = tuple(file for file in site.data if file.path != ACCEPTED_PATH)
    problems = build_site(replace(site, data=data), TODAY).problems
    assert [p.path for p in problems if p.rule == "sign-sentence"] == [ACCEPTED_PATH]
