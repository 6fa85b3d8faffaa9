"""The `tools` command: write review pages of decision tools, and accept their snapshots."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import date

from sitebuilder.build import report
from sitebuilder.build.pipeline import Build
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK, PROGRAM, echo, failure
from sitebuilder.cli.full_build import full_build
from sitebuilder.cli.reviews import find_page_report
from sitebuilder.clinical.decision_tools.cases import CASE_RULE, case_rows
from sitebuilder.clinical.decision_tools.review_page import ReviewContext, render_review_page
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.decision_tools.snapshot import (
    SAFETY_SNAPSHOT_PATH,
    dump_safety_snapshot,
    dump_snapshot,
    snapshot_path,
)
from sitebuilder.clinical.decision_tools.symbolic import Diagrams
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
"""Where the review pages are written, below the site's folder."""


def iter_tools(build: Build) -> Iterator[tuple[SitePage, Tool]]:
    """Yield the page and the tool, for each decision tool of a site."""
    for site_page in build.site.pages:
        if site_page.tool is not None:
            yield site_page, site_page.tool


def verify_site_tools(build: Build) -> dict[str, VerificationResult]:
    """Verify every decision tool, reusing nothing; return the results by tool name."""
    config = build.site.config
    context = VerificationContext(
        policy=build.safety_policy,
        evidence=build.evidence,
        emergency_number=config.emergency_number,
        max_grade=config.reading_grade,
        exempt=config.not_claims,
    )
    diagrams = Diagrams()
    return {tool.name: verify_tool(tool, context, diagrams) for _, tool in iter_tools(build)}


def verification_summary(results: dict[str, VerificationResult], seconds: float) -> str:
    """Summarize the verification in one line; empty if the site has no tools.

    Args:
        results: The results by tool name.
        seconds: CPU time that it took.
    """
    if not results:
        return ""
    states = sum(result.state_count for result in results.values())
    safe = sum(not any(p.severity == ERROR for p in result.problems) for result in results.values())
    return (
        f"{safe} of {len(results)} tools proven safe in every state of their forms "
        f"({states:,} states) in {seconds:.2f} s of CPU\n"
    )


def blocking_errors(build: Build) -> list[Problem]:
    """Return the errors in tools that have to be fixed before a snapshot can be accepted.

    Differences from the accepted snapshot (`tool-outcomes`) do not block: accepting resolves them.
    Nor does "and 7 more" (`more`): it stands below others, which block by themselves.
    """
    return [
        problem
        for problem in build.problems
        if problem.severity == ERROR
        and (problem.path.startswith(TOOLS_DIR) or problem.rule in {"tool", "tool-safety", "case"})
        and problem.rule not in {"tool-outcomes", "more"}
    ]


def snapshot_files(build: Build) -> dict[str, str]:
    """Return a snapshot of what each tool does and says now, and of what they share, by path."""
    tools = [tool for _, tool in iter_tools(build)]
    files = {snapshot_path(tool): dump_snapshot(tool) for tool in tools}
    for tool in tools[:1]:  # all have the same safety part
        files[SAFETY_SNAPSHOT_PATH] = dump_safety_snapshot(
            tool, build.safety_policy, build.evidence
        )
    return files


def build_review_pages(build: Build, today: date) -> dict[str, str]:
    """Render a review page for each tool; return the HTML by file name."""
    started = time.process_time()
    results = verify_site_tools(build)
    seconds = time.process_time() - started
    pages = {}
    for site_page, tool in iter_tools(build):
        review = site_page.review
        context = ReviewContext(
            policy=build.safety_policy,
            status=find_page_report(build, site_page).state,
            changes=diff_lines(review.text, signed_tool_text(tool)) if review else (),
            verification_lines=[*_verification_lines(results[tool.name], seconds)],
            case_rows=case_rows(tool, build.cases, build.evidence.sources),
            generated=today,
        )
        pages[f"{tool.name}.html"] = render_review_page(tool, context)
    return pages


def _verification_lines(result: VerificationResult, seconds: float) -> Iterator[str]:
    yield f"States that the form can be in, all of them proven: {result.state_count:,}."
    yield f"Time that it took, for all tools together: {seconds:.2f} s of CPU."
    errors = [problem for problem in result.problems if problem.severity == ERROR]
    if not errors:
        yield "None of them breaks a rule that docs/tool-invariants.md marks 'build'."
    for error in errors:
        yield f"{error.path}:{error.line}: {error.message}"


def run_tools(flags: argparse.Namespace) -> int:
    """Write a review page and, with `--accept`, a snapshot of each tool; return the exit code."""
    build = full_build(flags)
    errors = blocking_errors(build)
    if errors:
        print(report.format_text(errors, report.source_lines(flags.root)), file=sys.stderr)
    # The pages name the answers that a case needs, so a case that fails does not hold them back.
    if any(flags.accept or error.rule != CASE_RULE for error in errors):
        print(f"{PROGRAM}: mend the errors above first", file=sys.stderr)
        return EXIT_FAILURE
    folder = flags.root / REVIEW_PAGES_DIR
    files = {
        f"{REVIEW_PAGES_DIR}/{name}": html
        for name, html in build_review_pages(build, flags.today).items()
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
