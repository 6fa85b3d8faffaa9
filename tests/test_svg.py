"""Drawings and sheets that are published: nothing in them runs, fetches, or tells on anybody."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, MakeSite, build, said
from test_images import JPEG, exif, jpeg, png, segment

from sitebuilder.assets.clean import CLEANERS
from sitebuilder.assets.css import check_css
from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.assets.svg import clean_svg, clean_xml

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
HTML = 'xmlns:h="http://www.w3.org/1999/xhtml"'
RUNS = {
    "script": "<script>alert(1)</script>",
    "handler": '<rect onload="alert(1)"/>',
    "big handler": '<rect ONLOAD="alert(1)"/>',
    "foreign": "<foreignObject><p/></foreignObject>",
    "html script": f"<h:script {HTML}>alert(1)</h:script>",
    "html frame": f'<h:iframe {HTML} src="javascript:alert(1)"/>',
    "link": '<a href="javascript:alert(1)"><text>x</text></a>',
    "hidden link": '<a xlink:href="java&#10;script:alert(1)"><text>x</text></a>',
    "spaced link": '<a href=" &#9;javascript:alert(1)"><text>x</text></a>',
    "data link": '<a href="data:text/html,x"><text>x</text></a>',
    "use elsewhere": '<use href="https://x.org/a.svg#a"/>',
    "use data": '<use href="data:image/svg+xml,x#a"/>',
    "use file": '<use xlink:href="other.svg#a"/>',
    "image": '<image href="https://x.org/a.png"/>',
    "image drawing": '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
    "set": '<a href="#a"><set attributeName="href" to="javascript:alert(1)"/></a>',
    "animate": '<animate attributeName="xlink:href" values="javascript:alert(1)"/>',
    "animate handler": '<set attributeName="onload" to="alert(1)"/>',
    "style import": "<style>@import 'https://x.org/a.css';</style>",
    "style address": "<style>rect{fill:url(https://x.org/a#b)}</style>",
    "style hidden": "<style>rect{fill:\\75rl(//x.org/a)}</style>",
    "style path": "<style>rect{fill:url(a.svg#b)}</style>",
    "style cdata": "<style><![CDATA[@import 'a.css';]]></style>",
    "style attribute": '<rect style="fill:url(//x.org/a#b)"/>',
    "fill": '<rect fill="url(https://x.org/a#b)"/>',
    "cursor": '<rect cursor="url(https://x.org/a), auto"/>',
    "cdata": "<desc><![CDATA[ > <img src=x onerror=alert(1)>]]></desc>",
    "instruction": '<?xml-stylesheet href="https://x.org/a.css"?>',
    "inner": "<g><svg/></g>",
    "handler element": '<handler type="text/javascript">alert(1)</handler>',
    "listener": '<e:listener xmlns:e="http://www.w3.org/2001/xml-events"/>',
    "deep": "<g>" * 99 + "</g>" * 99,
    "many": "<g/>" * 50_001,
    "open": "<g>",
    "entity": "<text>&nbsp;</text>",
}


@pytest.mark.parametrize("name", RUNS)
def test_what_could_run_or_fetch_is_refused_at_its_line(name: str) -> None:
    with pytest.raises(UnsafeFileError) as found:
        clean_svg(f"{HEAD}{RUNS[name]}</svg>".encode())
    assert found.value.line == 2
    assert found.value.hint


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "b">]>\n<svg/>',
        '<!DOCTYPE svg SYSTEM "http://x.org/a.dtd"><svg/>',
        '<?xml version="1.0" encoding="ISO-2022-JP"?><svg/>',
        '<?xml-stylesheet href="a.xsl"?><svg/>',
        '<html xmlns="http://www.w3.org/1999/xhtml"><script/></html>',
        "<g/>",
        "",
        "\0",
        '<svg onload="alert(1)"/>',
    ],
)
def test_what_is_no_plain_drawing_is_refused(text: str) -> None:
    with pytest.raises(UnsafeFileError):
        clean_svg(text.encode())
    with pytest.raises(UnsafeFileError):
        clean_svg(text.encode("utf-16"))


def test_what_only_an_editor_program_knows_is_left_out() -> None:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by Ann Other --><svg xmlns="http://www.w3.org/2000/svg"
   xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" width="9"
   sodipodi:docname="Ann's drawing.svg" inkscape:export-filename='C:\\Users\\ann\\a > b.png'
   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" {HTML} data-name="ann">
<sodipodi:namedview pagecolor="#fff"><g onload="ann"/></sodipodi:namedview>
<metadata><rdf:RDF xmlns:rdf="x"><h:p>ann</h:p></rdf:RDF></metadata><metadata/>
<g inkscape:label="Ann's" id="a" fill="url(#b)">é<path d="M0 0"/></g>
</svg>
"""
    clean = clean_svg(text.encode())[0]
    assert b"nn" not in clean
    assert b"sodipodi:" not in clean.replace(b"xmlns:sodipodi", b"")
    assert '\n<g id="a" fill="url(#b)">é<path d="M0 0"/></g>\n</svg>'.encode() in clean
    assert clean_svg(clean) == (clean, ())


