"""HTML in, HTML with only what pages need out: the sanitiser. The only door to nh3.

What Markdown makes of a page passes through here once, whole, before anything of ours is added. The
lists name just what Markdown and `shape` make; a test holds the two together. So what an editor
could smuggle through a fault in Markdown, or in the checks before, ends here.
"""

from __future__ import annotations

from typing import Final

import nh3

ALLOWED_SCHEMES: Final = frozenset({"https", "http", "mailto", "tel"})
"""What a link may begin with, if it begins with a scheme."""

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
ALLOWED_CLASSES: Final = {  # our own; others could dress a paragraph up as a care card
    "a": {"footnote-ref", "footnote-backref"},
    "div": {"footnote"},
    "th": {"right", "center", "way"},
    "li": {"way"},
    "td": {"right", "center"},
    "span": {"column"},
}


_CLEANER: Final = nh3.Cleaner(  # made once: the lists take an eighth of the time of a page
    tags=ALLOWED_TAGS,
    attributes={**ALLOWED_ATTRIBUTES, "*": set()},  # else `title` and `lang` may stand anywhere
    allowed_classes=ALLOWED_CLASSES,
    url_schemes=set(ALLOWED_SCHEMES),
    link_rel=None,
)


def sanitize(html: str) -> str:
    """The HTML without elements, attributes, classes and targets that are not on the lists."""
    return _CLEANER.clean(html)
