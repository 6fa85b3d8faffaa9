"""Render a page: convert its Markdown, fill the templates, check the result.

Rendering depends on its arguments only. A mistake in a template becomes a problem with the file and
line of the template; a bug of ours is an exception with a note that names the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from html import escape, unescape
from itertools import zip_longest
from typing import Any

from jinja2 import UndefinedError
from markupsafe import Markup
from markupsafe import escape as escape_markup

from sitebuilder.checks import PAGE_CHECKS
from sitebuilder.checks.content import check_content, preload
from sitebuilder.checks.html import check_redirect
from sitebuilder.clinical.decision_tools.page import TOOL_SCRIPT
from sitebuilder.clinical.decision_tools.view import build_tool_view
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.clinical.reviews.status import NEVER_REVIEWED
from sitebuilder.content.links import FIGURES_DIR
from sitebuilder.core import urls
from sitebuilder.core.digest import content_digest
from sitebuilder.core.languages import TEMPLATE_LANGUAGE, is_rtl, same_language
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
from sitebuilder.markdown.block_specs import BLOCK_SPECS
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
    """Renders the pages of one site, one after the other. It holds compiled templates.

    Args:
        context: What all pages of the site share.
        templates_checked: Whether these templates were checked before, without problems.

    Attributes:
        style: The common stylesheet, which every page inlines.
        policy: The content security policy of pages with the common stylesheet.
        site: What templates see as `site`.
        problems: Problems of the templates.
        templates_ok: Whether pages can be rendered. If not, the HTML of all pages is empty.
        page_lang: The language of the page that is being rendered.
    """

    def __init__(self, context: RenderContext, *, templates_checked: bool = False) -> None:
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
        self.environment.globals = {  # of jinja2's own globals, only the deterministic ones
            "range": self.environment.globals["range"],
            "namespace": self.environment.globals["namespace"],
            "site": self.site,
        }
        self.page_lang = config.lang
        functions = {
            "href": self._href,
            "asset": self._asset,
            "inline": self._inline,
            "ui": self._interface_text,
        }
        self.environment.add_functions({**functions, "tel": tel_uri})
        # The default templates are covered by our own tests.
        templates_checked = templates_checked or not context.custom_templates
        self.problems = (
            ()
            if templates_checked
            else check_templates(self.environment, context.templates, context.unreadable_templates)
        )
        self.templates_ok = not (self.problems or context.unreadable_templates)
        self.enabled_rules = enabled_rules(config.checks)
        preload(self.enabled_rules)

    def render(self, site_page: SitePage) -> RenderedPage:
        """Render a page, and check its content and its HTML.

        Raises:
            Exception: Any error in rendering for which no template is to blame.
        """
        page, config = site_page.page, self.context.config
        body, problems = convert_page(page, site_page.evidence, site_page.fills)
        # The text of a generated page comes from other files; its problems are reported there.
        problems = [] if page.generated else problems
        signed_text = self._signed_text(site_page, body)
        text_digest = digest_text(signed_text) if site_page.review else ""
        status = current_status(site_page, text_digest)
        grade, content_problems = check_content(site_page, config, self.enabled_rules)
        problems += content_problems
        panel = make_about_panel(site_page, status, text_digest, grade)
        style = self.context.styles.get(page.id, self.style)
        takes_answers = site_page.tool is not None and not self._is_locked(status)
        script = self.context.inline.get(TOOL_SCRIPT, "") if takes_answers else ""
        policy = build_csp(style, script) if site_page.tool else self.policy
        links, linked, unresolved = resolve_links(
            page, body.references, self.context.index, config.base
        )
        html = ""
        self.page_lang = page.lang or config.lang
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
            path=page.path,
            address=page.address,
            html=data,
            digest=content_digest(data),
            anchors=body.anchors,
            references=body.references,
            problems=tuple(p for p in problems if p.rule in self.enabled_rules),
            state=status,
            signed_text=signed_text,
            grade=grade,
            policy=policy,
            links_fingerprint=fingerprint_links(links),
            linked=linked,
            unresolved=unresolved,
        )

    def _signed_text(self, site_page: SitePage, body: ConvertedBody) -> str:
        """Return the text that a clinician signs; empty for pages that nobody has to sign."""
        if site_page.tool:
            from sitebuilder.clinical.decision_tools.signed_text import (  # noqa: PLC0415 - for tools alone
                signed_tool_text,
            )

            return signed_tool_text(site_page.tool)
        if site_page.page.review == "none":
            return ""
        return signed_page_text(site_page.page, body, self._picture_digests(body.references))

    def _is_locked(self, status: str) -> bool:
        """Whether a tool takes no answers: a release shows no form that nobody has signed."""
        return self.context.release and status == NEVER_REVIEWED

    def _picture_digests(self, references: tuple[Reference, ...]) -> dict[str, str]:
        """Return a short digest of each figure's picture, by target."""
        pictures = [r.target for r in references if r.figure]
        texts = {name: self.context.inline.get(FIGURES_DIR + name, "") for name in pictures}
        return {name: sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}

    def render_redirect(self, address: str, path: str) -> tuple[str, list[Problem]]:
        """Render and check the page that redirects from an old address.

        Args:
            address: The new address of the page.
            path: Source path of the page, for problems.

        Returns:
            The HTML and the problems. The HTML is empty if the templates have problems.

        Raises:
            Exception: Any error in rendering for which no template is to blame.
        """
        url = urls.absolute_url(self.context.config.url, address)
        target = Link("", self._href(address), url)
        self.page_lang = self.context.config.lang
        if not self.templates_ok:
            return "", []
        try:
            html = self._render_template("redirect.html", to=target)
            found = check_redirect(path, html, target.address)
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
        page, tool = site_page.page, site_page.tool
        lead, parts = split_lead(body.parts)
        return PageView(
            id=page.id,
            title=page.title,
            description=page.description,
            lang=self.page_lang,
            rtl=is_rtl(self.page_lang),
            address=page.address,
            canonical=""
            if page.address == urls.NOT_FOUND_URL
            else urls.absolute_url(self.context.config.url, page.address),
            state=panel.state,
            draft=page.draft,
            hidden=is_noindex(page.address, panel.state),
            crumbs=site_page.crumbs,
            previous=site_page.previous,
            next=site_page.next,
            children=site_page.children,
            guide=site_page.guide_pages,
            contents=tuple(h for h in body.headings if h.level == 2),  # noqa: PLR2004 - h2
            lead=Markup("<p>{}</p>").format(tool.disclaimer.text)
            if tool
            else self._render_parts(lead, links),
            body=self._render_parts(parts, links),
            sources=Markup(rewrite_links(body.sources, links)),
            clinical=page.review == "clinical",
            panel=panel,
            data=Markup(page_json_ld(site_page, self.context.config, panel)),
            style=Markup(style),
            policy="" if self.context.preview else policy,
            tool=build_tool_view(
                tool, site_page.links, site_page.evidence, locked=self._is_locked(panel.state)
            )
            if tool
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
        if macro is None:  # a misspelled block, already reported: show its content
            return self._render_parts(block.parts, links)
        return Markup(macro(self._make_block_view(block, links)))

    def _make_block_view(self, block: Block, links: Mapping[str, str]) -> BlockView:
        body, key = self._render_parts(block.parts, links), Markup()
        if block.name == "figure" and body.startswith("<ol>"):  # the key to the numbers in it
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
        """Yield the pictures of a figure: SVG for static/inline/figures/, `<img>` for others."""
        alts = str(Markup(block.fields["alt"]).striptags()).split(" | ")
        names = str(Markup(block.fields["names"]).striptags()).split(" | ")
        for file, alt, name in zip_longest(
            unescape(block.title).split(), alts, names, fillvalue=""
        ):
            svg = self.context.inline.get(FIGURES_DIR + file)
            if svg is not None:
                start_tag = f'<svg class="drawn" role="img" aria-label="{escape(alt)}"'
                yield PictureView(name, Markup(svg.replace("<svg", start_tag, 1)))
            elif file:
                address = links.get(file, "")
                yield PictureView(name, Markup('<img src="{}" alt="{}">').format(address, alt))

    def _href(self, address: str) -> str:
        return urls.href(self.context.config.base, address)

    def _interface_text(self, text: str) -> Markup:
        """Return words of a template, with their language if the page has another."""
        if same_language(self.page_lang, TEMPLATE_LANGUAGE):
            return _as_markup(text)
        direction = ' dir="ltr"' if is_rtl(self.page_lang) else ""
        return Markup('<span lang="{}"{}>{}</span>').format(
            TEMPLATE_LANGUAGE, Markup(direction), text
        )

    def _asset(self, name: str) -> str:
        """Return the address of a file in static/, given its path there.

        Raises:
            UndefinedError: There is no such file.
        """
        address = self.context.index.assets.get("static/" + name)
        if address is None:
            raise UndefinedError(f"there is no file static/{name}")
        return self._href(address)

    def _inline(self, name: str) -> Markup:
        """Return the text of a file in static/inline/, to be inlined in the page.

        Raises:
            UndefinedError: There is no such file.
        """
        text = self.context.inline.get(name)
        if text is None:
            raise UndefinedError(f"there is no file static/inline/{name}")
        return Markup(text)


@lru_cache(maxsize=256)
def _as_markup(text: str) -> Markup:
    return escape_markup(text)


def is_noindex(address: str, status: str) -> bool:
    """Whether search engines are asked not to list the page: unsigned, a draft, or the 404 page."""
    return status in {NEVER_REVIEWED, "draft"} or address == urls.NOT_FOUND_URL
