"""Sanitize the HTML that Markdown produces. The only module that uses nh3.

All of a page's HTML passes through here once, before the templates add anything. The allowlists
contain exactly what Markdown and `tree` produce, and a test compares them. Anything that an editor
might smuggle past Markdown or the earlier checks is removed here.
"""

from __future__ import annotations

from typing import Final

import nh3

ALLOWED_SCHEMES: Final = frozenset({"https", "http", "mailto", "tel"})
"""URL schemes of links; links without a scheme are allowed too."""

ALLOWED_TAGS: Final = set(
    "p h2 h3 h4 h5 h6 ul ol li dl dt dd a img strong em code pre blockquote table thead tbody tr "
    "th td br hr sup div abbr span".split()
)
ALLOWED_ATTRIBUTES: Final = {
    "a": {"href", "title", "aria-label"},
    "img": {"src", "alt", "title"},
    "th": {"scope"},
    "ol": {"start"},
    "abbr": {"title"},
    "li": {"id", "value"},
    **{tag: {"id"} for tag in ("h2", "h3", "h4", "h5", "h6", "sup")},
}
ALLOWED_CLASSES: Final = {  # any other could make a paragraph look like a care card
    "a": {"footnote-ref", "footnote-backref"},
    "div": {"footnote"},
    "th": {"right", "center", "way"},
    "li": {"way"},
    "td": {"right", "center"},
    "span": {"column"},
}


_CLEANER: Final = nh3.Cleaner(  # shared: setting it up takes an eighth of the time of a page
    tags=ALLOWED_TAGS,
    attributes={**ALLOWED_ATTRIBUTES, "*": set()},  # nh3 would allow `title` and `lang` on all
    allowed_classes=ALLOWED_CLASSES,
    url_schemes=set(ALLOWED_SCHEMES),
    link_rel=None,
)


def sanitize(html: str) -> str:
    """Remove elements, attributes, classes and link targets that are not on the allowlists."""
    return _CLEANER.clean(html)
