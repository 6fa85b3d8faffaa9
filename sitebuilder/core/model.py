"""The types that pass from stage to stage. Frozen: what a value is never changes.

    File -> Config, Page -> Place (a page in its site) -> Rendered -> Output

Addresses are site-absolute paths without the base path: `/recovery/`, `/404.html`. Paths are
relative to the site's root, with `/`: `content/recovery.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date as Date  # noqa: N812 - a field is called date

import msgspec

from sitebuilder.core.config import Config
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.passage import ReadingGrade, Subject
from sitebuilder.core.problems import Problem
from sitebuilder.core.review import Change, ClaimedReview, Review

# -- what is read ---------------------------------------------------------------------------------


class File(msgspec.Struct, frozen=True, eq=False):
    """One source file. `data` is empty for a picture or other asset until `load` is called.

    `stored` gives the bytes, where they are neither in `data` nor as they lie on the disk: texts,
    when there are very many, and pictures that say more than readers should know.
    """

    path: str
    digest: str
    location: str
    data: bytes = b""
    load_stored: Callable[[], bytes] | None = None

    def __eq__(self, other: object) -> bool:
        """Whether it is the same file with the same bytes."""
        return isinstance(other, File) and (self.path, self.digest) == (other.path, other.digest)

    def __ne__(self, other: object) -> bool:
        """Else `!=` would be msgspec's, and true of any two."""
        return not self == other

    def __hash__(self) -> int:
        return hash((self.path, self.digest))

    def load(self) -> bytes:
        """The bytes. OSError: the file has gone since it was read."""
        if self.data or self.load_stored:
            return self.read_text_bytes()
        with open(self.location, "rb") as stream:
            return stream.read()

    def read_text_bytes(self) -> bytes:
        """The bytes of a text, as they were read."""
        return self.load_stored() if self.load_stored else self.data


class Sources(msgspec.Struct, frozen=True):
    """All that a build may use. `designed`: the site has templates of its own."""

    config: File | None
    pages: tuple[File, ...]
    page_files: tuple[File, ...]
    templates: tuple[File, ...]
    static: tuple[File, ...]
    data: tuple[File, ...] = ()
    reviews: tuple[File, ...] = ()
    problems: tuple[Problem, ...] = ()
    custom_templates: bool = False


# -- what is written ------------------------------------------------------------------------------


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A content file, read: its front matter and the Markdown that follows at `body_line`.

    `body` is empty while nobody works on it: see `bodies`.

    `lines` says where each field stands, for problems that only show later. A `generated` page
    lists a folder that has no page of its own; its path is the folder's, with `/` at the end. One
    for `paper` names no sources.
    """

    id: str
    path: str
    address: str
    title: str
    body: str
    body_line: int
    description: str = ""
    date: Date | None = None
    draft: bool = False
    order: int = 0
    aliases: tuple[str, ...] = ()
    template: str = "page"
    lang: str = ""
    review: str = "none"
    owner: str = ""
    reviewed: ClaimedReview | None = None
    changes: tuple[Change, ...] = ()
    about: Subject | None = None
    generated: bool = False
    for_print: bool = False
    lines: Mapping[str, int] = {}


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A way from one page to another, as a menu or list shows it."""

    title: str
    address: str
    description: str = ""


class SitePage(msgspec.Struct, frozen=True, array_like=True):
    """A page in its site: what surrounds it, what it draws on, and what is on record of it.

    `state` is what its review would be if no word has changed since; that shows on rendering.
    `fills` is what data puts into its blocks; `links` are the pages that its tool names, by id.
    """

    page: Page
    state: str
    crumbs: tuple[Link, ...] = ()
    previous: Link | None = None
    next: Link | None = None
    children: tuple[Link, ...] = ()
    guide_pages: tuple[Link, ...] = ()
    evidence: Evidence = Evidence()
    fills: Mapping[str, str] = {}
    review: Review | None = None
    tool: Tool | None = None
    links: Mapping[str, Link] = {}


