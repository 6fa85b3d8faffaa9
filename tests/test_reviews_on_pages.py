"""From sign-off to page: each state of a review shows, on the page and to search engines."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from conftest import build, page_of, run_cli, write_site
from test_planted_faults import GOOD, signed

TODAY = "2026-11-22"
SIGNED = date(2026, 1, 10)

STATES = {
    # state: the last day of the review, what is done to the page then, what the page says
    "never-reviewed": (None, "", "No clinician has checked this page"),
    "current": (date(2028, 1, 10), "", ""),
    "due-soon": (date(2026, 12, 1), "", "(soon)"),
    "overdue": (date(2026, 11, 1), "", "Review overdue"),
    "changed": (date(2028, 1, 10), "You can wait.", "Changed since review"),
}


def site_in(state: str, root: Path) -> Path:
    until, added, _ = STATES[state]
    write_site(root, GOOD)
    if until:
        signed(root, "risks", on=SIGNED, until=until)
    page = root / "content/risks.md"
    page.write_text(page.read_text().replace("You can say no.", f"You can say no. {added}".strip()))
    return root


@pytest.mark.parametrize("state", STATES)
def test_each_state_shows_on_the_page_and_to_search_engines(state: str, tmp_path: Path) -> None:
    built = build(site_in(state, tmp_path))
    (report,) = [page for page in built.pages if page.id == "risks"]
    assert report.state == state
    html = page_of(built, "risks/index.html")
    assert STATES[state][2] in html
    assert ('<meta name="robots" content="noindex">' in html) == (state == "never-reviewed")
    sitemap = page_of(built, "sitemap.xml")
    assert ("/risks/" in sitemap) == (state != "never-reviewed")
    others = {words for name, (_, _, words) in STATES.items() if words and name != state}
    assert not [words for words in others if words in html]
    panel = html[html.index('id="about-this-page"') :]
    data = re.search(r'ld\+json">(.*?)</script>', html)
    assert data
    if state == "never-reviewed":
        assert "Not yet" in panel
        assert "reviewedBy" not in data[1]
    else:
        assert "Test Reviewer, Test role, on" in panel
        assert '<time datetime="2026-01-10">January 10, 2026</time>' in panel
        assert '"lastReviewed":"2026-01-10"' in data[1]
    assert ("has changed since then" in panel) == (state == "changed")


@pytest.mark.parametrize("state", STATES)
def test_what_a_release_does_with_each_state(state: str, tmp_path: Path) -> None:
    root = site_in(state, tmp_path)
    for other in ("index", "options"):
        signed(root, other, on=SIGNED, until=date(2028, 1, 10))
    problems = {(p.rule, p.severity) for p in build(root, release=True).problems}
    assert (
        problems
        == {
            "never-reviewed": {("unsigned", "error")},
            "current": set(),
            "due-soon": {("review-due", "advice")},
            "overdue": {("review-overdue", "warning")},
            "changed": {("review-changed", "warning")},
        }[state]
    )


def test_a_page_both_overdue_and_changed_says_both(tmp_path: Path) -> None:
    root = site_in("overdue", tmp_path)
    page = root / "content/risks.md"
    page.write_text(page.read_text().replace("You can say no.", "You can say no. You can wait."))
    html = page_of(build(root), "risks/index.html")
    assert "Review overdue" in html
    assert "has changed since then" in html


def command(root: Path, *arguments: str) -> tuple[int, str, str]:
    done = run_cli(*arguments, "--root", str(root), "--today", TODAY)
    return done.returncode, done.stdout, done.stderr


def test_signing_from_the_command_line(tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    code, said, _ = command(root, "review", "risks", "--by", "test-reviewer")
    assert code == 0
    assert "Test Reviewer signed the whole of 'Risks'" in said
    assert "until 2028-11-22" in said
    assert {p.id: p.state for p in build(root).pages}["risks"] == "current"

    page = root / "content/risks.md"
    page.write_text(page.read_text().replace("You can say no.", "You may say no."))
    _, sheet, _ = command(root, "review-sheet", "risks")
    words = " ".join(sheet.split())  # the sheet breaks lines to fit on paper
    gone, new = words.index("You can say no."), words.rindex("You may say no.")
    assert "- The surgeon takes out" in words[:gone]
    assert "+ The surgeon takes out" in words[gone:new]
    assert "9 in 100" in sheet
    assert "Study of tears" in sheet

    code, said, _ = command(root, "review", "risks", "--by", "test-reviewer", "--change")
    assert (code, "signed the change of" in said) == (0, True)
    report = next(p for p in build(root).pages if p.id == "risks")
    assert (report.state, report.reviewed, report.until) == (
        "current",
        date(2026, 11, 22),
        date(2028, 11, 22),
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("risks", "--by", "somebody"), "'somebody' may not sign"),
        (("rsks", "--by", "test-reviewer"), "did you mean 'risks'"),
        (("risks", "--by", "test-reviewer", "--change"), "nobody has signed the whole page yet"),
        (("risks", "--by", "test-reviewer", "--until", "2026-11-22"), "would be over"),
    ],
)
def test_a_sign_off_that_cannot_be_is_refused(
    arguments: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    root = write_site(tmp_path, GOOD)
    code, _, error = command(root, "review", *arguments)
    assert code == 1
    assert why in error
    assert not (root / "reviews").exists()


def test_a_page_with_errors_cannot_be_signed(tmp_path: Path) -> None:
    root = write_site(tmp_path, GOOD)
    page = root / "content/risks.md"
    page.write_text(page.read_text().replace("You can say no.", "You heal in 6 weeks."))
    code, _, error = command(root, "review", "risks", "--by", "test-reviewer")
    assert code == 1
    assert "content/risks.md:9" in error
    assert not (root / "reviews").exists()


def test_the_list_of_all_reviews_and_the_calendar(tmp_path: Path) -> None:
    root = site_in("overdue", tmp_path)
    code, said, _ = command(root, "reviews")
    assert code == 0
    rows = said.split("\n")
    first = next(at for at, row in enumerate(rows) if row.startswith("index"))
    assert "never reviewed" in rows[first]
    overdue = next(at for at, row in enumerate(rows) if row.startswith("risks"))
    assert "overdue" in rows[overdue]
    assert first < overdue
    calendar = (root / "review-dates.ics").read_bytes()
    assert b"\r\nDTSTART;VALUE=DATE:20261101\r\n" in calendar
    assert calendar.count(b"BEGIN:VEVENT") == 1
    again = calendar
    command(root, "reviews")
    assert (root / "review-dates.ics").read_bytes() == again
