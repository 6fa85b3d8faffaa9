"""Types for the configuration of a site, which `content.config_file` reads from config.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

CONFIG_PATH: Final = "config.yaml"

SOURCE_FOLDERS: Final = ("content", "templates", "static", "reviews")
"""Folders that a build reads. The output folder must neither contain one nor lie inside one."""

HOSTS: Final = ("none", "netlify", "cloudflare")
"""Hosts that read their settings from files at the top of the site. For other hosts the settings
are only printed (`build.py host`)."""


def is_url(text: str) -> bool:
    """Return whether `text` can be the public address of a site."""
    return bool(
        re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", text)
    )


class Clinic(msgspec.Struct, frozen=True):
    """Contact details of the clinic. Empty fields are not shown."""

    phone: str = ""
    hours: str = ""
    after_hours: str = ""
    email: str = ""
    address: str = ""


class NavItem(msgspec.Struct, frozen=True):
    """A menu entry.

    Attributes:
        page: Page id.
        label: Text of the link; empty to use the title of the page.
        line: Line in config.yaml.
    """

    page: str
    label: str = ""
    line: int = 0


class HandoutItem(msgspec.Struct, frozen=True):
    """A page of the printed handout.

    Attributes:
        page: Page id.
        sections: Ids of the headings to print; empty for the whole page.
        line: Line in config.yaml.
    """

    page: str
    sections: tuple[str, ...] = ()
    line: int = 0


class CareCardItem(msgspec.Struct, frozen=True):
    """A page that has to show care cards.

    Attributes:
        page: Page id.
        lists: Names of the lists of warning signs that it has to show.
        opens: They stand before its second heading.
        line: Line in config.yaml.
    """

    page: str
    lists: tuple[str, ...] = ()
    opens: bool = True
    line: int = 0


class Config(msgspec.Struct, frozen=True):
    """The validated content of config.yaml.

    Attributes:
        url: Public address, ending with `/`; empty if unknown.
        release: Hold every build to the rules for a site that patients read.
        output: Output folder, relative to the root of the site.
        host: One of `HOSTS`.
        compress: Also write precompressed forms of text files.
        review: Who has to sign pages without a `review` field: `clinical` or `none`.
        help_page: Id of the page about when to get help.
        guide: Pages in reading order, for the links to the previous and next page.
        publish: Files of content/ to publish though no page links to them, as patterns of paths
            there.
        checks: Severity overrides, by rule name.
        not_claims: Phrases with a number that need no source.
        reading_grade: Highest US school grade that a page may have.
        oldest_source: Age in years from which a source counts as old.
        review_soon: Days before its end at which a review is reported as due.
        review_months: Months for which a review is valid.
        benefits: Heading that each choice has over its benefits; empty to skip the check.
        harms: Heading that each choice has over its harms; empty to skip the check.
        lines: Line of each top-level field in config.yaml.
    """

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
    care_cards: tuple[CareCardItem, ...] = ()
    publish: tuple[str, ...] = ()
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
        """Path that the site is served below: `/`, or `/folder/`."""
        host_and_path = self.url.partition("://")[2]
        return "/" + host_and_path.partition("/")[2]
