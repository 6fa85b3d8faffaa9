"""The kinds behind the cases of `bad-inputs/`: the same slip in other fields, files and spellings.

Each is read in memory. What must be told is an error, `path:line words`; it then stops a build.
"""

from __future__ import annotations

import os
import socket
import time
import tracemalloc
import unicodedata
from pathlib import Path

import msgspec
import pytest
from conftest import HANGS, TODAY, MakeSite, build, run_cli
from hypothesis import given
from hypothesis import strategies as st
from test_properties import file_of, inputs_of, outputs_of

from sitebuilder.build.load_pages import load_pages
from sitebuilder.build.pipeline import build_site
from sitebuilder.build.report import format_github, format_text
from sitebuilder.build.site import assemble_site
from sitebuilder.clinical.decision_tools.page import build_tool_page
from sitebuilder.clinical.enrich import enrich_site, verify_tools
from sitebuilder.clinical.evidence.accepted_sentences import ACCEPTED_PATH
from sitebuilder.clinical.library import DATA_PATHS, load_site_data
from sitebuilder.content import loader, page_file
from sitebuilder.content.config_file import parse_config
from sitebuilder.content.decode import decode_text
from sitebuilder.content.loader import load_sources
from sitebuilder.core import urls
from sitebuilder.core.config import Config
from sitebuilder.core.model import Site, Sources
from sitebuilder.core.problems import MAX_REPORTED, Problem, apply_severities, has_errors, problem

GOOD = "---\ntitle: Home\n---\n\nWords.\n"


def site_of(files: dict[str, str | bytes]) -> Sources:
    """A site of a good page and these files."""
    data = {p: t.encode() if isinstance(t, str) else t for p, t in files.items()}
    config = data.pop("config.yaml", b"name: S\n")
    rest = [file_of(path, text) for path, text in sorted(data.items())]
    inputs = inputs_of({"content/index.md": GOOD.encode()}, config)
    return msgspec.structs.replace(
        inputs,
        pages=(*inputs.pages, *(f for f in rest if f.path.endswith(".md"))),
        data=tuple(f for f in rest if f.path.startswith("content/") and f.path.endswith(".yaml")),
        reviews=tuple(f for f in rest if f.path.startswith("reviews/")),
        page_files=tuple(f for f in rest if not f.path.endswith((".yaml", ".html", ".md"))),
        templates=(*inputs.templates, *(f for f in rest if f.path.startswith("templates/"))),
    )


def told_of(files: dict[str, str | bytes]) -> tuple[Problem, ...]:
    """What is told before any page is rendered, which is what takes time."""
    inputs = site_of(files)
    _, config, problems = put_together(inputs)
    problems += [p for file in inputs.templates for p in decode_text(file)[1]]
    return apply_severities(problems, config.checks)


def put_together(inputs: Sources) -> tuple[Site, Config, list[Problem]]:
    """The site, without its pages' finished forms, and what is wrong with it."""
    config, problems = parse_config(inputs.config)
    library, found = load_site_data(inputs)
    pages, _ = load_pages(inputs.pages, config, library.evidence, with_drafts=False)
    tools, of_tools = verify_tools(library, config, pages.pages)
    all_pages = [*pages.pages, *map(build_tool_page, tools.values())]
    site, of_site = assemble_site(
        config, all_pages, inputs, today=TODAY, release=False, with_drafts=False
    )
    _, of_data = enrich_site(site, library, tools, pages.finder, pages.dependencies, TODAY)
    told = [p for wrong in pages.problems.values() for p in wrong]
    return site, config, [*problems, *found, *of_tools, *of_site, *of_data, *told]


def errors(problems: tuple[Problem, ...]) -> list[str]:
    return [f"{p.path}:{p.line} {p.message}" for p in problems if p.severity == "error"]


def must_tell(files: dict[str, str | bytes], *told: str) -> None:
    found = errors(told_of(files))
    for one in told:
        place, _, words = one.partition(" ")
        assert any(f.startswith(f"{place} ") and words in f for f in found), (one, found)


