"""The commands for authors and hosts: build, check, serve, new, host."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitebuilder.build import report
from sitebuilder.build.build_date import build_date
from sitebuilder.build.incremental.artifacts import ArtifactMissingError
from sitebuilder.build.incremental.builder import BuildOptions, IncrementalBuilder
from sitebuilder.cli.console import (
    EXIT_BUSY,
    EXIT_FAILURE,
    EXIT_OK,
    PROGRAM,
    echo,
    print_report,
    usage_error,
)
from sitebuilder.cli.process import escape_surrogates
from sitebuilder.cli.progress import profile_table, progress_line
from sitebuilder.core.model import BuildResult
from sitebuilder.core.problems import ADVICE, ERROR, Problem, has_errors, problem
from sitebuilder.output.path_guards import OutputRefusedError, check_inside_project
from sitebuilder.output.publish import OutdatedBuildError, PublishLockedError, publish

MAX_READS: Final = 5
"""How often a build reads its sources if they change before it is published."""


def run_build(flags: argparse.Namespace) -> int:
    """Build and publish the site, or write nothing if there is an error; return the exit code."""
    started = time.perf_counter()
    for _ in range(MAX_READS):
        builder = IncrementalBuilder(_options(flags))
        with progress_line(quiet=flags.quiet) as progress:
            build = builder.build(progress)
        problems: Sequence[Problem] = [p for p in build.problems if p.severity != ADVICE]
        folder = flags.output or flags.root / build.folder
        code, written = EXIT_FAILURE, 0
        try:
            if has_errors(problems):
                if builder.is_outdated():  # read while somebody saved it
                    continue
                break
            build, written = _publish(builder, build, folder, flags)
            code = EXIT_OK
        except OutdatedBuildError:
            continue
        except PublishLockedError as locked:
            owner = f" (process {locked.pid})" if locked.pid else ""
            print(
                f"{PROGRAM}: another build{owner} is writing {folder}; try again", file=sys.stderr
            )
            code = EXIT_BUSY
        except (OutputRefusedError, OSError) as error:
            problems = [*problems, _publish_problem(error, folder, flags)]
        break
    else:
        problems = [*problems, _restless_problem()]
    print_report(flags, build, problems, written, started)
    if flags.profile:
        print(profile_table(builder.stage_seconds(), builder.rendered_pages()), file=sys.stderr)
    if code == EXIT_FAILURE:
        echo(flags, "Nothing was written; the last good site stays.")
    if code == EXIT_OK:
        page_count = sum(page.state != "draft" for page in build.pages)
        echo(flags, f"{page_count} pages in {folder} ({written} files written)")
    return code


def _restless_problem() -> Problem:
    message = f"the files changed each of the {MAX_READS} times that they were read"
    hint = "Wait until they are saved, and build again."
    return problem("unreadable", "content", message, hint=hint)


def _options(flags: argparse.Namespace) -> BuildOptions:
    return BuildOptions(
        root=flags.root,
        today=flags.today,
        output=flags.output,
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
        use_cache=not flags.no_cache,
    )


def _publish(
    builder: IncrementalBuilder, build: BuildResult, folder: Path, flags: argparse.Namespace
) -> tuple[BuildResult, int]:
    """Publish a build and save its record for the next one.

    Returns:
        The build that was published, and the number of files written.

    Raises:
        PublishLockedError: Another process is publishing to the same folder.
        OutputRefusedError: The folder may not be written to.
        OutdatedBuildError: The sources have changed since they were read.
        OSError: Writing failed.
    """
    if not flags.output:
        check_inside_project(folder, flags.root)
    try:
        written = publish(builder.outputs(build), folder, flags.root, builder.is_outdated)
    except ArtifactMissingError:  # a published page that the build reuses was removed
        build = builder.rebuild()
        written = publish(builder.outputs(build), folder, flags.root, builder.is_outdated)
    builder.save_record()
    return build, written


def _publish_problem(
    error: OutputRefusedError | OSError, folder: Path, flags: argparse.Namespace
) -> Problem:
    if isinstance(error, OutputRefusedError):
        message, hint = str(error), "Nothing was written or deleted."
    else:
        message = f"could not write {error.filename or folder}: {error.strerror or error}"
        hint = "The site is as it was."
    setting = "--output" if flags.output else "config.yaml"
    return problem("output", setting, escape_surrogates(message), hint=hint)


def run_check(flags: argparse.Namespace) -> int:
    """Run every check and write nothing; return the exit code."""
    from sitebuilder.cli import decision_tools  # noqa: PLC0415 - loads the renderer
    from sitebuilder.cli.full_build import full_build  # noqa: PLC0415 - as above

    started = time.perf_counter()
    build = full_build(flags)
    table = report.format_page_table(build.pages)
    if flags.format == "text" and table:
        echo(flags, table)
        verify_started = time.process_time()
        results = decision_tools.verify_site_tools(build)
        seconds = time.process_time() - verify_started
        echo(flags, decision_tools.verification_summary(results, seconds))
    print_report(flags, build, build.problems, 0, started)
    return EXIT_FAILURE if has_errors(build.problems) else EXIT_OK


def run_serve(flags: argparse.Namespace) -> int:
    """Serve a live preview that is rebuilt whenever a file changes; return the exit code."""
    from sitebuilder.server.app import serve  # noqa: PLC0415 - livereload costs 0.13 s to import
    from sitebuilder.server.session import Session  # noqa: PLC0415 - loads the renderer

    session = Session(
        flags.root,
        today=lambda: build_date(flags.requested_date),  # a preview may be open over midnight
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
    try:
        serve(session, port=flags.port, quiet=flags.quiet)
    except OSError as error:
        return usage_error(f"cannot use port {flags.port}: {error.strerror}. Try --port 0.")
    return EXIT_OK


def run_new(flags: argparse.Namespace) -> int:
    """Create a page from the template for new pages; return the exit code."""
    from sitebuilder.cli import new_page  # noqa: PLC0415 - for this command alone

    try:
        path = new_page.create_page(flags.root, flags.page, flags.title)
    except new_page.CreatePageError as error:
        return usage_error(str(error))
    echo(flags, f"made {path}")
    return EXIT_OK


def run_host(flags: argparse.Namespace) -> int:
    """Print the configuration of a web server that serves the site; return the exit code."""
    from sitebuilder.cli.full_build import full_build  # noqa: PLC0415 - loads the renderer
    from sitebuilder.output import hosts  # noqa: PLC0415 - for this command alone

    build = full_build(flags)
    errors = [p for p in build.problems if p.severity == ERROR]
    if errors:
        print(report.format_text(errors, report.source_lines(flags.root)), file=sys.stderr)
        return EXIT_FAILURE
    folder = (flags.output or flags.root / build.folder).resolve()
    format_config = {"nginx": hosts.nginx_config, "caddy": hosts.caddy_config}[flags.server]
    print(format_config(build.site, build.headers, str(folder)), end="")
    return EXIT_OK
