"""What a finished page may hold: two readers agree, and nothing fetches."""

from __future__ import annotations

import functools
import re

import pytest
from conftest import PROJECT, MakeSite, build, page_of
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.checks import html_allowlist
from sitebuilder.checks.html import audit_parsed, audit_plain, parse_plain_tags

OURS = {f"templates/{p.name}": p.read_text() for p in (PROJECT / "templates").iterdir()}
SITE = {
    **OURS,
    "config.yaml": "name: S\nurl: https://x.org/\n",
    "content/index.md": "---\ntitle: T\ndescription: D.\naliases: [/old/]\n---\nWords.\n",
    "static/a.svg": "<svg/>",
    "static/favicon.svg": "<svg/>",
    "static/inline/site.css": "a{}",
    "static/inline/logo.svg": "<svg/>",
}

FOREIGN = {
    "frame": '<iframe src="/a/"></iframe>',
    "object": '<object data="/a.pdf"></object>',
    "embed": '<embed src="/a.pdf">',
    "base": '<base href="/a/">',
    "noscript": '<noscript><img src="/a" alt=""></noscript>',
    "own element": "<my-tracker></my-tracker>",
    "script": "<script>1</script>",
    "script file": '<script src="/a.js"></script>',
    "script elsewhere": '<script src="https://x.org/a.js" async></script>',
    "module": '<script type="module">1</script>',
    "rules": '<script type="speculationrules">{}</script>',
    "handler": '<p onclick="x">a</p>',
    "bare handler": "<p onclick=x>a</p>",
    "style attribute": '<p style="color:red">a</p>',
    "style here": "<style>a{}</style>",
    "picture": '<img src="https://x.org/a.png" alt="">',
    "picture no scheme": '<img src="//x.org/a.png" alt="">',
    "picture back": '<img src="/&#92;x.org/a.png" alt="">',
    "picture tab": '<img src="/&#9;/x.org/a.png" alt="">',
    "picture space": '<img src=" https://x.org/a.png" alt="">',
    "picture set": '<img src="/a.png" srcset="/a.png 1x, //x.org/a.png 2x" alt="">',
    "picture single": "<img src='https://x.org/a.png' alt=''>",
    "picture bare": "<img src=https://x.org/a.png alt>",
    "picture data": '<img src="data:text/html,x" alt="">',
    "sheet": '<link rel="stylesheet" href="https://x.org/a.css">',
    "hint": '<link rel="canonical preconnect" href="https://x.org/">',
    "no rel": '<link href="https://x.org/">',
    "refresh": '<meta http-equiv="refresh" content="0; url=https://x.org/">',
    "cookie": '<meta http-equiv="Set-Cookie" content="a=b">',
    "form": '<form action="https://x.org/"></form>',
    "form button": '<button formaction="/a/">a</button>',
    "link script": '<a href="javascript:alert(1)">a</a>',
    "link hidden": '<a href="java&#10;script:alert(1)">a</a>',
    "link data": '<a href="data:text/html,x">a</a>',
    "ping": '<a href="/" ping="/a">a</a>',
    "video": '<video src="/a.mp4" poster="https://x.org/a.png"></video>',
    "use": '<svg><use xlink:href="https://x.org/a.svg#a"/></svg>',
    "fill": '<svg><path fill="url(https://x.org/a.svg#a)"/></svg>',
    "svg script": "<svg><script>1</script></svg>",
    "svg style": "<svg><style>a{}</style></svg>",
    "foreign": "<svg><foreignObject></foreignObject></svg>",
    "math": "<math><mi>a</mi></math>",
    "comment": "<!--> <script>1</script> -->",
    "comment end": "<!-- --!> <script>1</script> -->",
    "title": '<svg><title><a href="</title><script>1</script>">a</a></title></svg>',
    "cdata": "<![CDATA[ > <script>1</script> ]]>",
    "instruction": "<?php echo 1 ?>",
    "upper": '<IFRAME SRC="/a/"></IFRAME>',
    "slash": "<svg/onload=alert(1)>",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_template_can_bring_in_nothing_foreign(make_site: MakeSite, name: str) -> None:
    frame = OURS["templates/page.html"].replace(
        "{{ page.body }}", "{{ page.body }}\n" + FOREIGN[name]
    )
    found = build(make_site({**SITE, "templates/page.html": frame})).problems
    unsafe = [p for p in found if p.rule == "unsafe-page"]
    assert unsafe, found
    assert all(p.severity == "error" and p.hint for p in unsafe)


def test_the_template_and_line_are_named(make_site: MakeSite) -> None:
    frame = OURS["templates/page.html"].replace("{{ page.body }}", FOREIGN["frame"])
    line = frame[: frame.index("<iframe")].count("\n") + 1
    (found,) = build(make_site({**SITE, "templates/page.html": frame})).problems
    assert (found.path, found.line) == ("templates/page.html", line)
    assert found.message == "<iframe> may not stand in a page"


def test_the_page_at_an_old_address_is_held_to_it_too(make_site: MakeSite) -> None:
    assert build(make_site(SITE)).problems == ()
    page = OURS["templates/redirect.html"].replace("<main>", '<main><img src="//x.org" alt="">')
    (found,) = build(make_site({**SITE, "templates/redirect.html": page})).problems
    assert (found.rule, found.path) == ("unsafe-page", "templates/redirect.html")


@pytest.mark.parametrize("target", ["https://x.org/", "//x.org/", "/other/", "javascript:1", ""])
def test_the_page_at_an_old_address_leads_to_its_own_page_only(
    make_site: MakeSite, target: str
) -> None:
    page = OURS["templates/redirect.html"].replace("url={{ to.address }}", f"url={target}")
    found = build(make_site({**SITE, "templates/redirect.html": page})).problems
    assert [p.rule for p in found] == ["unsafe-page"]
    assert f"'0; url={target}'" in found[0].message


STATIC = '<!doctype html><html lang="en"><head><title>T</title></head><body>\n%s\n</body></html>'


def test_pages_that_a_designer_publishes_as_they_are_are_held_to_it_too(
    make_site: MakeSite,
) -> None:
    files = {f"static/{n}.html": STATIC % text for n, text in enumerate(FOREIGN.values())}
    files["static/b/A.HTML"] = STATIC % FOREIGN["frame"]
    found = build(make_site({**SITE, **files})).problems
    assert {(p.rule, p.severity) for p in found} == {("unsafe-page", "error")}
    assert {p.path for p in found} == set(files)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        (STATIC % '<p>a</p>\n<img src="//x.org/a.png" alt="">', 3, "unsafe-page"),
        (STATIC % "<script>1</script>", 0, "unsafe-page"),
        (STATIC % "a\x1b$B<p>b", 2, "control-character"),
        ((STATIC % "é").encode("latin-1"), 2, "encoding"),
        ((STATIC % "<script>1</script>").encode("utf-16"), 1, "encoding"),
    ],
)
def test_what_is_wrong_with_such_a_page_is_told_with_its_line(
    make_site: MakeSite, text: str | bytes, line: int, rule: str
) -> None:
    (found,) = build(make_site({**SITE, "static/a.html": text})).problems
    assert (found.path, found.line, found.rule) == ("static/a.html", line, rule)
    assert found.hint