# -- front matter, and the same in every other file that holds YAML -------------------------------

SLIPS = [  # lines that are put where a field can stand, the line of the trouble (from 1), words
    ("x: 1\nx: 2", 2, "is already set on line"),
    ("x:\n  - y: 1\n    y: 2", 3, "is already set on line"),
    ("x: {y: 1, y: 2}", 1, "is already set on line"),
    ("'x': 1\n\"x\": 2", 2, "is already set on line"),
    ("x: &a 1", 1, "(&) are not allowed"),
    ("x: [*a, *a]", 1, "are not allowed"),
    ("x:\n  <<: {k: 1}", 2, "merge keys"),
    ("x: !!binary aGk=", 1, "YAML tag"),
    ("x: !!python/name:os.system ''", 1, "YAML tag"),
    ("x: !<tag:yaml.org,2002:python/object:x> {}", 1, "YAML tag"),
    ("x: [!!str a, !!omap []]", 1, "YAML tag"),
    ("x: a # b", 1, "text after ' #' would be lost"),
    ("x: [a, b # c\n  ]", 1, "would be lost"),
    ("x:\n  - a #1", 2, "text after ' #' would be lost"),
    ("x: a: b", 1, "a ':' inside the value"),
    ("x:\n  - y: a: b", 2, "a ':' inside the value"),
    ("x: 'a", 1, "opened and never closed"),
    ('x: "\\ud83d\\ude00"', 1, "cannot be written"),
    ('x: "a\\0b"', 1, "U+0000"),
    ('x: ["\\u202e"]', 1, "U+202E"),
    ("x: {" + "a: {" * 30, 1, "nested too deep"),
    ("x: " + "[" * 2000 + "]" * 2000, 1, "nested too deep"),
    ("\tx: 1", 1, "tab"),
    ("x:\n\t- 1", 2, "tab"),
    ("\u00a0x: 1", 1, "only looks like a space"),
    ("x: “a”", 1, "curly quotes"),
    ("x: %a", 1, "sign that has a meaning"),
    ("x: a\n...\n---\ny: b", 3, "second document"),
    ("<<<<<<< HEAD\nx: 1\n=======\nx: 2\n>>>>>>> b", 1, "merge conflict marker"),
    ("x: 1\n||||||| base\nx: 2\n>>>>>>> b", 2, "merge conflict marker"),
    ("x: \x1b]0;y\x07", 1, "U+001B"),
    ("x: caf\udce9", 1, "not UTF-8 (byte 0xE9)"),
    ("x: \ufffd", 1, "lost"),
    ("x: 37 Â°C", 1, "was '°'"),
    ("x: itâ€™s", 1, "was '’'"),
    ("x: \U000e0041\U000e0042", 1, "U+E0041"),
]
PLACES = {
    "content/a.md": ("---\ntitle: T\n", "---\n\nWords.\n"),
    "config.yaml": ("name: S\n", ""),
    # The record of sentences is written by a program, and read line by line.
    **{path: ("# Notes\n", "") for path in DATA_PATHS if path != ACCEPTED_PATH},
    "content/tools/a.yaml": ("tool: a\n", ""),
    "content/tools/safety.yaml": ("version: '1'\n", ""),
    "reviews/a.yaml": ("page: a\n", ""),
}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(("slip", "line", "words"), SLIPS, ids=[f"{s[0]!r:.30}" for s in SLIPS])
def test_a_slip_in_yaml_is_told_in_every_file(path: str, slip: str, line: int, words: str) -> None:
    before, after = PLACES[path]
    text = f"{before}{slip}\n{after}".encode("utf-8", "surrogateescape")
    if path == "content/a.md" and "\n---\n" in slip:
        return  # there the line ends the front matter
    must_tell({path: text}, f"{path}:{before.count(chr(10)) + line} {words}")


