"""Run a command: dispatch, signals, resource limits, exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from sitebuilder.build.build_date import build_date
from sitebuilder.cli.arguments import DEFAULTS, build_parser
from sitebuilder.cli.console import EXIT_FAILURE, EXIT_OK, EXIT_USAGE, PROGRAM, usage_error
from sitebuilder.cli.process import (
    INTERNAL_ERROR_NOTE,
    describe_error,
    discard_stdout,
    flush_stdout,
    harden_stdio,
    limit_memory,
    tune_gc,
)
from sitebuilder.core.signals import Interrupted, handle_signals

_COMMAND_HANDLERS: Final = {
    "build": ("build", "run_build"),
    "check": ("build", "run_check"),
    "serve": ("build", "run_serve"),
    "new": ("build", "run_new"),
    "host": ("build", "run_host"),
    "review": ("reviews", "run_review"),
    "review-sheet": ("reviews", "run_review_sheet"),
    "reviews": ("reviews", "run_reviews"),
    "tools": ("decision_tools", "run_tools"),
    "signs": ("signs", "run_signs"),
}
"""The module and function of each command.

Modules are loaded on demand: a build that finds nothing new must not wait for the others.
"""

_INTERRUPTED_MESSAGE: Final = (
    "stopped. The published site is whole: the last good one, or the new one"
)


def main(argv: Sequence[str] | None = None, *, root: Path | None = None) -> int:
    """Run one command and return the exit code of the process.

    Args:
        argv: The arguments; None: those of `sys.argv`.
        root: The site to work on, unless `--root` names one; None: the current folder.

    Raises:
        Exception: The generator itself failed; a note on the exception says so.
    """
    tune_gc()
    harden_stdio()
    try:
        with handle_signals():
            code = _run_command(argv, root or Path())
            flush_stdout()
    except Interrupted as interrupt:
        print(f"{PROGRAM}: {_INTERRUPTED_MESSAGE}", file=sys.stderr)
        return interrupt.exit_code
    except BrokenPipeError:  # whatever read the output has ended, as `head` does: no message
        discard_stdout()
        return EXIT_FAILURE
    except (OSError, MemoryError, RecursionError) as error:
        discard_stdout()
        print(f"{PROGRAM}: {describe_error(error)}", file=sys.stderr)
        return EXIT_FAILURE
    except Exception as error:
        error.add_note(INTERNAL_ERROR_NOTE)
        raise
    return code


def _run_command(argv: Sequence[str] | None, root: Path) -> int:
    try:
        flags = build_parser().parse_args(argv, argparse.Namespace(**DEFAULTS, root=root))
    except SystemExit as parser_exit:  # after --help, or after a usage error was printed
        return EXIT_USAGE if parser_exit.code else EXIT_OK
    if not flags.root.is_dir():
        return usage_error(f"--root: there is no folder {flags.root}")
    try:
        flags.requested_date, flags.today = flags.today, build_date(flags.today)
    except (ValueError, OverflowError, OSError):
        return usage_error("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
    limit_memory()
    module, function = _COMMAND_HANDLERS[flags.command]
    exit_code: int = getattr(import_module(f"sitebuilder.cli.{module}"), function)(flags)
    return exit_code
