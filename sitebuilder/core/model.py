"""Immutable types that pass from one build stage to the next.

    File -> Page -> SitePage (a page with its surroundings) -> RenderedPage -> Output

Addresses are absolute URL paths without the base path of the site: `/recovery/`, `/404.html`.
Paths are relative to the root of the site, with forward slashes: `content/recovery.md`.
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

# -- Source files ---------------------------------------------------------------------------------


class File(msgspec.Struct, frozen=True, eq=False):
    """A source file. Files are equal if their path and content are.

    Attributes:
        digest: Content digest.
        location: Path on disk.
        data: The content of text files other than pages; empty for all other files.
        load_stored: Loads the content of a page from the spool, or of a picture without its
            metadata; None if the content is in `data` or read from disk.
    """

    path: str
    digest: str
    location: str
    data: bytes = b""
    load_stored: Callable[[], bytes] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, File) and (self.path, self.digest) == (other.path, other.digest)

    def __ne__(self, other: object) -> bool:
        # The one inherited from msgspec would be true for any two files.
        return not self == other

    def __hash__(self) -> int:
        return hash((self.path, self.digest))

    def load(self) -> bytes:
        """Return the content, from disk if need be.

        Raises:
            OSError: The file can no longer be read, for example because it has been removed.
        """
        if self.data or self.load_stored:
            return self.read_text_bytes()
        with open(self.location, "rb") as stream:
            return stream.read()

    def read_text_bytes(self) -> bytes:
        """Return the content of a text file, without opening the source file again."""
        return self.load_stored() if self.load_stored else self.data


class Sources(msgspec.Struct, frozen=True):
    """All files that a build may use.

    Attributes:
        pages: Markdown files in content/.
        page_files: Publishable files beside the pages.
        static: Publishable files in static/.
        data: YAML files in content/.
        custom_templates: The site has a folder templates/ of its own.
        unsafe: The paths of files that may not be published; the build has an error for each.
    """

    config: File | None
    pages: tuple[File, ...]
    page_files: tuple[File, ...]
    templates: tuple[File, ...]
    static: tuple[File, ...]
    data: tuple[File, ...] = ()
    reviews: tuple[File, ...] = ()
    problems: tuple[Problem, ...] = ()
    custom_templates: bool = False
    unsafe: frozenset[str] = frozenset()


# -- Pages and the site ---------------------------------------------------------------------------


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A page: its front matter and its Markdown.

    Attributes:
        path: Path of the source file. A listing has the path of its folder, ending with `/`.
        body: Markdown; empty while `build.page_bodies` holds it.
        body_line: Line of the file at which the body starts.
        review: Who has to sign the page: `clinical` or `none`.
        reviewed: The review that front matter states.
        generated: Not written by an author: a listing, a handout or the 404 page.
        for_print: A handout, which cites no sources.
        lines: Line of each front matter field, for problems that are found later.
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
    """A link to a page, as menus and lists show it."""

    title: str
    address: str
    description: str = ""


class SitePage(msgspec.Struct, frozen=True, array_like=True):
    """A page in the context of its site, with all that rendering it needs.

    Attributes:
        state: Review status, on the assumption that the text has not changed since the last
            sign-off. Only rendering can tell whether it has.
        crumbs: Breadcrumbs.
        guide_pages: All pages of the guide, if this page is one of them.
        evidence: The evidence that the page uses.
        fills: Markdown generated from data, for blocks of the page; see `markdown.blocks.Fills`.
        links: Pages that the tool of the page links to, by page id.
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
    """A file that is published without rendering."""

    file: File
    address: str


class Redirect(msgspec.Struct, frozen=True):
    """A redirect from an old address to a page; `path` is the file that declares it."""

    old: str
    new: str
    path: str


class SiteIndex(msgspec.Struct, frozen=True):
    """Lookup tables for resolving links.

    Attributes:
        paths: Address by source path, without drafts.
        addresses: Source path by address, without drafts.
        drafts: Address by source path, for drafts.
        assets: Published address by the path or address that authors write; empty for drawings
            that are embedded in the page.
        aliases: Source path by old address.
        url: The public address of the site, or empty.
    """

    paths: Mapping[str, str]
    addresses: Mapping[str, str]
    drafts: Mapping[str, str]
    assets: Mapping[str, str]
    aliases: Mapping[str, str] = {}
    url: str = ""


class Site(msgspec.Struct, frozen=True):
    """The whole site before rendering.

    Attributes:
        release: The build is for patients, and held to stricter rules.
        help: Link to the page about when to get help.
    """

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


# -- Converted Markdown ---------------------------------------------------------------------------


class Heading(msgspec.Struct, frozen=True):
    """A heading of a page, for the table of contents and as a link target."""

    level: int
    id: str
    text: str


class Block(msgspec.Struct, frozen=True):
    """A semantic block, such as a care card or a list of steps.

    Attributes:
        level: Heading level of the title.
        title: Safe HTML.
        fields: Safe HTML by field name.
        parts: The content.
        items: Sub-blocks, for kinds of blocks that have them.
        line: Line in the source file.
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
"""Safe HTML, or a block that a template macro renders."""


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """A link or image in a page.

    Attributes:
        target: The target as the author wrote it.
        picture: It is an image.
        figure: It belongs to a `figure` block, which may also show an inline drawing of the site.
        dropped: The sanitizer has taken the target out.
    """

    target: str
    line: int
    column: int
    picture: bool = False
    figure: bool = False
    dropped: bool = False


class ConvertedBody(msgspec.Struct, frozen=True):
    """The body of a page after Markdown conversion.

    Attributes:
        sources: HTML of the list of sources; empty if the page cites none.
        anchors: All ids that links can lead to.
    """

    parts: tuple[Part, ...]
    sources: str
    headings: tuple[Heading, ...]
    anchors: frozenset[str]
    references: tuple[Reference, ...]


# -- Output ---------------------------------------------------------------------------------------


class RenderedPage(msgspec.Struct, frozen=True, array_like=True):
    """A rendered page.

    Attributes:
        html: The page; empty once the artifact store holds it.
        digest: Content digest of the page.
        state: Review status.
        signed_text: The text that a reviewer signs; empty if the page needs no review.
        policy: Content security policy.
        links_fingerprint: Fingerprint of the addresses that its links resolve to.
        linked: The addresses of this site that it links to, its own left out.
        unresolved: References that are broken, or that lead to an anchor and so depend on the
            headings of another page.
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
    linked: frozenset[str] = frozenset()
    unresolved: tuple[Reference, ...] = ()


class Output(msgspec.Struct, frozen=True):
    """A file to publish; `path` is relative to the output folder (`recovery/index.html`)."""

    path: str
    digest: str
    load: Callable[[], bytes]


class PageReport(msgspec.Struct, frozen=True):
    """A page in the build report.

    Attributes:
        facts: Names of the facts that it uses.
        references: Names of the sources that it cites.
        reviewed: Day of the last review.
        until: Day on which the next review is due.
    """

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
    """The result of a build: files to publish, and what to report.

    Attributes:
        reused: Number of pages that were taken over from the previous build.
        rebuild_reasons: Why each of the other pages was rendered, by source path.
        policy: The content security policy of most pages.
        policies: Content security policies that differ from it, by output path.
        headers: HTTP headers that the host should send with every response.
        folder: Output folder, as config.yaml names it.
        compress: Also write precompressed forms of text files.
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
