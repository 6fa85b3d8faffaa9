"""Faults planted into a site that has none: each is told, at its line, and nothing else is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from conftest import PROJECT, build, write_site

from sitebuilder.build.pipeline import Build
from sitebuilder.clinical.reviews.records import digest_text, parse_review
from sitebuilder.clinical.reviews.sign_off import add_sign_off, write_review
from sitebuilder.core.model import File
from sitebuilder.core.review import Reviewer

CONFIG = """\
name: Some site
url: https://patients.spine-clinic.health/
review: clinical
emergency_number: "911"
benefits: What may be good
harms: What may be bad
checks:
  description: error
  own-source: error
  loose-signs: error
  claim: error
  comparison: advice
  balance: error
  owner: error
  change-log: error
  reading-grade: error
  very-long-sentence: error
  percentage: error
  long-sentence: advice
  long-paragraph: advice
  denominators: advice
  unexplained-term: advice
  mood-word: advice
  passive: advice
"""
FACTS = """\
tear:
  sentence: "In a Swiss study, {figure} people had a small tear."
  short: "{figure} had a tear"
  value: 9
  of: 100
  grade: study
  sources: [swiss]
stay:
  sentence: "Most people stay in the hospital for {figure}."
  value: [1, 2]
  unit: days
  grade: leaflet
  sources: [leaflet]
"""
REFERENCES = """\
swiss:
  title: Study of tears
  source: Spine
  year: 2016
  kind: study
  read: abstract
  doi: 10.1186/s12891-016-1022-y
leaflet:
  title: Going home
  source: A hospital
  kind: leaflet
  read: full
"""
GLOSSARY = """\
lamina:
  term: lamina
  means: "A thin plate of bone."
"""
EMERGENCY = """\
signs:
  saddle:
    tier: {everybody: 911}
    text: "New numbness between your legs"
  fever:
    tier: {everybody: today}
    text: "Back pain with a fever"
lists:
  emergency:
    tier: 911
    setting: everybody
    groups:
      - signs: [saddle]
  same-day:
    tier: today
    setting: everybody
    groups:
      - signs: [fever]
"""
FRONT = """\
---
title: {title}
description: "A page about {title}."
owner: The clinic
changes:
  - on: 2026-11-01
    what: First draft.
---
"""
RISKS = (
    FRONT.format(title="Risks")
    + """\
The surgeon takes out part of the lamina. You can say no.

{fact tear} {fact stay}

::: emergency
signs: emergency
:::

::: same-day
signs: same-day
:::
"""
)
OPTION = """\
::: option {title}
### What it is
You {does} and see how it goes for a while.

### What may be good
- you have no cut in your back
- you can change your mind later

### What may be bad
- the pain may stay as it is now
- the pain may get worse in time
:::

