"""What all pages share, and one page, in; the finished page out.

Rendering can see only its arguments. A designer's mistake is a problem with the template's file
and line; a mistake of ours is an exception with a note that says which page it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape, unescape
from itertools import zip_longest
from typing import Any

from jinja2 import UndefinedError
from markupsafe import Markup

from sitebuilder.checks import PAGE_CHECKS
from sitebuilder.checks.front_matter import check_words, ready
from sitebuilder.checks.html import redirect_is_harmless
from sitebuilder.clinical.decision_tools.page import TOOL_SCRIPT
from sitebuilder.clinical.decision_tools.view import build_tool_view
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.clinical.reviews.status import NEVER_REVIEWED
from sitebuilder.content.links import FIGURES
from sitebuilder.core import urls
from sitebuilder.core.digest import content_digest as digest_of_bytes
from sitebuilder.core.model import (
    Block,
    ConvertedBody,
    Link,
    Part,
    Reference,
    RenderedPage,
    SitePage,
)
from sitebuilder.core.problems import Problem, enabled_rules
from sitebuilder.markdown.blocks import BLOCK_SPECS
from sitebuilder.markdown.convert import convert_page
from sitebuilder.markdown.plain_text import signed_page_text
from sitebuilder.render.about_panel import data_of, panel_of, state_now
from sitebuilder.render.context import RenderContext
from sitebuilder.render.csp import policy_of
from sitebuilder.render.links import dialled, links_key, links_of, relink
from sitebuilder.render.sandbox import MOST_STEPS
from sitebuilder.render.templates import (
    MissingMacroError,
    blamed,
    environment_of,
    template_problem,
    template_problems,
)
from sitebuilder.render.views import BlockView, PageView, PanelView, PictureView, SiteView, lead_of


class Renderer:
    """Renders the pages of one site. It holds compiled templates and nothing of any page."""

    def __init__(self, shared: RenderContext, *, sound: bool = False) -> None:
        """`sound`: these templates have been looked through before, and nothing was found."""
        self.shared = shared
        config = shared.config
        self.style = shared.inline.get("site.css", "")
        self.policy = policy_of(self.style)
        self.site = SiteView(
            config.name,
            config.lang,
            config.emergency_number,
            config.clinic,
            shared.nav,
            shared.footer,
            shared.help,
        )
        self.environment = environment_of(shared.templates)
        self.environment.globals = {  # of jinja2's own only what gives the same each time
            "range": self.environment.globals["range"],
            "namespace": self.environment.globals["namespace"],
            "site": self.site,
        }
        given = {"href": self._href, "asset": self._asset, "inline": self._inline}
        self.environment.give({**given, "tel": dialled})
        sound = (
            sound or not shared.custom_templates
        )  # the project's own: its tests look them through
        self.problems = (
            ()
            if sound
            else template_problems(self.environment, shared.templates, shared.unreadable_templates)
        )
        self.fit = not (self.problems or shared.unreadable_templates)
        self.on = enabled_rules(config.checks)
        ready(self.on)

    def render(self, place: SitePage) -> RenderedPage:
        """The finished page, with the problems of its words and of its form."""
        page, config = place.page, self.shared.config
        body, problems = convert_page(page, place.evidence, place.fills)
        problems = [] if page.generated else problems  # they stand where the words were written
        words = self._words(place, body)
        digest = digest_text(words) if place.review else ""
        state = state_now(place, digest)
        grade, found = check_words(place, config, self.on)
        problems += found
        panel = panel_of(place, state, digest, grade)
        style = self.shared.styles.get(page.id, self.style)
        takes_answers = place.tool is not None and not self._is_locked(state)
        script = self.shared.inline.get(TOOL_SCRIPT, "") if takes_answers else ""
        policy = policy_of(style, script) if place.tool else self.policy
        links, unsettled = links_of(page, body.references, self.shared.index, config.base)
        html = ""
        if self.fit:
            try:
                view = self._view(place, body, links, panel, style, policy)
                html = self._fill(f"{page.template}.html", page=view)
                found = [p for check in PAGE_CHECKS for p in check(place, html)]
                problems += [blamed(p, self.shared.templates) for p in found]
            except Exception as error:  # noqa: BLE001 - raised again if no template is to blame
                error.add_note(f"while rendering {page.path}")
                problems.append(template_problem(error, page.path, page.lines.get("template", 1)))
        data = html.encode()
        return RenderedPage(
            page.path,
            page.address,
            data,
            digest_of_bytes(data),
            body.anchors,
            body.references,
            tuple(p for p in problems if p.rule in self.on),
            state,
            words,
            grade,
            policy,
            links_key(links),
            unsettled,
        )

    def _words(self, place: SitePage, body: ConvertedBody) -> str:
        """What a clinician signs of a page; nothing of a page that nobody signs."""
        if place.tool:
            from sitebuilder.clinical.decision_tools.signed_text import (  # noqa: PLC0415 - for tools alone
                signed_tool_text,
            )

            return signed_tool_text(place.tool)
        signed = place.page.review != "none"
        return signed_page_text(place.page, body, self._digests(body.references)) if signed else ""

    def _is_locked(self, state: str) -> bool:
        """Whether a tool in this state takes no answers: a release shows no form nobody signed."""
        return self.shared.release and state == NEVER_REVIEWED

    def _digests(self, references: tuple[Reference, ...]) -> dict[str, str]:
        """A short name for each picture of a page, that changes with the picture."""
        pictures = [r.target for r in references if r.figure]
        texts = {name: self.shared.inline.get(FIGURES + name, "") for name in pictures}
        return {name: sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}

    def redirect(self, address: str, path: str) -> tuple[str, list[Problem]]:
        """The small page that stands at an old address of the page at `path`, and problems."""
        to = Link("", self._href(address), self._absolute(address))
        if not self.fit:
            return "", []
        try:
            html = self._fill("redirect.html", to=to)
            found = redirect_is_harmless(path, html, to.address)
            return html, [blamed(p, self.shared.templates) for p in found]
        except Exception as error:  # noqa: BLE001 - raised again if no template is to blame
            error.add_note(f"while rendering the redirects of {path}")
            return "", [template_problem(error, path, 1)]

    def _fill(self, template: str, **context: Any) -> str:
        self.environment.left = MOST_STEPS
        return self.environment.get_template(template).render(context)

    def _view(
        self,
        place: SitePage,
        body: ConvertedBody,
        links: Mapping[str, str],
        panel: PanelView,
        style: str,
        policy: str,
    ) -> PageView:
        page = place.page
        lead, parts = lead_of(body.parts)
        return PageView(
            id=page.id,
            title=page.title,
            description=page.description,
            lang=page.lang or self.site.lang,
            address=page.address,
            canonical="" if page.address == urls.NOT_FOUND else self._absolute(page.address),
            state=panel.state,
            draft=page.draft,
            hidden=is_hidden(page.address, panel.state),
            crumbs=place.crumbs,
            previous=place.previous,
            next=place.next,
            children=place.children,
            guide=place.guide_pages,
            contents=tuple(h for h in body.headings if h.level == 2),  # noqa: PLR2004 - h2
            lead=Markup("<p>{}</p>").format(place.tool.disclaimer.text)
            if place.tool
            else self._parts(lead, links),
            body=self._parts(parts, links),
            sources=Markup(relink(body.sources, links)),
            clinical=page.review == "clinical",
            panel=panel,
            data=Markup(data_of(place, self.shared.config, panel)),
            style=Markup(style),
            policy="" if self.shared.preview else policy,
            tool=build_tool_view(
                place.tool,
                place.links,
                place.evidence,
                locked=self._is_locked(panel.state),
            )
            if place.tool
            else None,
        )

    def _parts(self, parts: tuple[Part, ...], links: Mapping[str, str]) -> Markup:
        pieces = [
            self._block(part, links) if isinstance(part, Block) else relink(part, links)
            for part in parts
        ]
        return Markup("".join(pieces))

    def _block(self, block: Block, links: Mapping[str, str]) -> Markup:
        macros = self.environment.get_template("blocks.html").module
        name = block.name.replace("-", "_")
        macro = getattr(macros, name, None)
        if macro is None and block.name in BLOCK_SPECS:
            raise MissingMacroError(f"there is no macro '{name}' for the block '{block.name}'")
        if macro is None:  # a misspelt block: reported by `markup`, shown as it stands
            return self._parts(block.parts, links)
        return Markup(macro(self._block_view(block, links)))

    def _block_view(self, block: Block, links: Mapping[str, str]) -> BlockView:
        body, key = self._parts(block.parts, links), Markup()
        if block.name == "figure" and body.startswith("<ol>"):  # what its numbers stand for
            first, end, rest = body.partition("</ol>")
            key, body = Markup(first + end), Markup(rest.strip())
        return BlockView(
            block.name,
            block.id,
            block.level,
            Markup(relink(block.title, links)),
            {name: Markup(relink(value, links)) for name, value in block.fields.items()},
            body,
            tuple(self._block_view(item, links) for item in block.items),
            tuple(self._pictures(block, links)) if block.name == "figure" else (),
            key,
        )

    def _pictures(self, block: Block, links: Mapping[str, str]) -> Iterator[PictureView]:
        """A figure's pictures: drawn into the page if they are ours, else files beside it."""
        alts = str(Markup(block.fields["alt"]).striptags()).split(" | ")
        names = str(Markup(block.fields["names"]).striptags()).split(" | ")
        for file, alt, name in zip_longest(
            unescape(block.title).split(), alts, names, fillvalue=""
        ):
            drawn = self.shared.inline.get(FIGURES + file)
            if drawn is not None:
                svg = f'<svg class="drawn" role="img" aria-label="{escape(alt)}"'
                yield PictureView(name, Markup(drawn.replace("<svg", svg, 1)))
            elif file:
                address = links.get(file, "")
                yield PictureView(name, Markup('<img src="{}" alt="{}">').format(address, alt))

    def _absolute(self, address: str) -> str:
        url = self.shared.config.url
        return url and url.rstrip("/") + urls.href("/", address)

    def _href(self, address: str) -> str:
        return urls.href(self.shared.config.base, address)

    def _asset(self, name: str) -> str:
        """The address of a file of static/, by the name it has there."""
        address = self.shared.index.assets.get("static/" + name)
        if address is None:
            raise UndefinedError(f"there is no file static/{name}")
        return self._href(address)

    def _inline(self, name: str) -> Markup:
        """The text of a file of static/inline/, to stand in the page itself."""
        text = self.shared.inline.get(name)
        if text is None:
            raise UndefinedError(f"there is no file static/inline/{name}")
        return Markup(text)


def is_hidden(address: str, state: str) -> bool:
    """Whether search engines are asked to leave the page out: it is no page, or nobody signed."""
    return state in {NEVER_REVIEWED, "draft"} or address == urls.NOT_FOUND
