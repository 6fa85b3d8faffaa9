"""A build in; what a reviewer reads of its tools, what is to be accepted, and the proof, out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date

from sitebuilder.build import report
from sitebuilder.build.pipeline import Build
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK, PROGRAM, echo, failure
from sitebuilder.cli.full_build import full_build
from sitebuilder.cli.reviews import find_page_report
from sitebuilder.clinical.decision_tools.review_page import render_review_page
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.decision_tools.snapshot import dump_snapshot, snapshot_path
from sitebuilder.clinical.decision_tools.verify import (
    VerificationContext,
    VerificationResult,
    verify_tool,
)
from sitebuilder.clinical.reviews.text_diff import diff_lines
from sitebuilder.core.atomic_write import atomic_write
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
from sitebuilder.core.model import SitePage
from sitebuilder.core.problems import ERROR, Problem

REVIEW_PAGES_DIR = "tool-reviews"
"""The folder below the site's own that the pages for reviewers are written to."""


def iter_tools(build: Build) -> Iterator[tuple[SitePage, Tool]]:
    """The tools of a site and their places."""
    for place in build.site.pages:
        if place.tool is not None:
            yield place, place.tool


def verify_site_tools(build: Build) -> dict[str, VerificationResult]:
    """The proof of each tool, by name, made anew."""
    config = build.site.config
    standard = VerificationContext(
        policy=build.safety_policy,
        evidence=build.evidence,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    return {tool.name: verify_tool(tool, standard) for _, tool in iter_tools(build)}


def verification_summary(results: dict[str, VerificationResult], seconds: float) -> str:
    """The proof of all tools in a line; nothing if there are none."""
    if not results:
        return ""
    states = sum(proof.state_count for proof in results.values())
    whole = sum(not any(p.severity == ERROR for p in proof.problems) for proof in results.values())
    return (
        f"{whole} of {len(results)} tools proven safe in every state of their forms "
        f"({states:,} states) in {seconds:.2f} s\n"
    )


def blocking_errors(build: Build) -> list[Problem]:
    """Errors in the tools that have to be mended before anything can be accepted."""
    return [
        found
        for found in build.problems
        if found.severity == ERROR
        and found.path.startswith(TOOLS_DIR)
        and found.rule != "tool-outcomes"
    ]


def snapshot_files(build: Build) -> dict[str, str]:
    """What each tool does now, as the files that say it was accepted, by path."""
    return {snapshot_path(tool): dump_snapshot(tool) for _, tool in iter_tools(build)}


def build_review_pages(build: Build, today: date) -> dict[str, str]:
    """A page for the reviewer of each tool, by the name of its file."""
    proven = verify_site_tools(build)
    pages = {}
    for place, tool in iter_tools(build):
        changes = diff_lines(place.review.text, signed_tool_text(tool)) if place.review else ()
        pages[f"{tool.name}.html"] = render_review_page(
            tool,
            tool.title.text,
            changes,
            find_page_report(build, place).state,
            [*_verification_lines(proven[tool.name])],
            today,
        )
    return pages


def _verification_lines(result: VerificationResult) -> Iterator[str]:
    yield f"States that the form can be in: {result.state_count:,}, in {len(result.regions)} classes."
    errors = [found for found in result.problems if found.severity == ERROR]
    if not errors:
        yield "In none of them does an answer lead past a warning sign or a gate."
    for found in errors:
        yield f"{found.path}:{found.line}: {found.message}"


def run_tools(flags: argparse.Namespace) -> int:
    """Write a page for the reviewer of each tool; with --accept, what the tools do."""
    build = full_build(flags)
    wrong = blocking_errors(build)
    if wrong:
        print(report.format_text(wrong, report.source_lines(flags.root)), file=sys.stderr)
        print(f"{PROGRAM}: mend the tools first", file=sys.stderr)
        return EXIT_FAILURE
    folder = flags.root / REVIEW_PAGES_DIR
    files = {
        f"{REVIEW_PAGES_DIR}/{n}": t for n, t in build_review_pages(build, flags.today).items()
    }
    if flags.accept:
        files |= snapshot_files(build)
    try:
        folder.mkdir(exist_ok=True)
        for path, text in files.items():
            atomic_write(flags.root / path, text)
    except OSError as error:
        return failure(f"could not write {error.filename}: {error.strerror or error}")
    for path in files:
        echo(flags, f"wrote {path}")
    return EXIT_OK