"""
OPTIONS = (
    FRONT.format(title="Options")
    + "You can choose. Here are three ways.\n\n"
    + OPTION.format(title="Wait", does="wait")
    + OPTION.format(title="Train", does="train")
    + OPTION.format(title="Surgery", does="have surgery")
)
GOOD = {
    "config.yaml": CONFIG,
    "content/facts.yaml": FACTS,
    "content/references.yaml": REFERENCES,
    "content/glossary.yaml": GLOSSARY,
    "content/emergency.yaml": EMERGENCY,
    "content/reviewers.yaml": "test-reviewer:\n  name: Test Reviewer\n  role: Test role\n",
    "content/index.md": FRONT.format(title="Home") + "See [risks](risks.md).\n",
    "content/risks.md": RISKS,
    "content/options.md": OPTIONS,
}
AT = RISKS.split("\n").index("The surgeon takes out part of the lamina. You can say no.") + 1
"""The line of the sentence that most faults are planted into."""


def line_of(text: str, needle: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), 1) if needle in line)


def told(built: Build) -> set[tuple[str, int, str]]:
    return {(p.path, p.line, p.rule) for p in built.problems}


def test_the_site_without_a_fault_has_none(tmp_path: Path) -> None:
    assert told(build(write_site(tmp_path, GOOD))) == set()


SAY = "You can say no."
LONG = (
    "You can say no, and you can ask for more time, and you can bring a friend to the visit, and "
    "you can write down all that you want to ask, and you can call us."
)
HARD = (
    "Multidisciplinary perioperative rehabilitation facilitates functional amelioration "
    "notwithstanding considerable heterogeneity."
)

FAULTS: dict[str, tuple[str, str, str, str, int]] = {
    # name: file, what is replaced, what stands there now, the rule, the line (0: that of the text)
    "a percentage without a source": ("risks.md", SAY, "You lose 5 percent.", "claim", 0),
    "N in M without a source": ("risks.md", SAY, "About 1 in 20 say no.", "claim", 0),
    "times as likely without a source": ("risks.md", SAY, "It is 3 times as likely.", "claim", 0),
    "a duration without a source": ("risks.md", SAY, "You heal in 6 weeks.", "claim", 0),
    "a duration in words without a source": ("risks.md", SAY, "You heal in two weeks.", "claim", 0),
    "a claim in a title": ("risks.md", "title: Risks", "title: Healed in 3 days", "claim", 2),
    "no claim without a reason": ("risks.md", SAY, "Wait {no-claim 6 weeks}.", "claim", 0),
    "a fact that does not exist": ("risks.md", SAY, "{fact taer}", "unknown-fact", 0),
    "a source that does not exist": ("risks.md", SAY, "Say no.[^nobody]", "source-mark", 0),
    "a source written in the page": (
        "risks.md",
        SAY,
        "Say no.[^me]\n\n[^me]: Me.",
        "own-source",
        AT + 2,
    ),
    "a fact without a source": ("facts.yaml", "[swiss]", "[siwss]", "unknown-reference", 1),
    "a fact that no page uses": ("risks.md", "{fact stay}", "", "unused-fact", 8),
    "a source that nothing uses": (
        "references.yaml",
        "leaflet:",
        "dead:\n  title: X\n  source: Y\n  kind: study\n  read: part\nleaflet:",
        "unused-reference",
        8,
    ),
    "an old source": ("references.yaml", "year: 2016", "year: 1990", "old-reference", 1),
    "a term unexplained": (
        "risks.md",
        SAY,
        "The surgeon does a foraminotomy.",
        "unexplained-term",
        0,
    ),
    "a decimal percentage": ("risks.md", SAY, "You lose 5.3% of it.", "percentage", 0),
    "an unbalanced option": (
        "options.md",
        "- the pain may stay as it is now\n- the pain may get worse in time\n:::\n\n::: option T",
        "- the pain may stay\n:::\n\n::: option T",
        "balance",
        line_of(OPTIONS, "::: option Wait"),
    ),
    "a choice under other headings": (
        "options.md",
        "::: option Train\n### What it is",
        "::: option Train\n### How it goes",
        "balance",
        line_of(OPTIONS, "::: option Train"),
    ),
    "a claimed reviewer without sign-off": (
        "risks.md",
        "owner: The clinic",
        "owner: The clinic\nreviewed:\n  by: test-reviewer\n  on: 2026-11-01",
        "review-claim",
        5,
    ),
    "signs typed by hand": (
        "risks.md",
        "::: emergency\nsigns: emergency",
        "::: emergency\n- New numbness",
        "loose-signs",
        line_of(RISKS, "::: emergency"),
    ),
    "a 911 sign left out": (
        "emergency.yaml",
        "  fever:",
        "  chest:\n    tier: {everybody: 911}\n    text: Chest pain\n  fever:",
        "missing-sign",
        line_of(EMERGENCY, "  emergency:") + 3,
    ),
    "a list of signs that does not exist": (
        "risks.md",
        "signs: emergency",
        "signs: emergancy",
        "unknown-sign",
        line_of(RISKS, "signs: emergency"),
    ),
    "no owner": ("risks.md", "owner: The clinic\n", "", "owner", 2),
    "no change log": (
        "risks.md",
        "changes:\n  - on: 2026-11-01\n    what: First draft.\n",
        "",
        "change-log",
        2,
    ),
    "a change that has not come yet": (
        "risks.md",
        "on: 2026-11-01",
        "on: 2027-11-01",
        "future-date",
        5,
    ),
    "a sentence too long": ("risks.md", SAY, LONG, "very-long-sentence", 0),
    "a page too hard": ("risks.md", SAY, f"{HARD} {HARD} {HARD}", "reading-grade", AT),
    "a word of mood": ("risks.md", SAY, "It is a minor cut.", "mood-word", 0),
    "nobody acts": ("risks.md", SAY, "The bone was removed.", "passive", 0),
    "a bare comparison": ("risks.md", SAY, "It is safer than waiting.", "comparison", 0),
}
ODD = """\
odd:
  sentence: "A leaf says {figure} people had it."
  value: 1
  of: 1000
  grade: leaflet
  sources: [leaflet]
