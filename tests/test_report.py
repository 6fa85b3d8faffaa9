"""Reports: with the text around each problem for people, in lasting forms for programs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from sitebuilder.build.report import (
    format_github,
    format_json,
    format_summary,
    format_text,
    source_lines,
)
from sitebuilder.core.model import PageReport
from sitebuilder.core.passage import ReadingGrade
from sitebuilder.core.problems import (
    ADVICE,
    ERROR,
    OFF,
    RULES,
    WARNING,
    Problem,
    apply_severities,
    escape_unprintable,
    has_errors,
)


def found(line: int = 2, column: int = 3, **more: str) -> Problem:
    fields = {
        "path": "content/a.md",
        "rule": "yaml",
        "severity": ERROR,
        "message": "It is wrong",
        "hint": "Mend it.",
        **more,
    }
    return Problem(line=line, column=column, **fields)


def text(problem: Problem, *lines: str) -> str:
    return format_text([problem], lambda _path: lines)


def test_a_problem_stands_with_its_line_the_lines_around_it_and_a_caret() -> None:
    assert text(found(), "one", "two", "three", "four") == (
        "content/a.md:2:3: error: It is wrong [yaml]\n"
        "       1 | one\n"
        "  >    2 | two\n"
        "         |   ^\n"
        "       3 | three\n"
        "    Mend it.\n"
    )


def test_a_problem_of_a_whole_file_stands_alone() -> None:
    assert text(found(0, 0), "one") == ("content/a.md: error: It is wrong [yaml]\n    Mend it.\n")
    assert text(found(9, 1), "one") == (
        "content/a.md:9:1: error: It is wrong [yaml]\n    Mend it.\n"
    )
    assert text(found(2, 0, hint="")) == "content/a.md:2: error: It is wrong [yaml]\n"


def caret(line: str, column: int) -> str:
    """The sign that the caret points at."""
    frame = text(found(1, column), line).split("\n")
    return frame[1][frame[2].index("^") :][:1]


@pytest.mark.parametrize("column", [1, 50, 110, 111, 250, 400])
def test_the_caret_is_right_on_long_lines_which_are_cut(column: int) -> None:
    line = "-" * (column - 1) + "X" + "-" * (400 - column)
    assert caret(line, column) == "X"
    assert max(map(len, text(found(1, column), line).split("\n"))) < 130


def test_the_caret_is_right_behind_hidden_characters_and_tabs() -> None:
    assert caret("a\x1b[31m\tX", 8) == "X"
    assert caret("\x00" * 30 + "X" + "-" * 200, 31) == "X"


def test_a_caret_behind_the_end_of_a_line_is_shown() -> None:
    assert "^" in text(found(1, 9), "short")


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\x9b", "\u202e", "\u200b", "\r", "\n"])
def test_nothing_that_drives_a_terminal_is_printed(sign: str) -> None:
    evil = f"a{sign}b"
    shown = text(found(1, path=evil, message=evil, hint=evil), evil)
    assert f"aU+{ord(sign):04X}b" in shown
    assert sign not in shown or sign == "\n"
    assert shown.count("\n") == 4
    assert escape_unprintable(evil) == f"aU+{ord(sign):04X}b"


def test_lines_come_from_files_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbfone\n\xe9\n")
    lines = source_lines(tmp_path)
    assert list(lines("a.md")) == ["one", "\ufffd", ""]
    assert lines("b.md") == lines(".") == ()


def test_the_json_report_is_what_the_blueprint_promises() -> None:
    signed = PageReport(
        "risks",
        "content/risks.md",
        "/risks/",
        "current",
        ReadingGrade(5.5, 6.25, 8.0, 420, 40),
        ("tear",),
        ("usc",),
        date(2026, 11, 22),
        date(2028, 11, 22),
    )
    pages = [PageReport("index", "content/index.md", "/", "none"), signed]
    problems = [found(), found(0, 0, severity=WARNING, hint="", message='"é\x1b')]
    report = json.loads(format_json(problems, pages, reused=1, written=2, seconds=0.12345))
    assert report == {
        "version": 1,
        "problems": [
            {
                "path": "content/a.md",
                "line": 2,
                "column": 3,
                "rule": "yaml",
                "severity": "error",
                "message": "It is wrong",
                "hint": "Mend it.",
            },
            {
                "path": "content/a.md",
                "line": None,
                "column": None,
                "rule": "yaml",
                "severity": "warning",
                "message": '"é\x1b',
                "hint": None,
            },
        ],
        "pages": [
            {
                "id": "index",
                "path": "content/index.md",
                "url": "/",
                "state": "none",
                "grade": None,
                "facts": [],
                "references": [],
                "reviewed": None,
                "until": None,
            },
            {
                "id": "risks",
                "path": "content/risks.md",
                "url": "/risks/",
                "state": "current",
                "grade": {
                    "flesch_kincaid": 5.5,
                    "prose": 6.25,
                    "smog": 8.0,
                    "words": 420,
                    "sentences": 40,
                },
                "facts": ["tear"],
                "references": ["usc"],
                "reviewed": "2026-11-22",
                "until": "2028-11-22",
            },
        ],
        "reused": 1,
        "written": 2,
        "seconds": 0.123,
    }


def test_annotations_cannot_be_broken_out_of() -> None:
    problem = found(path="a,b:c%.md", message="100%\n::error::x", hint="H.\r", rule="yaml")
    assert format_github([problem, found(0, 0, severity=ADVICE, hint="")]) == (
        "::error file=a%2Cb%3Ac%25.md,line=2,col=3,title=yaml::100%25%0A::error::x. H.%0D\n"
        "::notice file=content/a.md,title=yaml::It is wrong"
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), "no problems found"),
        ((1, 0, 0), "1 error found"),
        ((2, 1, 0), "3 problems found: 2 errors, 1 warning"),
        ((0, 2, 1), "3 problems found: 2 warnings, 1 piece of advice"),
        ((0, 0, 2), "2 pieces of advice found"),
    ],
)
def test_the_summary_counts_in_words(counts: tuple[int, int, int], words: str) -> None:
    kinds = zip((ERROR, WARNING, ADVICE), counts, strict=True)
    problems = [found(n, severity=kind) for kind, count in kinds for n in range(count)]
    assert format_summary(problems) == words
    assert has_errors(problems) == (counts[0] > 0)


def test_problems_are_settled_by_config_in_order_of_place_each_once() -> None:
    problems = [found(9), found(2), found(2), found(1, rule="heading"), found(1, path="a")]
    settled = apply_severities(problems, {"yaml": WARNING, "heading": OFF})
    assert [(p.path, p.line, p.severity) for p in settled] == [
        ("a", 1, WARNING),
        ("content/a.md", 2, WARNING),
        ("content/a.md", 9, WARNING),
    ]


def test_every_rule_says_what_it_is_about() -> None:
    for name, rule in RULES.items():
        assert rule.about, name
        assert rule.severity in {ERROR, WARNING, ADVICE, OFF}, name
        assert not (rule.severity == OFF and (rule.locked or rule.fixed)), name