@pytest.mark.parametrize("path", sorted((PROJECT / "static").rglob("*.svg")), ids=lambda p: p.name)
def test_our_own_drawings_are_published_as_they_are(path: Path) -> None:
    assert clean_svg(path.read_bytes()) == (path.read_bytes(), ())


def test_a_picture_in_a_drawing_is_held_to_the_same_rules() -> None:
    def drawing(kind: str, data: bytes) -> bytes:
        inside = base64.b64encode(data).decode()
        return f'{HEAD}<image href="data:image/{kind};base64,{inside}"/></svg>'.encode()

    for kind, data in {"png": png(), "jpeg": JPEG}.items():
        assert clean_svg(drawing(kind, data))[0] == drawing(kind, data)
    for kind, data in {
        "png": png(30_000, 30_000),
        "jpeg": jpeg(segment(0xE1, exif())),
        "jpg": JPEG,
    }.items():
        with pytest.raises(UnsafeFileError):
            clean_svg(drawing(kind, data))


@pytest.mark.parametrize(
    "text",
    [
        "<a><script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script></a>",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "<?xml-stylesheet href='a.xsl'?><a/>",
        "<!DOCTYPE a><a/>",
        "<a>",
    ],
)
def test_data_as_xml_cannot_run(text: str) -> None:
    with pytest.raises(UnsafeFileError):
        clean_xml(text.encode())
    assert clean_xml(b"<feed><a href='https://x.org/'/></feed>")[1] == ()


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://x.org/a.css';",
        "@import url(//x.org/a.css);",
        "@IMPORT URL( 'http://x.org' );",
        "@\\69mport '\\68ttps://x.org/';",
        "a{background:\\75\\72 l(https://x.org/a.png)}",
        "a{background:url(/\\\n/x.org/a.png)}",
        "a{background:url(  HTTPS://x.org/a.png)}",
        "a{background:url(/*https://x.org*/)}b{background:url(\\5c\\5c x.org)}",
        "a{background:image-set('https://x.org/a.png' 1x)}",
        "@font-face{src:url(https://x.org/a.woff2)}",
        "a{b:'/*';background:url(//x.org)/* */}",
        "a{width:expression(alert(1))}",
        "a{behavior:url(a.htc)}",
        "a{background:url(javascript:alert(1))}",
        "a{background:url(data:text/html,x)}",
    ],
)
def test_a_sheet_fetches_nothing_from_elsewhere(css: str) -> None:
    with pytest.raises(UnsafeFileError) as found:
        check_css(f"b{{}}\n{css}")
    assert found.value.line >= 2


def test_a_plain_sheet_passes() -> None:
    check_css(
        "@charset 'utf-8';@namespace svg url(http://www.w3.org/2000/svg);@import 'b.css';"
        "/* https://x.org/ ' url(//x.org) */a::before{content:'\\201C: see'}"
        ".sm\\:b{background:url(a.png)}c{background:url('data:image/png;base64,AA==')}"
        "d{background:url(/a.svg#b) 0 / cover}"
    )


def test_problems_name_file_and_line(make_site: MakeSite) -> None:
    page = "---\ntitle: T\ndescription: D.\n---\n![A](a.svg)\n"
    made = build(
        make_site(
            {
                "config.yaml": "name: S\nurl: https://x.org/\n",
                "content/index.md": page,
                "content/a.svg": '<svg\nonload="alert(1)"/>',
                "static/b.css": "a{}\n\n@import 'https://x.org/';",
                "static/c.txt": "javascript:",
                "static/inline/site.css": "a{}\nb{background:url(//x.org)}",
                "static/inline/logo.svg": "<svg>\n\n<script/></svg>",
                "static/favicon.svg": "<svg/>",
            }
        )
    )
    assert said(made) == [
        "content/a.svg:1 unsafe-file",
        "static/b.css:3 unsafe-file",
        "static/inline/logo.svg:3 unsafe-file",
        "static/inline/site.css:2 unsafe-file",
    ]