@pytest.mark.parametrize("text", [STATIC % "<p>Words</p>", "site-verification: google123.html\n"])
def test_a_plain_page_in_static_is_published(make_site: MakeSite, text: str) -> None:
    made = build(make_site({**SITE, "static/a.html": text}))
    assert made.problems == ()
    assert page_of(made, "a.html") == text


@pytest.mark.parametrize("path", ["static/a.js", "static/a.MJS", "content/a.js", "content/a.html"])
def test_a_script_is_not_published(make_site: MakeSite, path: str) -> None:
    made = build(make_site({**SITE, path: "alert(1)"}))
    assert [(p.path, p.rule) for p in made.problems] == [(path, "file-type")]
    assert not any(b"alert" in output.load() for output in made.outputs)


def test_what_is_of_this_site_may_stay() -> None:
    page = (
        '<!doctype html><html lang="en"><head><title>T</title><style>a{}</style>'
        '<link rel="canonical" href="https://x.org/"><link rel="icon" href="/a.svg">'
        '<script type="application/ld+json">{}</script></head><body><h1>a</h1>'
        '<a href="https://x.org/">a</a><a href="tel:911">b</a><a href="mailto:a@x.org">c</a>'
        '<a href="#a">d</a><img src="a.png" srcset="a.png 1x, /b.png 2x" alt="">'
        '<svg viewBox="0 0 1 1"><title>t</title><path fill="url(#a)"/></svg><br>'
        "</body></html>"
    )
    for walk in (audit_plain(page), audit_parsed(page)):
        assert walk is not None
        assert (walk.safety_errors, walk.form_errors, walk.open_elements, walk.script_count) == (
            [],
            [],
            [],
            0,
        )


