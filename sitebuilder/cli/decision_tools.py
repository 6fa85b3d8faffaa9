"""A build in; what a reviewer reads of its tools, what is to be accepted, and the proof, out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date

from sitebuilder.build import report
from sitebuilder.build.pipeline import Build
from sitebuilder.cli.console import FAILED, OK, PROGRAM, failed, say
from sitebuilder.cli.full_build import full_build
from sitebuilder.cli.reviews import report_of
from sitebuilder.clinical.decision_tools.review_page import render_review_page
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.decision_tools.snapshot import dump_snapshot, snapshot_path
from sitebuilder.clinical.decision_tools.verify import (
    VerificationContext,
    VerificationResult,
    verify_tool,
)
from sitebuilder.clinical.reviews.text_diff import diff_lines
from sitebuilder.core.atomic_write import save
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
from sitebuilder.core.model import Place
from sitebuilder.core.problems import ERROR, Problem

PAGES = "tool-reviews"
"""The folder below the site's own that the pages for reviewers are written to."""


def tools_of(build: Build) -> Iterator[tuple[Place, Tool]]:
    """The tools of a site and their places."""
    for place in build.site.places:
        if place.tool is not None:
            yield place, place.tool


def proofs(build: Build) -> dict[str, VerificationResult]:
    """The proof of each tool, by name, made anew."""
    config = build.site.config
    standard = VerificationContext(
        policy=build.guard,
        evidence=build.knowledge,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    return {tool.name: verify_tool(tool, standard) for _, tool in tools_of(build)}


def told(proven: dict[str, VerificationResult], seconds: float) -> str:
    """The proof of all tools in a line; nothing if there are none."""
    if not proven:
        return ""
    states = sum(proof.state_count for proof in proven.values())
    whole = sum(not any(p.severity == ERROR for p in proof.problems) for proof in proven.values())
    return (
        f"{whole} of {len(proven)} tools proven safe in every state of their forms "
        f"({states:,} states) in {seconds:.2f} s\n"
    )


def in_the_way(build: Build) -> list[Problem]:
    """Errors in the tools that have to be mended before anything can be accepted."""
    return [
        found
        for found in build.problems
        if found.severity == ERROR
        and found.path.startswith(TOOLS_DIR)
        and found.rule != "tool-outcomes"
    ]


def accepted(build: Build) -> dict[str, str]:
    """What each tool does now, as the files that say it was accepted, by path."""
    return {snapshot_path(tool): dump_snapshot(tool) for _, tool in tools_of(build)}


def for_reviewers(build: Build, today: date) -> dict[str, str]:
    """A page for the reviewer of each tool, by the name of its file."""
    proven = proofs(build)
    pages = {}
    for place, tool in tools_of(build):
        changes = diff_lines(place.review.text, signed_tool_text(tool)) if place.review else ()
        pages[f"{tool.name}.html"] = render_review_page(
            tool,
            tool.title.text,
            changes,
            report_of(build, place).state,
            [*_lines(proven[tool.name])],
            today,
        )
    return pages


def _lines(proof: VerificationResult) -> Iterator[str]:
    yield f"States that the form can be in: {proof.state_count:,}, in {len(proof.regions)} classes."
    errors = [found for found in proof.problems if found.severity == ERROR]
    if not errors:
        yield "In none of them does an answer lead past a warning sign or a gate."
    for found in errors:
        yield f"{found.path}:{found.line}: {found.message}"


def run_tools(flags: argparse.Namespace) -> int:
    """Write a page for the reviewer of each tool; with --accept, what the tools do."""
    build = full_build(flags)
    wrong = in_the_way(build)
    if wrong:
        print(report.as_text(wrong, report.lines_below(flags.root)), file=sys.stderr)
        print(f"{PROGRAM}: mend the tools first", file=sys.stderr)
        return FAILED
    folder = flags.root / PAGES
    files = {f"{PAGES}/{n}": t for n, t in for_reviewers(build, flags.today).items()}
    if flags.accept:
        files |= accepted(build)
    try:
        folder.mkdir(exist_ok=True)
        for path, text in files.items():
            save(flags.root / path, text)
    except OSError as error:
        return failed(f"could not write {error.filename}: {error.strerror or error}")
    for path in files:
        say(flags, f"wrote {path}")
    return OK