FRONT = [
    ("title: T\ndate: 2024-02-30", 3, "is not a date"),
    ("title: T\ndate: 2023-02-29", 3, "is not a date"),
    ("title: T\ndate: 2024-13-01", 3, "is not a date"),
    ("title: T\ndate: 30.02.2024", 3, "is not a date"),
    ("title: T\ndate: 2024-03-31T23:30:00Z", 3, "is not a date"),
    ("title: T\nreviewed: 2024-02-30", 3, "reviewed"),
    ("title: T\nreviewed:\n  by: X\n  on: 2024-02-30", 5, "is not a date"),
    ("title: T\nchanges:\n  - on: 2024-02-30\n    what: x", 4, "is not a date"),
    ('title: ""', 2, "is empty"),
    ("title: null", 2, "is empty"),
    ("title: ~", 2, "is empty"),
    ("title: '   '", 2, "is empty"),
    ("title: []", 2, "is a list"),
    ("title: T\nlang: ''", 3, "is empty"),
    ("title: T\nlang: \"en' onload='x\"", 3, "not a language tag"),
    ("title: T\nlang: en_US", 3, "not a language tag"),
    ("title: T\norder: 1e3", 3, "not a whole number"),
    ("title: T\ndraft: yes", 3, "neither true nor false"),
    ("Title: T", 2, "no field 'Title'"),
    ("title: T\ntags: [a, b]", 3, "no field 'tags'"),
]


@pytest.mark.parametrize(("front", "line", "words"), FRONT)
def test_front_matter_is_told_at_its_line(front: str, line: int, words: str) -> None:
    must_tell({"content/a.md": f"---\n{front}\n---\n\nW.\n"}, f"content/a.md:{line} {words}")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\\\page", "page.html", "x\u202ey"]
)
def test_no_template_is_read_from_elsewhere(name: str) -> None:
    made = build_site(site_of({"content/a.md": f"---\ntitle: T\ntemplate: {name}\n---\n"}), TODAY)
    assert "content/a.md:3" in {
        f"{p.path}:{p.line}" for p in made.problems if p.severity == "error"
    }


@pytest.mark.parametrize("words", ["no", "12:30", "1:30:00", "0123456", "010", "1e3", "0x10", ".5"])
def test_words_stay_words(words: str) -> None:
    page = outputs_of(
        build_site(site_of({"content/a.md": f"---\ntitle: {words}\n---\n\nW.\n"}), TODAY)
    )
    assert f">{words}<".encode() in page["a/index.html"]


# -- addresses ------------------------------------------------------------------------------------

OUT = [
    *("/../x/", "/a/../../x/", "/%2e%2e/x/", "/.%2e/x/", "/%2E./x/", "/%252e%252e/x/", "/a/..%2f/"),
    *(
        "/..\\x/",
        "\\..\\x\\",
        "/a/..\\..\\x/",
        "/\uff0e\uff0e/x/",
        "/\u2025/x/",
        "/a\uff0f..\uff0fb/",
    ),
    *("/\u2024\u2024/x/", "/a\u2215b/", "/a\u2044b/", "/a\u29f8b/", "/\ufe52\ufe52/", "/a\uff3cb/"),
    *("//evil.example/x/", "/\\evil.example/", "https://evil.example/", "javascript:alert(1)/"),
    *("/con/", "/CON/", "/con.txt/", "/com1/", "/com\u00b9/", "/lpt\u00b2/", "/aux/", "/a/nul/"),
    *("/conin$/", "/conout$/", "/clock$/", "/nul.tar.gz/", "/prn/a/"),
    *("/_redirects", "/_redirects/", "/_headers/", "/.well-known/x/", "/.htaccess/", "/.git/"),
    *("/index.html/", "/a/index.html/", "/web.config/", "/cname/", "/vercel.json/"),
    *("/a./", "/a\u00a0/", "/a /b/", "/a\u2003b/", "/.../", "/./", "/-a/", "/~", "a", "/a"),
    *(f"/{'a' * 101}/", f"/{'é' * 51}/", "/" + "abc/" * 120, "/a?b/", "/a#b/", "/a;b/", "/a|b/"),
    *(
        "/a\u200bb/",
        "/a\u00adb/",
        "/a\u202eb/",
        "/\u3164/",
        "/\u115f/",
        "/a\u2028b/",
        "/\U000e0041/",
    ),
    *(
        "/A/",
        "/\u212a/",
        "/e\u0301/",
        "/\ufb01/",
        "/\uff41/",
        "/\u017f/",
        "/<b>/",
        "/{{a}}/",
        "/a'b/",
    ),
]