@functools.cache
def pages() -> tuple[str, ...]:
    """Finished pages of ours, without what is long and does not matter here."""
    made = build(PROJECT)
    texts = [o.load().decode() for o in made.outputs if o.path.endswith(".html")]
    return tuple(re.sub(r"(<style>).*?(</style>)", r"\1a{}\2", text) for text in texts)


def test_our_own_pages_are_read_alike_and_quickly() -> None:
    quick = [(audit_plain(page), audit_parsed(page)) for page in pages()]
    plain = [(one, other) for one, other in quick if one]
    assert len(plain) == len(quick)
    for one, other in plain:
        assert vars(one) == vars(other)
        assert (other.safety_errors, other.form_errors) == ([], [])


PIECES = [*FOREIGN.values(), "<", ">", '"', "'", "/", "&", "=", " ", "<p>", "</p>", "<!--", "-->"]
PIECES += [
    "<title>",
    "</title>",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "\0",
    "é",
    "\x0b",
    "`",
]


@given(st.data())
def test_the_quick_reader_agrees_with_the_parser_or_leaves_it_to_it(data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(pages()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(page)))
        cut = data.draw(st.integers(0, 3))
        page = page[:at] + data.draw(st.sampled_from(PIECES)) + page[at + cut :]
    quick = audit_plain(page)
    if quick is not None:
        assert vars(quick) == vars(audit_parsed(page))


def judged(text: str) -> tuple[html_allowlist.Tag | None, html_allowlist.Tag | None]:
    """A tag as it is judged, and as it would be without the short cut."""
    with pytest.MonkeyPatch.context() as patch:
        quick = html_allowlist.parse_plain_tag.__wrapped__(text)
        patch.setattr(html_allowlist, "_SAFE_TAG", re.compile("(?!)"))
        return quick, html_allowlist.parse_plain_tag.__wrapped__(text)


@given(st.from_regex(html_allowlist._SAFE_TAG, fullmatch=True))
def test_what_each_page_has_of_its_own_is_judged_as_any_tag(text: str) -> None:
    quick, slow = judged(text)
    assert quick == slow
    assert quick is not None
    assert not quick.needs_audit


@pytest.mark.parametrize("value", ["url(//a.b)", "url&#40;//a.b)", "url&lpar;//a.b)", "a", "//a.b"])
def test_what_it_would_fetch_is_seen_among_it(value: str) -> None:
    quick, slow = judged(f'meta name="x" content="{value}"')
    assert quick == slow
    assert quick
    assert bool(quick.safety_errors) == ("url" in value)


@pytest.mark.parametrize(
    "head",
    [
        "<style>a > b {}</style><style>c {}</style>",
        "<style></style><style>c {}</style>",
        '<style media="print">d {}</style><style>e {}</style>',
        "<style>",
        "<style>a",
        "<style>a<style>b</style>",
        "<title><style>a</style></title>",
        "<STYLE>a</STYLE><style>b</style>",
    ],
)
def test_each_style_is_read_with_its_own_text(head: str) -> None:
    found = parse_plain_tags(f"<!doctype html><head>{head}</head><body></body>")
    styles = re.findall("<style[^>]*>([^<]*)</style>", head, re.IGNORECASE)
    if found:
        assert [text.partition(">")[2] for text in found[1]] == styles
    else:
        assert head.startswith(("<style>a<", "<title>")) or "</" not in head
