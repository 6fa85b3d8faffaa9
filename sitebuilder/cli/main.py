"""Flags in, an exit code out: the world's side of every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from sitebuilder.build.build_date import build_date
from sitebuilder.cli.arguments import DEFAULTS, parser_of_all
from sitebuilder.cli.console import FAILED, OK, PROGRAM, USAGE, usage
from sitebuilder.cli.process import (
    OUR_FAULT,
    flush,
    hold_memory,
    hush,
    reason_of,
    spare_looks,
    steady_streams,
)
from sitebuilder.core.signals import Stopped, stoppable

_COMMANDS: Final = {
    "build": ("build", "run_build"),
    "check": ("build", "run_check"),
    "serve": ("build", "run_serve"),
    "new": ("build", "run_new"),
    "host": ("build", "run_host"),
    "review": ("reviews", "run_review"),
    "review-sheet": ("reviews", "run_sheet"),
    "reviews": ("reviews", "run_reviews"),
    "tools": ("decision_tools", "run_tools"),
}
"""Where each command is. Loaded when asked for: a build of nothing new must not wait for it."""


def main(arguments: Sequence[str] | None = None, *, root: Path | None = None) -> int:
    """Run one command and return the exit code of the process.

    Args:
        arguments: what was typed; None: `sys.argv`.
        root: the site to work on unless `--root` names one; None: the current folder.
    """
    spare_looks()
    steady_streams()
    try:
        with stoppable():
            code = _run(arguments, root or Path())
            flush()
    except Stopped as stop:
        print(f"{PROGRAM}: {_STOPPED}", file=sys.stderr)
        return stop.code
    except BrokenPipeError:  # whoever read our words has gone; so do we, without a fuss
        hush()
        return FAILED
    except (OSError, MemoryError, RecursionError) as error:
        hush()
        print(f"{PROGRAM}: {reason_of(error)}", file=sys.stderr)
        return FAILED
    except Exception as error:
        error.add_note(OUR_FAULT)
        raise
    return code


_STOPPED: Final = "stopped. The published site is whole: the last good one, or the new one"


def _run(arguments: Sequence[str] | None, root: Path) -> int:
    try:
        flags = parser_of_all().parse_args(arguments, argparse.Namespace(**DEFAULTS, root=root))
    except SystemExit as stop:
        return USAGE if stop.code else OK
    if not flags.root.is_dir():
        return usage(f"--root: there is no folder {flags.root}")
    try:
        flags.requested_date, flags.today = flags.today, build_date(flags.today)
    except (ValueError, OverflowError, OSError):
        return usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
    hold_memory()
    module, name = _COMMANDS[flags.command]
    code: int = getattr(import_module(f"sitebuilder.cli.{module}"), name)(flags)
    return code