@pytest.mark.parametrize("address", OUT)
@pytest.mark.parametrize("field", ["url", "aliases"])
def test_no_address_leads_out_or_takes_what_is_not_its_own(field: str, address: str) -> None:
    quoted = "".join(f"\\U{ord(c):08X}" if c == "\\" or not c.isascii() else c for c in address)
    found = told_of({"content/a.md": f'---\ntitle: T\n{field}: "{quoted}"\n---\n\nW.\n'})
    assert [p for p in found if p.severity == "error" and p.line == 3], errors(found)


@pytest.mark.parametrize(
    "name",
    [
        "con",
        "COM\u00b9",
        "nul.x",
        "..",
        "...",
        "\uff0e\uff0e",
        "_",
        "???",
        "\u3164",
        "a" * 101,
        "aux",
    ],
)
def test_no_file_name_leads_out(name: str) -> None:
    files: dict[str, str | bytes] = {f"content/x/{name}.md": GOOD}
    if name == "nul.x":  # a dot in a name becomes '-': /x/nul-x/ is nobody's
        assert not errors(told_of(files))
    else:
        must_tell(files, f"content/x/{name}.md:1 the file name gives no address")


ONE_ADDRESS = [
    ({"content/a.md": "url: /x/", "content/b.md": "url: /x/"}, "content/b.md:3"),
    ({"content/a.md": "url: /x/", "content/b.md": "aliases: [/x/]"}, "content/b.md:3"),
    ({"content/a.md": "aliases: [/x/]", "content/b.md": "aliases: [/x/]"}, "content/b.md:3"),
    ({"content/a.md": "aliases: [/a/]"}, "content/a.md:3"),
    ({"content/a.md": "aliases: [/]"}, "content/a.md:3"),
    ({"content/a.md": "aliases: [/x/, /x/]"}, "content/a.md:3"),
    ({"content/a-b.md": "x", "content/A b.md": "x"}, "content/a-b.md:1"),
    ({"content/stra\u00dfe.md": "x", "content/strasse.md": "x"}, "content/stra\u00dfe.md:1"),
    ({"content/caf\u00e9.md": "x", "content/cafe\u0301.md": "x"}, "content/caf\u00e9.md:1"),
    ({"content/\u03c3.md": "x", "content/\u03c2.md": "x"}, "content/\u03c3.md:1"),
    ({"content/x.md": "x", "content/x/index.md": "x"}, "content/x/index.md:1"),
    ({"content/a.md": "url: /x.png/", "content/x.png": ""}, "content/x.png:0"),
    ({"content/X.pdf": "", "content/x.pdf": ""}, "content/x.pdf:0"),
    ({"content/a.md": "url: /sitemap.xml/"}, "content/a.md:3"),
    ({"content/a.md": "url: /robots.txt/"}, "content/a.md:3"),
    ({"content/a.md": "url: /404.html/"}, "content/a.md:3"),
    ({"content/robots.txt": ""}, "content/robots.txt:0"),
    ({"content/sitemap.xml": ""}, "content/sitemap.xml:0"),
    ({"content/vercel.json": ""}, "content/vercel.json:0"),
]