"""


def test_mixed_denominators_are_told_where_the_odd_one_stands(tmp_path: Path) -> None:
    site = {**GOOD, "content/facts.yaml": FACTS + ODD}
    site["content/risks.md"] = RISKS.replace(SAY, "{fact odd}")
    found = told(build(write_site(tmp_path, site)))
    assert found == {("content/risks.md", AT + 2, "denominators")}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_told_at_its_line(name: str, tmp_path: Path) -> None:
    file, old, new, rule, line = FAULTS[name]
    path = f"content/{file}"
    assert old in GOOD[path]
    site = {**GOOD, path: GOOD[path].replace(old, new, 1)}
    if rule == "unused-fact":
        path = "content/facts.yaml"
    found = told(build(write_site(tmp_path, site)))
    assert (path, line or AT, rule) in found, found
    # What follows from the fault may be told too, but only in the same files.
    follows = {path, "content/risks.md", "content/references.yaml"}
    if "signs: emergency" in old:  # then no page shows that list
        follows.add("content/emergency.yaml")
    assert {where for where, _, _ in found} <= follows


def test_all_faults_of_one_page_are_told_at_once(tmp_path: Path) -> None:
    planted = [
        (rule, new)
        for file, old, new, rule, line in FAULTS.values()
        if file == "risks.md" and old == SAY and not line
    ]
    body = "\n\n".join(new for _, new in planted)
    found = told(
        build(write_site(tmp_path, {**GOOD, "content/risks.md": RISKS.replace(SAY, body)}))
    )
    first = AT
    for at, (rule, _) in enumerate(planted):
        assert ("content/risks.md", first + 2 * at, rule) in found, rule


# -- reviews --------------------------------------------------------------------------------------

REVIEWER = Reviewer("test-reviewer", "Test Reviewer", "Test role")


def signed(root: Path, *pages: str, on: date, until: date, built: Build | None = None) -> None:
    """Sign pages as they are now; `built`: a build of the same words, if there is one."""
    built = built or build(root)
    paths = {page.id: page.path for page in built.pages}
    for page in pages:
        text = built.signed_texts[paths[page]]
        write_review(root, add_sign_off(None, page, text, REVIEWER, on, until, change=False))


def states(root: Path, **options: object) -> dict[str, str]:
    return {page.id: page.state for page in build(root, **options).pages}


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_stale_review_and_an_edited_signed_page_are_told(tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    signed(root, "risks", on=date(2024, 1, 1), until=date(2026, 1, 1))
    signed(root, "options", on=date(2026, 1, 1), until=date(2028, 1, 1))
    assert told(build(root)) == {("content/risks.md", 2, "review-overdue")}
    edit(root, "content/options.md", "You can choose.", "You may choose.")
    assert told(build(root)) == {
        ("content/risks.md", 2, "review-overdue"),
        ("content/options.md", 2, "review-changed"),
    }


def test_a_record_that_somebody_changed_is_told(tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    signed(root, "risks", on=date(2026, 1, 1), until=date(2028, 1, 1))
    edit(root, "reviews/risks.txt", "You can say no.", "You must say yes.")
    found = {p.rule for p in build(root).problems}
    assert "review-record" in found
    record = (root / "reviews/risks.yaml").read_bytes()
    review, _ = parse_review(
        File("reviews/risks.yaml", "", "", record),
        File("reviews/risks.txt", "", "", (root / "reviews/risks.txt").read_bytes()),
    )
    assert review is None


def test_white_space_and_line_ends_are_no_change(tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    signed(root, "risks", on=date(2026, 1, 1), until=date(2028, 1, 1))
    text = (root / "content/risks.md").read_text()
    (root / "content/risks.md").write_bytes(
        text.replace("lamina. You", "lamina.\n   You").replace("\n", "\r\n").encode()
    )
    assert states(root)["risks"] == "current"


CHANGES: dict[str, Callable[[Path], None]] = {
    "a sign": lambda root: edit(root, "content/emergency.yaml", "New numbness", "Numbness"),
    "a term": lambda root: edit(root, "content/glossary.yaml", "thin plate", "plate"),
    "a fact": lambda root: edit(root, "content/facts.yaml", "value: 9", "value: 8"),
    "a source": lambda root: edit(root, "content/references.yaml", "Study of tears", "A study"),
    "the title": lambda root: edit(root, "content/risks.md", "title: Risks", "title: The risks"),
    "the kind of a card": lambda root: edit(
        root, "content/risks.md", "::: same-day\nsigns: same-day", "::: routine\n- a fever"
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_a_reader_sees_is_part_of_what_is_signed(what: str, tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    signed(root, "risks", "options", on=date(2026, 1, 1), until=date(2028, 1, 1))
    CHANGES[what](root)
    now = states(root)
    assert (now["risks"], now["options"]) == ("changed", "current")


@pytest.mark.slow
def test_a_change_of_one_figure_reaches_the_pages_that_use_it_and_no_other(
    tmp_path: Path, ours: Build
) -> None:
    """On a copy of the whole site, with every clinical page signed by a test reviewer."""
    root = tmp_path / "site"
    for name in ("content", "templates", "static"):
        shutil.copytree(PROJECT / name, root / name)
    shutil.copy(PROJECT / "config.yaml", root)
    (root / "content/reviewers.yaml").write_text(GOOD["content/reviewers.yaml"])
    clinical = [page.id for page in ours.pages if page.path in ours.signed_texts]
    clinical = [page for page in clinical if not page.startswith("handout")]
    assert len(clinical) >= 25
    signed(root, *clinical, on=date(2026, 11, 1), until=date(2028, 11, 1), built=ours)
    after = build(root)
    assert {page.state for page in after.pages} == {"current", "none"}
    old = {output.path: output.digest for output in after.outputs}

    pages = [set(page.facts) for page in after.pages if page.state != "none"]
    facts = (root / "content/facts.yaml").read_text()
    name = next(
        name
        for name in sorted(set.union(*pages))
        if re.search(r"  value: \d+\n", entry(facts, name))
        and sum(name in page for page in pages) > 3  # two on the screen, two on paper at most
    )
    new = re.sub(r"  value: (\d+)\n", lambda m: f"  value: {int(m[1]) + 1}\n", entry(facts, name))
    (root / "content/facts.yaml").write_text(facts.replace(entry(facts, name), new))
    changed = build(root)
    using = {p.id for p in changed.pages if name in p.facts and p.state != "none"}
    web = {page for page in using if not page.startswith("handout")}
    assert len(web) >= 2, "the fact should stand on two pages at least, to show anything"
    now = {page.id: page.state for page in changed.pages}
    shown = {page for page, state in now.items() if state == "changed"}
    assert shown - {"handout", "handout-large"} == web
    for page in changed.pages:
        path = f"{page.url.strip('/')}/index.html".removeprefix("/")
        digest = next(o.digest for o in changed.outputs if o.path == path)
        listed = page.id.startswith(("facts", "handout"))  # these show facts, or pages that do
        assert (digest != old[path]) == (page.id in web) or listed, page.id
    told_of = {(p.path, p.rule) for p in changed.problems if p.rule == "review-changed"}
    paths = {page.id: page.path for page in changed.pages}
    assert told_of == {(paths[page], "review-changed") for page in web}
    html = next(o for o in changed.outputs if o.path == "risks/index.html").load().decode()
    assert "Changed since review" in html
    assert digest_text(changed.signed_texts["content/risks.md"]) != digest_text(
        after.signed_texts["content/risks.md"]
    )


def entry(facts: str, name: str) -> str:
    start = facts.index(f"\n{name}:\n") + 1
    lines = facts[start:].split("\n")
    own = [lines[0]]
    for line in lines[1:]:
        if not line.startswith("  "):
            break
        own.append(line)
    return "\n".join(own) + "\n"