class Asset(msgspec.Struct, frozen=True):
    """A file published as it is."""

    file: File
    address: str


class Redirect(msgspec.Struct, frozen=True):
    """An old address, the page that it leads to, and the file that says so."""

    old: str
    new: str
    path: str


class SiteIndex(msgspec.Struct, frozen=True):
    """Where everything is.

    `paths` and `drafts` are keyed by source path, `addresses` by address
    (values: source path), `assets` by the address an author writes (values: the published one).
    """

    paths: Mapping[str, str]
    addresses: Mapping[str, str]
    drafts: Mapping[str, str]
    assets: Mapping[str, str]


class Site(msgspec.Struct, frozen=True):
    """Everything, put together. `release`: it is the one that patients are sent to."""

    config: Config
    release: bool
    pages: tuple[SitePage, ...]
    drafts: tuple[Page, ...]
    nav: tuple[Link, ...]
    footer: tuple[Link, ...]
    help: Link | None
    index: SiteIndex
    assets: tuple[Asset, ...]
    redirects: tuple[Redirect, ...]


# -- what is made ---------------------------------------------------------------------------------


class Heading(msgspec.Struct, frozen=True):
    """A heading of a page, for its contents list and for links to it."""

    level: int
    id: str
    text: str


class Block(msgspec.Struct, frozen=True):
    """A part with a meaning (a care card, steps). `items` are its sub-parts, if it has such.

    `title` and the values of `fields` are safe HTML. `level` is the heading level of the title.
    """

    name: str
    id: str
    level: int
    title: str = ""
    fields: Mapping[str, str] = {}
    parts: tuple[Part, ...] = ()
    items: tuple[Block, ...] = ()
    line: int = 0


Part = str | Block
"""Safe HTML, or a block that a template macro fills."""


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """Where a page's author points: the target as written, and its line.

    A `picture` is shown in the page; the picture of a `figure` block may be one of our own.
    """

    target: str
    line: int
    column: int
    picture: bool = False
    figure: bool = False


class ConvertedBody(msgspec.Struct, frozen=True):
    """A page's Markdown, converted."""

    parts: tuple[Part, ...]
    sources: str
    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    references: tuple[Reference, ...]


class RenderedPage(msgspec.Struct, frozen=True, array_like=True):
    """A finished page. `digest` is that of its bytes; `html` is empty once they are on a shelf.

    `words` is empty for a page that nobody has to sign. `links` is the digest of where its links
    lead. The `unsettled` references are wrong, or right only if another page has that heading.
    """

    path: str
    address: str
    html: bytes
    digest: str
    anchors: frozenset[str]
    references: tuple[Reference, ...]
    problems: tuple[Problem, ...]
    state: str
    signed_text: str
    grade: ReadingGrade | None = None
    policy: str = ""
    links_fingerprint: bytes = b""
    unresolved: tuple[Reference, ...] = ()


class Output(msgspec.Struct, frozen=True):
    """One file to publish: its address within the output (`recovery/index.html`) and its bytes."""

    path: str
    digest: str
    load: Callable[[], bytes]


class PageReport(msgspec.Struct, frozen=True):
    """What the report says of one page."""

    id: str
    path: str
    url: str
    state: str
    grade: ReadingGrade | None = None
    facts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    reviewed: Date | None = None
    until: Date | None = None


class BuildResult(msgspec.Struct, frozen=True):
    """What can be published and said of a build.

    `policies`: of the outputs whose policy is not the common `policy`, by path. `headers`: what a
    host should send with every response. `made`: why a page was made anew, by its path; `reused`:
    how many pages were not. `compress`: with compressed forms beside the texts.
    """

    outputs: tuple[Output, ...]
    problems: tuple[Problem, ...]
    pages: tuple[PageReport, ...]
    reused: int
    rebuild_reasons: Mapping[str, str]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    folder: str
    compress: bool
