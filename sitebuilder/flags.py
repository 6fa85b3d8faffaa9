"""What is typed behind `build.py`, in; the flags of one command out."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from sitebuilder.settings import is_url

DUE_DATES: Final = "review-dates.ics"
"""The calendar's name in the site's folder, unless another is asked for."""

_PROJECT: Final = Path(__file__).resolve().parent.parent


def parser_of_all() -> argparse.ArgumentParser:
    """The parser of every command; `command` names the one that was asked for."""
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Builds a website from Markdown, and says what is wrong with it.",
        parents=[_flags()],
        argument_default=argparse.SUPPRESS,
    )
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, about: str) -> argparse.ArgumentParser:
        found = commands.add_parser(
            name,
            help=about,
            description=about,
            parents=[_flags()],
            argument_default=argparse.SUPPRESS,  # else its own defaults would hide DEFAULTS
        )
        found.set_defaults(command=name)
        return found

    command("build", "build the site (what happens without a command)")
    command("check", "all checks, write nothing")
    serve = command("serve", "live preview in a browser")
    serve.add_argument("--port", type=_port, help="default 8000; 0: any that is free")
    start = command("new", "start a page from a pattern")
    start.add_argument("page", help="its address, such as after-surgery or tools/checklist")
    start.add_argument("--title", help="its title (default: made from the address)")
    host = command("host", "print the settings for a web server that serves the site")
    host.add_argument("server", choices=("nginx", "caddy"))
    _review_commands(command)
    return parser


def _review_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    review = command("review", "put a clinician's sign-off of a page on record")
    review.add_argument("page", help="the page's id, such as recovery")
    review.add_argument("--by", required=True, help="who signs: an id of content/reviewers.yaml")
    review.add_argument(
        "--change", action="store_true", help="sign only what changed since the last sign-off"
    )
    review.add_argument("--until", type=_day, help="the last day (default: config's review_months)")
    sheet = command("review-sheet", "print what a clinician has to read to sign a page")
    sheet.add_argument("page", help="the page's id, such as recovery")
    tools = command("tools", "write a page for the reviewer of each decision tool")
    tools.add_argument(
        "--accept", action="store_true", help="put on record that the tools do what they do now"
    )
    states = command("reviews", "list the state of every review, write due dates")
    states.add_argument(
        "--calendar", type=Path, help=f"file for the due dates (default: {DUE_DATES})"
    )


DEFAULTS: Final = {
    "command": "build",
    "root": _PROJECT,
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


def _flags() -> argparse.ArgumentParser:
    """The flags that stand before or after a command. A parser each, since they are filled in."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--root", type=Path, help="folder that holds config.yaml and content/")
    add("--output", type=Path, help="where to build to (default: public/ under the root)")
    add("--url", type=_url, help="public address with base path; stands over config's url")
    add("--today", type=_day, help="the day to build for, as 2026-11-22 (default: today, UTC)")
    add("--jobs", type=_jobs, metavar="N", help="processes; 0 (default): as many as help")
    add("--release", action="store_true", help="hold the site to the rules for patients")
    add("--format", choices=("text", "json", "github"), help="form of the report")
    add("--no-cache", action="store_true", help="make every page anew")
    add("--explain", action="store_true", help="say why each page was made anew")
    add("--profile", action="store_true", help="say which pages took longest to make")
    add("--quiet", action="store_true", help="print problems only")
    return parser


def _url(text: str) -> str:
    if text and not is_url(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an address such as https://x.org/site/")
    return text


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a day such as 2026-11-22")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a port, a number from 0 to 65535")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 64:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 64")
    return int(text)


def today_of(flags: argparse.Namespace) -> date:
    """The day to build for: --today, else SOURCE_DATE_EPOCH, else the UTC date.

    ValueError, OverflowError, OSError: SOURCE_DATE_EPOCH is not a number of seconds.
    """
    if flags.today:
        return flags.today  # type: ignore[no-any-return]  # argparse does not say
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).date()
    return datetime.fromtimestamp(int(epoch), UTC).date()
