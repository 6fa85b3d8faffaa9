"""Pages only, at the same addresses as the other generators'."""

import re

SITENAME = "Patient information"
SITEURL = "https://example.org"
RELATIVE_URLS = False
PATH = "content"
PAGE_PATHS = ["pages"]
ARTICLE_PATHS = ["none"]
STATIC_PATHS = ["img", "css"]
OUTPUT_PATH = "output"
THEME = "theme"
TIMEZONE = "Europe/London"
DEFAULT_LANG = "en"
PATH_METADATA = r"pages/(?P<path_no_ext>.+?)(?:/index)?\.md"
PAGE_URL = "{path_no_ext}/"
PAGE_SAVE_AS = "{path_no_ext}/index.html"
DIRECT_TEMPLATES = ["sitemap"]
SITEMAP_SAVE_AS = "sitemap.xml"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ARCHIVES_SAVE_AS = ""
AUTHORS_SAVE_AS = CATEGORIES_SAVE_AS = TAGS_SAVE_AS = ""
MARKDOWN = {
    "extension_configs": {
        "markdown.extensions.extra": {},
        "markdown.extensions.meta": {},
        "markdown.extensions.toc": {},
    },
    "output_format": "html5",
}
HEADING = re.compile(r'<h([23]) id="([^"]+)"[^>]*>(.*?)</h\1>')


def toc(html):
    """The list of a page's headings: Pelican has none of its own."""
    return "".join(
        (
            "<ul>",
            *('<li class="l%s"><a href="#%s">%s</a></li>\n' % m for m in HEADING.findall(html)),
            "</ul>",
        )
    )


JINJA_FILTERS = {"toc": toc}
MENU = [
    ("/{section}/", "Section {number}"),
]
