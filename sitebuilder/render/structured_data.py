"""What a page says of itself to machines, as JSON-LD in the words of schema.org.

It says nothing that the page does not say to its readers (`checks.structured` sees to that), and
no review that is not on record. Pure: `PageFacts` in, text out.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in `model`
from typing import Any, Final

import msgspec

from sitebuilder.core.passage import Subject

Node = dict[str, Any]

_SCRIPT_ESCAPES: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})
"""What could end the script element or start a comment in it, and what JavaScript calls a line
end. In JSON these stand only inside strings, where each may be written as its number."""


_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class PageMetadata(msgspec.Struct, frozen=True):
    """All that may be said of a page. What is empty is not said.

    `url` and `site_url` are whole addresses, or empty without a public address. `crumbs`: title,
    as the page shows it, and whole address of each page above this one, the home page first.
    `citations`: the address of each source that has one, as the page links it. `last_reviewed` and
    `reviewed_by` count only together: they come from a sign-off that is on record.
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
    last_reviewed: Date | None = None
    reviewed_by: str = ""
    reviewer_role: str = ""
    modified: Date | None = None
    citations: tuple[str, ...] = ()


def render_json_ld(metadata: PageMetadata) -> str:
    """The text for a <script type="application/ld+json">: the same for the same facts, and safe."""
    nodes = [_page_node(metadata)]
    if metadata.crumbs:
        nodes.append(_breadcrumb_node(metadata))
    if metadata.is_home:
        nodes.append(_node("WebSite", name=metadata.site_name, url=metadata.site_url))
    data = {"@context": "https://schema.org", "@graph": nodes}
    text = _ENCODER.encode(data).decode()
    return (
        text.translate(_SCRIPT_ESCAPES) if any(sign in text for sign in "<>&\u2028\u2029") else text
    )


def _node(schema_type: str, **properties: Any) -> Node:
    """A thing of a class, with the properties that have a value."""
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
    """What only a page with medical advice says: for whom, of what, on what ground, who signed."""
    said: Node = {"medicalAudience": _node("Patient")}
    if metadata.subject:
        said["about"] = _subject_node(metadata.subject)
    if metadata.citations:
        # By address alone: their words stand in the page already and would cost a third more.
        said["citation"] = [_node("CreativeWork", url=url) for url in metadata.citations]
    if metadata.last_reviewed and metadata.reviewed_by:  # half a sign-off is none
        said["lastReviewed"] = _format_date(metadata.last_reviewed)
        said["reviewedBy"] = _node(
            "Person", name=metadata.reviewed_by, jobTitle=metadata.reviewer_role
        )
    return said


def _subject_node(subject: Subject) -> Node:
    """The two classes name the part of the body each in their own way."""
    names: Node = {"name": subject.name, "alternateName": list(subject.also)}
    part = subject.body_part
    if subject.kind == "procedure":
        return _node("MedicalProcedure", **names, bodyLocation=part)
    anatomy = part and _node("AnatomicalStructure", name=part)
    return _node("MedicalCondition", **names, associatedAnatomy=anatomy)


def _breadcrumb_node(metadata: PageMetadata) -> Node:
    """The way down to this page. Its own entry has no address: that is where one is."""
    steps = [*metadata.crumbs, (metadata.title, "")]
    items = [
        _node("ListItem", position=number, name=title, item=url and {"@id": url})
        for number, (title, url) in enumerate(steps, 1)
    ]
    return _node("BreadcrumbList", itemListElement=items)


def _format_date(day: Date | None) -> str:
    return day.isoformat() if day else ""
