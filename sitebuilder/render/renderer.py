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
from sitebuilder.checks.front_matter import check_content, preload
from sitebuilder.checks.html import check_redirect
from sitebuilder.clinical.decision_tools.page import TOOL_SCRIPT
from sitebuilder.clinical.decision_tools.view import build_tool_view
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.clinical.reviews.status import NEVER_REVIEWED
from sitebuilder.content.links import FIGURES_DIR
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
from sitebuilder.render.about_panel import current_status, make_about_panel, page_json_ld
from sitebuilder.render.context import RenderContext
from sitebuilder.render.csp import build_csp
from sitebuilder.render.links import fingerprint_links, resolve_links, rewrite_links, tel_uri
from sitebuilder.render.sandbox import MAX_STEPS
from sitebuilder.render.templates import (
    MissingMacroError,
    at_template_line,
    check_templates,
    explain_template_error,
    make_environment,
)
from sitebuilder.render.views import (
    BlockView,
    PageView,
    PanelView,
    PictureView,
    SiteView,
    split_lead,
)


class Renderer:
    """Renders the pages of one site. It holds compiled templates and nothing of any page."""

    def __init__(self, context: RenderContext, *, templates_checked: bool = False) -> None:
        """`sound`: these templates have been looked through before, and nothing was found."""
        self.context = context
        config = context.config
        self.style = context.inline.get("site.css", "")
        self.policy = build_csp(self.style)
        self.site = SiteView(
            config.name,
            config.lang,
            config.emergency_number,
            config.clinic,
            context.nav,
            context.footer,
            context.help,
        )
        self.environment = make_environment(context.templates)
        self.environment.globals = {  # of jinja2's own only what gives the same each time
            "range": self.environment.globals["range"],
            "namespace": self.environment.globals["namespace"],
            "site": self.site,
        }
        given = {"href": self._href, "asset": self._asset, "inline": self._inline}
        self.environment.add_functions({**given, "tel": tel_uri})
        templates_checked = (
            templates_checked or not context.custom_templates
        )  # the project's own: its tests look them through
        self.problems = (
            ()
            if templates_checked
            else check_templates(self.environment, context.templates, context.unreadable_templates)
        )
        self.templates_ok = not (self.problems or context.unreadable_templates)
        self.enabled_rules = enabled_rules(config.checks)
        preload(self.enabled_rules)

    def render(self, site_page: SitePage) -> RenderedPage:
        """The finished page, with the problems of its words and of its form."""
        page, config = site_page.page, self.context.config
        body, problems = convert_page(page, site_page.evidence, site_page.fills)
        problems = [] if page.generated else problems  # they stand where the words were written
        words = self._signed_text(site_page, body)
        digest = digest_text(words) if site_page.review else ""
        state = current_status(site_page, digest)
        grade, found = check_content(site_page, config, self.enabled_rules)
        problems += found
        panel = make_about_panel(site_page, state, digest, grade)
        style = self.context.styles.get(page.id, self.style)
        takes_answers = site_page.tool is not None and not self._is_locked(state)
        script = self.context.inline.get(TOOL_SCRIPT, "") if takes_answers else ""
        policy = build_csp(style, script) if site_page.tool else self.policy
        links, unsettled = resolve_links(page, body.references, self.context.index, config.base)
        html = ""
        if self.templates_ok:
            try:
                view = self._make_page_view(site_page, body, links, panel, style, policy)
                html = self._render_template(f"{page.template}.html", page=view)
                found = [p for check in PAGE_CHECKS for p in check(site_page, html)]
                problems += [at_template_line(p, self.context.templates) for p in found]
            except Exception as error:  # noqa: BLE001 - raised again if no template is to blame
                error.add_note(f"while rendering {page.path}")
                problems.append(
                    explain_template_error(error, page.path, page.lines.get("template", 1))
                )
        data = html.encode()
        return RenderedPage(
            page.path,
            page.address,
            data,
            digest_of_bytes(data),
            body.anchors,
            body.references,
            tuple(p for p in problems if p.rule in self.enabled_rules),
            state,
            words,
            grade,
            policy,
            fingerprint_links(links),
            unsettled,
        )

    def _signed_text(self, site_page: SitePage, body: ConvertedBody) -> str:
        """What a clinician signs of a page; nothing of a page that nobody signs."""
        if site_page.tool:
            from sitebuilder.clinical.decision_tools.signed_text import (  # noqa: PLC0415 - for tools alone
                signed_tool_text,
            )

            return signed_tool_text(site_page.tool)
        signed = site_page.page.review != "none"
        return (
            signed_page_text(site_page.page, body, self._picture_digests(body.references))
            if signed
            else ""
        )

    def _is_locked(self, status: str) -> bool:
        """Whether a tool in this state takes no answers: a release shows no form nobody signed."""
        return self.context.release and status == NEVER_REVIEWED

    def _picture_digests(self, references: tuple[Reference, ...]) -> dict[str, str]:
        """A short name for each picture of a page, that changes with the picture."""
        pictures = [r.target for r in references if r.figure]
        texts = {name: self.context.inline.get(FIGURES_DIR + name, "") for name in pictures}
        return {name: sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}

    def render_redirect(self, address: str, path: str) -> tuple[str, list[Problem]]:
        """The small page that stands at an old address of the page at `path`, and problems."""
        to = Link("", self._href(address), self._absolute_url(address))
        if not self.templates_ok:
            return "", []
        try:
            html = self._render_template("redirect.html", to=to)
            found = check_redirect(path, html, to.address)
            return html, [at_template_line(p, self.context.templates) for p in found]
        except Exception as error:  # noqa: BLE001 - raised again if no template is to blame
            error.add_note(f"while rendering the redirects of {path}")
            return "", [explain_template_error(error, path, 1)]

    def _render_template(self, template: str, **context: Any) -> str:
        self.environment.remaining_steps = MAX_STEPS
        return self.environment.get_template(template).render(context)

    def _make_page_view(
        self,
        site_page: SitePage,
        body: ConvertedBody,
        links: Mapping[str, str],
        panel: PanelView,
        style: str,
        policy: str,
    ) -> PageView:
        page = site_page.page
        lead, parts = split_lead(body.parts)
        return PageView(
            id=page.id,
            title=page.title,
            description=page.description,
            lang=page.lang or self.site.lang,
            address=page.address,
            canonical=""
            if page.address == urls.NOT_FOUND_URL
            else self._absolute_url(page.address),
            state=panel.state,
            draft=page.draft,
            hidden=is_noindex(page.address, panel.state),
            crumbs=site_page.crumbs,
            previous=site_page.previous,
            next=site_page.next,
            children=site_page.children,
            guide=site_page.guide_pages,
            contents=tuple(h for h in body.headings if h.level == 2),  # noqa: PLR2004 - h2
            lead=Markup("<p>{}</p>").format(site_page.tool.disclaimer.text)
            if site_page.tool
            else self._render_parts(lead, links),
            body=self._render_parts(parts, links),
            sources=Markup(rewrite_links(body.sources, links)),
            clinical=page.review == "clinical",
            panel=panel,
            data=Markup(page_json_ld(site_page, self.context.config, panel)),
            style=Markup(style),
            policy="" if self.context.preview else policy,
            tool=build_tool_view(
                site_page.tool,
                site_page.links,
                site_page.evidence,
                locked=self._is_locked(panel.state),
            )
            if site_page.tool
            else None,
        )

    def _render_parts(self, parts: tuple[Part, ...], links: Mapping[str, str]) -> Markup:
        pieces = [
            self._render_block(part, links)
            if isinstance(part, Block)
            else rewrite_links(part, links)
            for part in parts
        ]
        return Markup("".join(pieces))

    def _render_block(self, block: Block, links: Mapping[str, str]) -> Markup:
        macros = self.environment.get_template("blocks.html").module
        name = block.name.replace("-", "_")
        macro = getattr(macros, name, None)
        if macro is None and block.name in BLOCK_SPECS:
            raise MissingMacroError(f"there is no macro '{name}' for the block '{block.name}'")
        if macro is None:  # a misspelt block: reported by `markup`, shown as it stands
            return self._render_parts(block.parts, links)
        return Markup(macro(self._make_block_view(block, links)))

    def _make_block_view(self, block: Block, links: Mapping[str, str]) -> BlockView:
        body, key = self._render_parts(block.parts, links), Markup()
        if block.name == "figure" and body.startswith("<ol>"):  # what its numbers stand for
            first, end, rest = body.partition("</ol>")
            key, body = Markup(first + end), Markup(rest.strip())
        return BlockView(
            block.name,
            block.id,
            block.level,
            Markup(rewrite_links(block.title, links)),
            {name: Markup(rewrite_links(value, links)) for name, value in block.fields.items()},
            body,
            tuple(self._make_block_view(item, links) for item in block.items),
            tuple(self._make_picture_views(block, links)) if block.name == "figure" else (),
            key,
        )

    def _make_picture_views(self, block: Block, links: Mapping[str, str]) -> Iterator[PictureView]:
        """A figure's pictures: drawn into the page if they are ours, else files beside it."""
        alts = str(Markup(block.fields["alt"]).striptags()).split(" | ")
        names = str(Markup(block.fields["names"]).striptags()).split(" | ")
        for file, alt, name in zip_longest(
            unescape(block.title).split(), alts, names, fillvalue=""
        ):
            drawn = self.context.inline.get(FIGURES_DIR + file)
            if drawn is not None:
                svg = f'<svg class="drawn" role="img" aria-label="{escape(alt)}"'
                yield PictureView(name, Markup(drawn.replace("<svg", svg, 1)))
            elif file:
                address = links.get(file, "")
                yield PictureView(name, Markup('<img src="{}" alt="{}">').format(address, alt))

    def _absolute_url(self, address: str) -> str:
        url = self.context.config.url
        return url and url.rstrip("/") + urls.href("/", address)

    def _href(self, address: str) -> str:
        return urls.href(self.context.config.base, address)

    def _asset(self, name: str) -> str:
        """The address of a file of static/, by the name it has there."""
        address = self.context.index.assets.get("static/" + name)
        if address is None:
            raise UndefinedError(f"there is no file static/{name}")
        return self._href(address)

    def _inline(self, name: str) -> Markup:
        """The text of a file of static/inline/, to stand in the page itself."""
        text = self.context.inline.get(name)
        if text is None:
            raise UndefinedError(f"there is no file static/inline/{name}")
        return Markup(text)


def is_noindex(address: str, status: str) -> bool:
    """Whether search engines are asked to leave the page out: it is no page, or nobody signed."""
    return status in {NEVER_REVIEWED, "draft"} or address == urls.NOT_FOUND_URL
