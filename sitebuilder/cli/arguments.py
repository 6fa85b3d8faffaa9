"""Define the command-line arguments of every command."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

from sitebuilder.cli.console import PROGRAM
from sitebuilder.core.config import is_url

DEFAULT_CALENDAR_NAME: Final = "review-dates.ics"
"""File name of the calendar in the site's folder, unless `--calendar` names another."""

_COMMAND_HELP: Final = {
    "build": "build the site (what happens without a command)",
    "check": "all checks, write nothing",
    "serve": "live preview in a browser",
    "new": "start a page from a pattern",
    "host": "print the settings for a web server that serves the site",
    "review": "put a clinician's sign-off of a page on record",
    "review-sheet": "print what a clinician has to read to sign a page",
    "tools": "write a page for the reviewer of each decision tool",
    "reviews": "list the state of every review, write due dates",
    "signs": "list every sentence that says what to do about a warning sign",
}


def _make_help_formatter(prog: str) -> argparse.HelpFormatter:
    """Return a help formatter as wide as the terminal.

    argparse would ask shutil for the width, once for each flag; importing shutil takes 3 ms.
    """
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else 0
    if not width:
        with suppress(AttributeError, ValueError, OSError):  # no stdout, or no terminal
            width = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
    return argparse.HelpFormatter(prog, width=(width or 80) - 2)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    It sets only what was typed, so parse into a namespace that holds `DEFAULTS` and `root`.
    `command` is the name of the command.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Builds a website from Markdown, and says what is wrong with it.",
        parents=[_make_common_parser()],
        argument_default=argparse.SUPPRESS,
        formatter_class=_make_help_formatter,
    )
    commands = parser.add_subparsers(
        metavar="COMMAND", prog=parser.prog, parser_class=_CommandParser
    )
    for name, summary in _COMMAND_HELP.items():
        commands.add_parser(name, help=summary, description=summary, command=name)
    return parser


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command, set up only when it is used: all together take 10 ms."""

    def __init__(self, *, command: str, **parser_options: Any) -> None:
        self._command, self._parser_options = command, parser_options

    def parse_known_args(  # type: ignore[override]  # there are overloads, for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        super().__init__(
            **self._parser_options,
            parents=[_make_common_parser()],
            formatter_class=_make_help_formatter,
            argument_default=argparse.SUPPRESS,  # else its own defaults would hide DEFAULTS
        )
        self.set_defaults(command=self._command)
        _add_command_arguments(self._command, self.add_argument)
        return super().parse_known_args(args, namespace)


def _add_command_arguments(command: str, add_argument: Callable[..., object]) -> None:
    """Add the arguments that only this command takes."""
    match command:
        case "serve":
            add_argument("--port", type=_parse_port, help="default 8000; 0: any that is free")
        case "new":
            add_argument("page", help="its address, such as after-surgery or tools/checklist")
            add_argument("--title", help="its title (default: made from the address)")
        case "host":
            add_argument("server", choices=("nginx", "caddy"))
        case "review":
            add_argument("page", help="the page's id, such as recovery")
            add_argument("--by", required=True, help="who signs: an id of content/reviewers.yaml")
            change_help = "sign only what changed since the last sign-off"
            add_argument("--change", action="store_true", help=change_help)
            add_argument(
                "--until", type=_parse_date, help="the last day (default: config's review_months)"
            )
        case "review-sheet":
            add_argument("page", help="the page's id, such as recovery")
        case "tools":
            accept_help = "put on record that the tools do what they do now"
            add_argument("--accept", action="store_true", help=accept_help)
        case "signs":
            accept_help = "put on record what the pages say about warning signs now"
            add_argument("--accept", action="store_true", help=accept_help)
        case "reviews":
            calendar_help = f"file for the due dates (default: {DEFAULT_CALENDAR_NAME})"
            add_argument("--calendar", type=Path, help=calendar_help)


DEFAULTS: Final = {
    "command": "build",
    "output": None,
    "url": None,
    "today": None,
    "jobs": 0,
    "release": False,
    "format": "text",
    "no_cache": False,
    "explain": False,
    "profile": False,
    "quiet": False,
    "port": 8000,
    "title": "",
    "change": False,
    "until": None,
    "calendar": None,
    "accept": False,
}
"""The values of flags that were not given."""


def _make_common_parser() -> argparse.ArgumentParser:
    """Return a parser of the flags that may come before or after a command.

    It is not shared: argparse hands a parent's actions to its children, which change them.
    """
    parser = argparse.ArgumentParser(
        add_help=False, argument_default=argparse.SUPPRESS, formatter_class=_make_help_formatter
    )
    add = parser.add_argument
    add("--root", type=Path, help="folder that holds config.yaml and content/")
    add("--output", type=Path, help="where to build to (default: public/ under the root)")
    add("--url", type=_parse_url, help="public address with base path; stands over config's url")
    add(
        "--today",
        type=_parse_date,
        help="the day to build for, as 2026-11-22 (default: today, UTC)",
    )
    add("--jobs", type=_parse_jobs, metavar="N", help="processes; 0 (default): as many as help")
    add("--release", action="store_true", help="hold the site to the rules for patients")
    add("--format", choices=("text", "json", "github"), help="form of the report")
    add("--no-cache", action="store_true", help="render every page, reuse nothing")
    add("--explain", action="store_true", help="say why each page was rendered")
    add("--profile", action="store_true", help="say which pages took longest to make")
    add("--quiet", action="store_true", help="print problems only")
    return parser


def _parse_url(text: str) -> str:
    if text and not is_url(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an address such as https://x.org/site/")
    return text


def _parse_date(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a day such as 2026-11-22")


def _parse_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a port, a number from 0 to 65535")
    return int(text)


def _parse_jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 64:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 64")
    return int(text)