@pytest.mark.parametrize(("files", "place"), ONE_ADDRESS, ids=[w for _, w in ONE_ADDRESS])
def test_an_address_is_given_once(files: dict[str, str], place: str) -> None:
    sources = {
        path: f"---\ntitle: T\n{'description: D' if text == 'x' else text}\n---\n\nW.\n"
        for path, text in files.items()
        if path.endswith(".md")
    }
    others: dict[str, str | bytes] = {p: b"x" for p in files if p not in sources}
    told = told_of({**sources, **others})
    found = [p for p in told if p.rule in {"address", "address-taken"}]
    assert place in [f"{p.path}:{p.line}" for p in found], errors(told)


def test_the_hand_out_takes_nobodys_address() -> None:
    config = "name: S\nhandout: [a]\n"
    page = "---\ntitle: T\n---\n\n## Two\n\nW.\n"
    told = told_of({"config.yaml": config, "content/a.md": page, "content/handout.md": GOOD})
    assert "address-taken" in {p.rule for p in told}


@pytest.mark.parametrize("name", ["404", "sitemap.xml", "robots.txt", "index.html", "_headers"])
def test_a_page_called_like_a_file_of_the_site_stands_beside_it(name: str) -> None:
    """A dot in the name of a page becomes '-', so that it is in nobody's way."""
    made = build_site(site_of({f"content/{name}.md": GOOD}), TODAY)
    assert not errors(made.problems)
    paths = [o.path for o in made.outputs]
    assert len({unicodedata.normalize("NFKC", p).casefold() for p in paths}) == len(paths)


# -- config ---------------------------------------------------------------------------------------

CONFIGS = [
    *((f"output: {o}", 2, "output") for o in ("/", "..", ".", "/tmp", "a/..", "../x", "a/../../x")),
    *((f"output: {o}", 2, "output") for o in ("'..\\x'", "C:/x", "'C:\\x'", "a//b", "./a", "a/.")),
    *(
        (f"output: {o}", 2, "")
        for o in ("content", "Content/x", "templates", ".git", "sitebuilder")
    ),
    *((f"output: {o}", 2, "") for o in (".github", ".venv", "'~'", "~", "~/x", "'$HOME'", "''")),
    *(
        (f"{f}: x", 2, "no field")
        for f in ("head_html", "analytics", "google_analytics", "plugins")
    ),
    *((f"{f}: x", 2, "no field") for f in ("head", "scripts", "extra_css", "markdown", "theme")),
    ("checks:\n  yaml: off", 3, "always an error"),
    ("checks:\n  raw-html: off", 3, "not one of the words"),
    ("checks:\n  too-large: warning", 3, "always an error"),
    ("url: javascript:alert(1)", 2, "is not the address of a site"),
    ("url: https://user:pw@x.org/", 2, "is not the address of a site"),
    ("url: https://x.org/?a=b", 2, "is not the address of a site"),
    ("url: //x.org/", 2, "is not the address of a site"),
    ("lang: no thanks", 2, "not a language tag"),
    ("emergency_number: ''", 2, "is empty"),
    ("emergency_number: '<b>'", 2, "is not a phone number"),
    ("clinic:\n  email: 'a@b.c?bcc=x@y.z'", 3, "is not an e-mail address"),
    ("clinic:\n  phone: javascript:x", 3, "is not a phone number"),
    ("nav:\n  - page: a\n    href: https://x.org", 3, "has 'page' and 'label'"),
]


@pytest.mark.parametrize(("line_of", "line", "words"), CONFIGS)
def test_config_leads_nowhere_else(line_of: str, line: int, words: str) -> None:
    must_tell({"config.yaml": f"name: S\n{line_of}\n"}, f"config.yaml:{line} {words}")


# -- bytes ----------------------------------------------------------------------------------------

TEXT = "---\ntitle: T\n---\n\nDose 5 mg.\n"


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("path", ["content/a.md", "config.yaml", *DATA_PATHS, "templates/x.html"])
def test_other_encodings_are_named(path: str, code: str) -> None:
    must_tell({path: TEXT.encode(code)}, f"{path}:1 UTF-16 or UTF-32, not UTF-8")


