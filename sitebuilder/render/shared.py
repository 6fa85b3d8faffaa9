"""What all pages of a site share."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sitebuilder.model import Link, Outline
from sitebuilder.settings import Config


class Shared(msgspec.Struct, frozen=True):
    """What every page may use. Kept small: a change here renders every page again.

    `templates` and `inline` map a name to its text, `styles` a page id to a style of its own.
    `unread`: the templates that are no text; no page is filled then.
    `designed`: the templates are the site's own, so nobody has tested them but the site.
    `preview`: for an editor's eyes, so the page leaves the policy to the server and may be a draft.
    """

    config: Config
    nav: tuple[Link, ...]
    footer: tuple[Link, ...]
    help: Link | None
    outline: Outline
    templates: Mapping[str, str]
    inline: Mapping[str, str]
    styles: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()
    designed: bool = True
    preview: bool = False
    release: bool = False
