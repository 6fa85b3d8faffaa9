"""Structured data of a page for search engines: JSON-LD with the vocabulary of schema.org.

It states nothing that the page does not show its readers (`checks.structured_data` verifies that),
and no review that is not on record.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from sitebuilder.core.passage import Subject

Node = dict[str, Any]

_SCRIPT_ESCAPES: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})
"""Characters that could end the script element or start a comment in it, and the line ends of
JavaScript. In JSON they occur only inside strings, where each may be written as an escape."""


_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class PageMetadata(msgspec.Struct, frozen=True):
    """Everything that structured data may state about a page. Empty fields are left out.

    Attributes:
        site_url: Absolute URL of the home page; empty if the site has no public URL.
        url: Absolute URL of the page, or empty.
        crumbs: Title and absolute URL of each ancestor, from the home page down. Titles are as
            the page shows them.
        last_reviewed: Day of the last full sign-off. It counts only together with `reviewed_by`.
        modified: Day of the last entry in the change log.
        citations: URL of each source that has one, as the page links to it.
    """

    site_name: str
    site_url: str
    url: str
    title: str
    description: str
    lang: str
    is_clinical: bool
    is_home: bool = False
    crumbs: tuple[tuple[str, str], ...] = ()
    subject: Subject | None = None
    last_reviewed: date | None = None
    reviewed_by: str = ""
    reviewer_role: str = ""
    modified: date | None = None
    citations: tuple[str, ...] = ()


def render_json_ld(metadata: PageMetadata) -> str:
    """Return the content of a `<script type="application/ld+json">`: deterministic and escaped."""
    nodes = [_page_node(metadata)]
    if metadata.crumbs:
        nodes.append(_breadcrumb_node(metadata))
    if metadata.is_home:
        nodes.append(_node("WebSite", name=metadata.site_name, url=metadata.site_url))
    data = {"@context": "https://schema.org", "@graph": nodes}
    text = _ENCODER.encode(data).decode()
    needs_escape = any(character in text for character in "<>&\u2028\u2029")
    return text.translate(_SCRIPT_ESCAPES) if needs_escape else text


def _node(schema_type: str, **properties: Any) -> Node:
    """Return a node of a schema.org type, with those properties that are not empty."""
    return {"@type": schema_type, **{name: value for name, value in properties.items() if value}}


def _page_node(metadata: PageMetadata) -> Node:
    page = _node(
        "MedicalWebPage" if metadata.is_clinical else "WebPage",
        name=metadata.title,
        description=metadata.description,
        url=metadata.url,
        inLanguage=metadata.lang,
        isAccessibleForFree=True,
        publisher=_node("Organization", name=metadata.site_name, url=metadata.site_url),
        dateModified=_format_date(metadata.modified),
    )
    return {**page, **_clinical_properties(metadata)} if metadata.is_clinical else page


def _clinical_properties(metadata: PageMetadata) -> Node:
    """Return the properties that only clinical pages have: audience, subject, sources, review."""
    properties: Node = {"medicalAudience": _node("Patient")}
    if metadata.subject:
        properties["about"] = _subject_node(metadata.subject)
    if metadata.citations:
        # URLs alone: the page shows the full citations, which would add a third to the data.
        properties["citation"] = [_node("CreativeWork", url=url) for url in metadata.citations]
    if metadata.last_reviewed and metadata.reviewed_by:  # half a sign-off is none
        properties["lastReviewed"] = _format_date(metadata.last_reviewed)
        properties["reviewedBy"] = _node(
            "Person", name=metadata.reviewed_by, jobTitle=metadata.reviewer_role
        )
    return properties


def _subject_node(subject: Subject) -> Node:
    """Return a MedicalProcedure or a MedicalCondition, which differ in how they name body parts."""
    names: Node = {"name": subject.name, "alternateName": list(subject.also)}
    part = subject.body_part
    if subject.kind == "procedure":
        return _node("MedicalProcedure", **names, bodyLocation=part)
    anatomy = part and _node("AnatomicalStructure", name=part)
    return _node("MedicalCondition", **names, associatedAnatomy=anatomy)


def _breadcrumb_node(metadata: PageMetadata) -> Node:
    """Return the breadcrumbs down to this page, whose own entry has no URL: the reader is there."""
    entries = [*metadata.crumbs, (metadata.title, "")]
    items = [
        _node("ListItem", position=number, name=title, item=url and {"@id": url})
        for number, (title, url) in enumerate(entries, 1)
    ]
    return _node("BreadcrumbList", itemListElement=items)


def _format_date(day: date | None) -> str:
    return day.isoformat() if day else ""