def test_line_ends_of_old_programs_are_named() -> None:
    must_tell({"content/a.md": TEXT.replace("\n", "\r")}, "content/a.md:1 lone U+000D")


UNSEEN = (
    "\x00\x01\x07\x08\x0b\x0c\x0d\x1b\x7f\x80\x85\x9f\u2028\u202e\u2066"
    "\ufeff\ufff9\ufffe\ue000\U000e0041\U000f0000"
)


@pytest.mark.parametrize("sign", UNSEEN)
def test_what_cannot_be_seen_is_told_and_never_shown(sign: str) -> None:
    files: dict[str, str | bytes] = {"content/a.md": f"{TEXT}\nA {sign}B\n"}
    must_tell(files, f"content/a.md:7 control character U+{ord(sign):04X}")
    code = ord(sign)
    was = bytes([code]).decode("cp1252", "ignore") if 0x80 <= code < 0xA0 else ""
    text = decode_text(file_of("content/a.md", f"Words,\nA {sign}B".encode()))[0]
    assert text == f"Words,\nA {was}B"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("soft\u00adhyphen", False),
        ("zero\u200bwidth", False),
        ("word\u2060joiner", False),
        ("join\u200der", False),
        ("a\ufe0f", False),
        ("left\u200eright", False),
        ("blank\u3164", False),
        ("می\u200cخواهم", True),
        ("क्\u200dष", True),
        ("👩\u200d⚕\ufe0f", True),
        ("❤\ufe0f", True),
        ("1\ufe0f\u20e3", True),
        ("ภาษา\u200bไทย", True),
        ("א\u200e 5 mg", True),
        ("5\u00a0mg, 5\u202fmg, 2\u20113", True),
    ],
)
def test_what_has_no_width_stays_where_a_script_needs_it(text: str, kept: bool) -> None:  # noqa: FBT001
    found, problems = decode_text(file_of("content/a.md", text.encode()))
    assert (found == text) is kept
    assert (
        [p.rule for p in problems] == []
        if kept
        else {p.rule for p in problems} == {"hidden-character"}
    )


@pytest.mark.parametrize("good", ["é à ü ñ", "“É” NÃO SÃO Âge", "château", "5 µg ½ ≥ ±", "naïve ð"])
def test_letters_with_accents_are_not_taken_for_lost(good: str) -> None:
    assert decode_text(file_of("content/a.md", good.encode())) == (good, [])
    wrong = good.encode().decode("cp1252", "ignore")
    assert {p.rule for p in decode_text(file_of("content/a.md", wrong.encode()))[1]} <= {
        "lost-character", "control-character", "hidden-character",
    }  # fmt: skip


@pytest.mark.parametrize("good", "é ü ñ ° ½ µ ± ≥ ’ “ – …".split())
def test_each_sign_that_was_saved_wrongly_is_told_with_what_it_was(good: str) -> None:
    wrong = good.encode().decode("cp1252")
    (found,) = decode_text(file_of("content/a.md", f"a {wrong} b".encode()))[1]
    assert f"was '{good}'" in found.message


# -- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["content/a.md", "config.yaml", "content/facts.yaml", "content/tools/a.yaml",
             "templates/x.html", "static/x.svg", "static/inline/x.css", "reviews/a.yaml",
             "reviews/a.txt", "content/x.json", "content/x.pdf", "static/x.png"],
)  # fmt: skip
def test_a_file_of_any_size_is_told_before_it_is_read(path: str, make_site: MakeSite) -> None:
    root = make_site({"content/index.md": GOOD, path: ""})
    os.truncate(root / path, 5_000_000_000)  # a hole: it takes no room
    tracemalloc.start()
    problems = load_sources(root).problems
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [p.path for p in problems if p.rule == "too-large"] == [path]
    assert peak < 50_000_000


