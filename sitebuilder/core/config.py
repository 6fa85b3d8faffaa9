"""What config.yaml says, as types. `config` reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

CONFIG_PATH: Final = "config.yaml"

SOURCE_FOLDERS: Final = ("content", "templates", "static", "reviews")
"""What a build reads; the output folder neither holds one of these nor lies in one."""

HOSTS: Final = ("none", "netlify", "cloudflare")
"""Hosts that read files at the top of the site; what others read is printed (`build.py host`)."""


def is_url(text: str) -> bool:
    """Whether `text` can be the public address of a site."""
    return bool(
        re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", text)
    )


class Clinic(msgspec.Struct, frozen=True):
    """The clinic's contacts; what it has not given is empty and is not shown."""

    phone: str = ""
    hours: str = ""
    after_hours: str = ""
    email: str = ""
    address: str = ""


class NavItem(msgspec.Struct, frozen=True):
    """One entry of a menu: a page id, and a shorter label if its title is long."""

    page: str
    label: str = ""
    line: int = 0


class HandoutItem(msgspec.Struct, frozen=True):
    """A page of the hand-out, and the ids of its sections if not all are wanted."""

    page: str
    sections: tuple[str, ...] = ()
    line: int = 0


class Config(msgspec.Struct, frozen=True):
    """config.yaml, made valid. `url` is empty or ends with `/`."""

    name: str
    url: str = ""
    lang: str = "en"
    release: bool = False
    output: str = "public"
    host: str = "none"
    compress: bool = False
    review: str = "none"
    emergency_number: str = "911"
    help_page: str = ""
    clinic: Clinic = Clinic()
    nav: tuple[NavItem, ...] = ()
    guide: tuple[NavItem, ...] = ()
    footer: tuple[NavItem, ...] = ()
    handout: tuple[HandoutItem, ...] = ()
    checks: Mapping[str, str] = {}
    not_claims: tuple[str, ...] = ()
    reading_grade: int = 8
    oldest_source: int = 20
    review_soon: int = 60
    review_months: int = 24
    benefits: str = ""
    harms: str = ""
    lines: Mapping[str, int] = {}

    @property
    def base(self) -> str:
        """The path that the site lives below: `/`, or `/folder/`."""
        host_and_path = self.url.partition("://")[2]
        return "/" + host_and_path.partition("/")[2]
