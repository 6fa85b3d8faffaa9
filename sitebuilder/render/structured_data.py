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

_ESCAPED: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})
"""What could end the script element or start a comment in it, and what JavaScript calls a line
end. In JSON these stand only inside strings, where each may be written as its number."""


_JSON: Final = msgspec.json.Encoder(order="sorted")


class PageFacts(msgspec.Struct, frozen=True):
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
    clinical: bool
    home: bool = False
    crumbs: tuple[tuple[str, str], ...] = ()
    subject: Subject | None = None
    last_reviewed: Date | None = None
    reviewed_by: str = ""
    reviewer_role: str = ""
    modified: Date | None = None
    citations: tuple[str, ...] = ()


def structured_data(facts: PageFacts) -> str:
    """The text for a <script type="application/ld+json">: the same for the same facts, and safe."""
    nodes = [_page(facts)]
    if facts.crumbs:
        nodes.append(_trail(facts))
    if facts.home:
        nodes.append(_node("WebSite", name=facts.site_name, url=facts.site_url))
    data = {"@context": "https://schema.org", "@graph": nodes}
    text = _JSON.encode(data).decode()
    return text.translate(_ESCAPED) if any(sign in text for sign in "<>&\u2028\u2029") else text


def _node(kind: str, **said: Any) -> Node:
    """A thing of a class, with the properties that have a value."""
    return {"@type": kind, **{name: value for name, value in said.items() if value}}


def _page(facts: PageFacts) -> Node:
    page = _node(
        "MedicalWebPage" if facts.clinical else "WebPage",
        name=facts.title,
        description=facts.description,
        url=facts.url,
        inLanguage=facts.lang,
        isAccessibleForFree=True,
        publisher=_node("Organization", name=facts.site_name, url=facts.site_url),
        dateModified=_day(facts.modified),
    )
    return {**page, **_clinical(facts)} if facts.clinical else page


def _clinical(facts: PageFacts) -> Node:
    """What only a page with medical advice says: for whom, of what, on what ground, who signed."""
    said: Node = {"medicalAudience": _node("Patient")}
    if facts.subject:
        said["about"] = _subject(facts.subject)
    if facts.citations:
        # By address alone: their words stand in the page already and would cost a third more.
        said["citation"] = [_node("CreativeWork", url=url) for url in facts.citations]
    if facts.last_reviewed and facts.reviewed_by:  # half a sign-off is none
        said["lastReviewed"] = _day(facts.last_reviewed)
        said["reviewedBy"] = _node("Person", name=facts.reviewed_by, jobTitle=facts.reviewer_role)
    return said


def _subject(subject: Subject) -> Node:
    """The two classes name the part of the body each in their own way."""
    names: Node = {"name": subject.name, "alternateName": list(subject.also)}
    part = subject.body_part
    if subject.kind == "procedure":
        return _node("MedicalProcedure", **names, bodyLocation=part)
    anatomy = part and _node("AnatomicalStructure", name=part)
    return _node("MedicalCondition", **names, associatedAnatomy=anatomy)


def _trail(facts: PageFacts) -> Node:
    """The way down to this page. Its own entry has no address: that is where one is."""
    steps = [*facts.crumbs, (facts.title, "")]
    items = [
        _node("ListItem", position=number, name=title, item=url and {"@id": url})
        for number, (title, url) in enumerate(steps, 1)
    ]
    return _node("BreadcrumbList", itemListElement=items)


def _day(day: Date | None) -> str:
    return day.isoformat() if day else ""