def test_sizes_up_to_the_limit_are_fine(make_site: MakeSite) -> None:
    page = TEXT + "Words. \n" * ((loader.MAX_BYTES_BY_SUFFIX[".md"] - len(TEXT)) // 8)
    root = make_site({"content/a.md": page, "content/b.md": page + "12345678"})
    found = [p.path for p in load_sources(root).problems]
    assert found == ["content/b.md"]


def test_what_is_no_file_is_not_opened(make_site: MakeSite) -> None:
    root = make_site({"content/index.md": GOOD, "content/d.md/x.md": GOOD})
    os.mkfifo(root / "content" / "pipe.md")
    os.mkfifo(root / "templates.html")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(root / "content")
        listening.bind("s.md")
        os.chdir(here)
    assert [(p.path, p.rule) for p in load_sources(root).problems] == [
        ("content/pipe.md", "unreadable"),
        ("content/s.md", "unreadable"),
    ]
    done = run_cli("build", "--root", str(root), "--quiet")
    assert done.returncode == 1
    assert "neither a file nor a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_in_place_of_config_is_refused(make_site: MakeSite) -> None:
    root = make_site({"content/index.md": GOOD})
    (root / "config.yaml").rename(root.parent / "c.yaml")
    (root / "config.yaml").symlink_to(root.parent / "c.yaml")
    assert "link-on-disk" in {p.rule for p in load_sources(root).problems}


def test_folders_of_any_depth_are_answered(make_site: MakeSite) -> None:
    root = make_site({"content/index.md": GOOD, "content/" + "d/" * 300 + "a.md": GOOD})
    assert [p.rule for p in load_sources(root).problems] == ["unreadable"]


@pytest.mark.parametrize(
    "path", ["content/a.markdown", "content/a.MD", "content/facts.yml", "content/tools/a.yml",
             "content/facts.YAML", "config.yml"],
)  # fmt: skip
def test_what_was_meant_to_be_read_is_never_left_out_quietly(
    path: str, make_site: MakeSite
) -> None:
    made = build(make_site({"content/index.md": GOOD, path: GOOD}))
    assert [p.path for p in made.problems if p.severity == "error"] == [path]


@pytest.mark.parametrize("name", ["a\nb.md", "a\tb.md", "a\x1b]0;x\x07.md", "a\u202eb.md"])
def test_names_of_files_hide_nothing(name: str, make_site: MakeSite) -> None:
    root = make_site({"content/index.md": GOOD, f"content/{name}": GOOD})
    (found,) = load_sources(root).problems
    assert found.rule == "control-character"
    for shown in (format_github([found]), format_text([found], lambda _: ())):
        assert "control character U+" in shown
        assert not set("\x1b\x07\t\u202e") & set(shown)


NASTY = st.text(
    st.sampled_from("aAéE\u0301/\\.%2eß\u200b\uff0e\uff0f \x00_-~ıİſK½con1²"), max_size=9
)
ALIKE = st.sampled_from("strasse straße σ ς ss ß ﬀ ff é e\u0301 ı i ǆ ǅ".split())
PARTS = st.lists(ALIKE | NASTY | st.text(max_size=5), min_size=1, max_size=3).map("/".join)


@given(st.lists(st.tuples(PARTS, PARTS), min_size=2, max_size=5))
def test_any_addresses_are_inside_and_each_is_given_once(pairs: list[tuple[str, str]]) -> None:
    """Of pages and of old addresses, however they are spelt; for every kind of computer."""
    lines = [
        "".join(f"\\U{ord(c):08X}" for c in f"/{part}/" if not "\ud800" <= c <= "\udfff")
        for pair in pairs
        for part in pair
    ]
    pages = {
        f"content/p{n}.md": f'---\ntitle: T\nurl: "{url}"\naliases: ["{alias}"]\n---\n'
        for n, (url, alias) in enumerate(zip(lines[::2], lines[1::2], strict=True))
    }
    inputs = site_of({**pages})
    site, _, _ = put_together(inputs)
    all_given = [place.page.address for place in site.pages] + [to.old for to in site.redirects]
    files = [urls.output_path(address) for address in all_given]
    for file in files:
        assert os.path.normpath(file) == file
        assert not file.startswith(("/", "../"))
        assert file.isprintable()
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        names = {unicodedata.normalize(form, file).casefold() for file in files}
        assert len(names) == len(files)
        assert not {name for name in names if any(other.startswith(f"{name}/") for other in names)}


LONG = page_file.MAX_LINE_LENGTH
LINES = [
    ("a" * (LONG + 1), True),
    ("a " * (LONG // 2), False),
    ("| a |" + " " * LONG, False),
    ("| a |" * (page_file.MAX_TABLE_ROW_LENGTH // 5 + 1), True),
    ("``` " + " " * 20_000, True),
    ("![x](data:image/png;base64," + "A" * 20_000 + ")", True),
]


@pytest.mark.parametrize(("line", "told"), LINES)
def test_a_line_has_an_end(line: str, told: bool) -> None:  # noqa: FBT001
    page, problems = page_file.parse_page(
        file_of("content/a.md", f"{TEXT}\n{line}\nEnd.\n".encode()), Config("S")
    )
    assert [(p.rule, p.line) for p in problems] == ([("too-large", 7)] if told else [])
    assert page.body.endswith("End.\n")


def test_front_matter_and_aliases_have_an_end() -> None:
    front = "".join(f"# {'x' * 90}\n" for _ in range(900))
    must_tell({"content/a.md": f"---\n{front}title: T\n---\n"}, "content/a.md:1 front matter")
    aliases = ", ".join(f"/{n}/" for n in range(101))
    must_tell(
        {"content/a.md": f"---\ntitle: T\naliases: [{aliases}]\n---\n"},
        "content/a.md:3 100 is the most",
    )


SHAPES = {
    "a heading and spaces": "# a" + " " * 9_000 + "b",
    "a heading of signs": "# a" + " #" * 4_900,
    "a heading of stars": "# " + "*a " * 3_300,
    "a heading of brackets": "# " + "[" * 9_900,
    "empty lines": "\n" * 500_000,
    "spaces": " \n" * 250_000,
    "lines of three": "---\n" * 120_000,
    "spaces, then lines": " \n" * 100_000 + "---\n" * 50_000,
    "hidden signs": "\u00ad" * 80_000,
    "hidden signs in lines": "\x01\n" * 100_000,
    "lost signs": "Ã©\n" * 100_000,
    "half lost signs": "â€" * 80_000,
    "merge marks": "<<<<<<< a\n" * 50_000,
    "joiners": "\u200d" * 160_000,
    "bytes": "\xff" * 250_000,
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_the_largest_page_of_any_shape_is_read_at_once(text: str) -> None:
    """Reading alone; what Markdown costs is bounded after it."""
    started = time.process_time()
    _, problems = page_file.parse_page(file_of("content/a.md", text.encode()), Config("S"))
    assert time.process_time() - started < HANGS  # half a second; minutes if it grew as a square
    assert len(problems) < 1000


def test_many_mistakes_are_told_in_part_and_none_is_lost() -> None:
    found = [problem("block", "content/a.md", f"x{n}", line=n) for n in range(1, 100_001)]
    found += [problem("block", "content/b.md", "y", line=1)]
    settled = apply_severities(found, {})
    assert len(settled) == MAX_REPORTED + 2
    assert settled[MAX_REPORTED].message == "and 99800 more"
    assert has_errors(settled)


def test_what_is_quoted_is_cut_and_can_be_seen() -> None:
    found = problem("block", "content/a.md", "'" + "x" * 100_000 + "\x1b\u202e'", hint="h" * 9_999)
    assert len(found.message) < 700
    assert len(found.hint) < 700
    assert found.message.endswith("xU+001BU+202E'")