@pytest.mark.browser
def test_no_published_drawing_runs_in_a_browser(browser: Any, tmp_path: Path) -> None:
    """Each nasty drawing that passes is opened by itself. Those refused show that it would tell."""
    nasty = {**RUNS, "self": "<rect/>"}
    ran: list[str] = []
    passed = 0
    page = browser.new_page()

    def dismiss(dialog: Any) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    for name, text in nasty.items():
        if name in {"many", "deep"}:
            continue
        data = f"{HEAD}{text}</svg>".encode()
        try:
            data, _ = CLEANERS["svg"](data)
        except UnsafeFileError:
            continue
        (tmp_path / "a.svg").write_bytes(data)
        page.goto((tmp_path / "a.svg").as_uri())
        passed += 1
    assert passed
    assert ran == []
    (tmp_path / "a.svg").write_text(f"{HEAD}{RUNS['script']}</svg>")
    page.goto((tmp_path / "a.svg").as_uri())
    assert ran == ["1"]
    page.close()


# -- what a drawing expands to --------------------------------------------------------------------


def nested(levels: int, times: int, inner: str, use: str) -> bytes:
    """A drawing whose parts show the parts before them, so many times, at so many levels."""
    parts = [f'<{inner} id="p0"><rect width="1" height="1"/></{inner}>']
    for level in range(1, levels):
        body = use.format(f"p{level - 1}") * times
        parts.append(f'<{inner} id="p{level}">{body}</{inner}>')
    return f"{HEAD}{''.join(parts)}{use.format(f'p{levels - 1}')}</svg>".encode()


WAYS = {
    "use": ("g", '<use href="#{}"/>'),
    "old use": ("symbol", '<use xlink:href="#{}"/>'),
    "pattern": ("pattern", '<rect fill="url(#{})" width="9" height="9"/>'),
    "mask": ("mask", "<rect mask=\"url('#{}')\" width='9' height='9'/>"),
    "clip": ("clipPath", '<rect style="clip-path:url( #{} )" width="9" height="9"/>'),
    "marker": ("marker", '<path marker-mid="url(#{})" d="M0 0h1v1"/>'),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_drawing_that_multiplies_is_refused(way: str) -> None:
    """Two kilobytes of it keep a browser busy for hours."""
    bomb = nested(10, 10, *WAYS[way])
    assert len(bomb) < 8_000
    with pytest.raises(UnsafeFileError, match="repeats parts in parts") as raised:
        clean_svg(bomb)
    assert raised.value.hint.startswith("It may have 200000 parts")
    fine = nested(4, 10, *WAYS[way])
    assert clean_svg(fine)[0] == fine


def test_styles_multiply_too_and_gradients_do_not() -> None:
    sheet = "".join(f".p{n}{{fill:url(#p{n})}}" for n in range(9))
    bomb = nested(10, 10, "pattern", '<rect class="{}" width="9" height="9"/>')
    styled = bomb.replace(HEAD.encode(), f"{HEAD}<style>{sheet}</style>".encode())
    with pytest.raises(UnsafeFileError, match="repeats parts in parts"):
        clean_svg(styled)
    stops = "<stop offset='0'/>" * 50
    gradient = f'{HEAD}<linearGradient id="a">{stops}</linearGradient>'
    filled = '<rect fill="url(#a)"/>' * 10_000
    clean_svg(f"{gradient}{filled}</svg>".encode())


@pytest.mark.parametrize("links", ["aa", "ab ba", "ab bc ca ac"])
def test_parts_that_show_each_other_in_a_circle_show_nothing(links: str) -> None:
    holders = {link[0] for link in links.split()}
    body = "".join(
        f'<g id="{holder}">'
        + "".join(f'<use href="#{link[1]}"/>' for link in links.split() if link[0] == holder)
        + "</g>"
        for holder in sorted(holders)
    )
    clean_svg(f"{HEAD}{body}</svg>".encode())


def test_a_long_chain_of_parts_is_counted_and_not_walked_in_circles() -> None:
    with pytest.raises(UnsafeFileError, match="repeats parts in parts"):
        clean_svg(nested(20_000, 1, "g", '<use href="#{}"/>'))
    clean_svg(nested(300, 1, "g", '<use href="#{}"/>'))
