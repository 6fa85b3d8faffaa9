"""Flags in, an exit code out: the world's side of every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from sitebuilder.flags import DEFAULTS, parser_of_all, today_of
from sitebuilder.process import (
    OUR_FAULT,
    Stopped,
    flush,
    hold_memory,
    hush,
    reason_of,
    spare_looks,
    steady_streams,
    stoppable,
)
from sitebuilder.speak import FAILED, OK, USAGE, usage

_COMMANDS: Final = {
    "build": ("building", "run_build"),
    "check": ("building", "run_check"),
    "serve": ("building", "run_serve"),
    "new": ("building", "run_new"),
    "host": ("building", "run_host"),
    "review": ("signing", "run_review"),
    "review-sheet": ("signing", "run_sheet"),
    "reviews": ("signing", "run_reviews"),
    "tools": ("signing", "run_tools"),
}
"""Where each command is. Loaded when asked for: a build of nothing new must not wait for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    spare_looks()
    steady_streams()
    try:
        with stoppable():
            code = _run(arguments)
            flush()
    except Stopped as stop:
        print(f"build.py: {_STOPPED}", file=sys.stderr)
        return stop.code
    except BrokenPipeError:  # whoever read our words has gone; so do we, without a fuss
        hush()
        return FAILED
    except (OSError, MemoryError, RecursionError) as error:
        hush()
        print(f"build.py: {reason_of(error)}", file=sys.stderr)
        return FAILED
    except Exception as error:
        error.add_note(OUR_FAULT)
        raise
    return code


_STOPPED: Final = "stopped. The published site is whole: the last good one, or the new one"


def _run(arguments: Sequence[str] | None) -> int:
    try:
        flags = parser_of_all().parse_args(arguments, argparse.Namespace(**DEFAULTS))
    except SystemExit as stop:
        return USAGE if stop.code else OK
    if not flags.root.is_dir():
        return usage(f"--root: there is no folder {flags.root}")
    try:
        today_of(flags)
    except (ValueError, OverflowError, OSError):
        return usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
    hold_memory()
    module, name = _COMMANDS[flags.command]
    code: int = getattr(import_module(f"sitebuilder.{module}"), name)(flags)
    return code
