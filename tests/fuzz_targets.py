"""What is fuzzed: each kind takes bytes, gives what the program said of them and what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import test_images
from conftest import PROJECT, TODAY
from jinja2.bccache import Bucket, BytecodeCache
from msgspec.structs import replace

from sitebuilder.assets.clean import CLEANERS
from sitebuilder.assets.limits import UnsafeFileError
from sitebuilder.build.load_pages import load_page
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.build.routes import RouteTable
from sitebuilder.content import yaml as yaml_strict
from sitebuilder.content.config_file import parse_config
from sitebuilder.content.loader import load_sources
from sitebuilder.core import urls
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import ConvertedBody, File, Sources
from sitebuilder.core.problems import Problem
from sitebuilder.markdown.convert import convert_page
from sitebuilder.render import renderer as rendering
from sitebuilder.render.sandbox import Sandbox
from sitebuilder.render.templates import check_templates, make_environment

Said = tuple[frozenset[str], str]
Target = Callable[[bytes], Said]

FRONT = b"---\ntitle: Some page\ndescription: About it.\n---\n"
CONFIG = b"name: Some site\nurl: https://clinic.org/\n"
OURS = load_sources(PROJECT)
DATA = {file.path: file for file in OURS.data}


def file(path: str, data: bytes) -> File:
    return File(path, content_digest(data), "/nowhere", data)


SMALL = Sources(
    config=file("config.yaml", CONFIG),
    pages=(file("content/index.md", FRONT + b"Words.\n"), file("content/b.md", FRONT + b"More.\n")),
    page_files=(),
    templates=OURS.templates,
    static=(
        *(f for f in OURS.static if not f.path.endswith((".css", ".json"))),
        *(file(f"static/inline/{name}.css", b"a { color: red }") for name in ("site", "tool")),
    ),
)


# -- made once -------------------------------------------------------------------------------------


class Compiled(BytecodeCache):
    """Our own templates compiled once for all tries: else most of the time would go there."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()
SOUND = {f.path.removeprefix("templates/"): f.data.decode() for f in OURS.templates}
environment_of, template_problems = make_environment, check_templates


def quick_environment(templates: Mapping[str, str]) -> Sandbox:
    environment = environment_of(templates)
    if templates == SOUND:
        environment.bytecode_cache = COMPILED
    return environment


def quick_problems(
    environment: Sandbox, templates: Mapping[str, str], unreadable: Collection[str]
) -> tuple[Problem, ...]:
    return () if templates == SOUND else template_problems(environment, templates, unreadable)


rendering.make_environment = quick_environment  # type: ignore[attr-defined]  # patched
rendering.check_templates = quick_problems  # type: ignore[attr-defined]  # patched


# -- what is wrong ---------------------------------------------------------------------------------


ELEMENTS = set("script iframe object embed applet base form frame link meta style svg math".split())
LEADING = set("href src action formaction data poster srcset xlink:href background".split())


class Risky(HTMLParser):
    """What in a page could run script, or send something somewhere, as short names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.words: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = " ".join(sorted({name for name, _ in attrs}))
        if tag in ELEMENTS:
            self.found.add(f"<{tag} {names}>")
        for name, value in attrs:
            self.count(value or "")
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.found.add(f"{tag} {name}")
            target = re.sub(r"^[\x00-\x20]+|[\t\r\n]", "", value or "").lower()  # as browsers do
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", target)
            if name in LEADING and scheme and scheme[1] not in {"https", "http", "mailto", "tel"}:
                self.found.add(f"{tag} {name}={scheme[1]}:")

    def handle_data(self, data: str) -> None:
        self.count(data)

    def count(self, text: str) -> None:
        self.words.update(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


def read_again(pages: Iterable[str]) -> Risky:
    risky = Risky()
    for page in pages:
        risky.feed(page)
    risky.close()
    return risky


def built(inputs: Sources) -> tuple[Build, set[str]]:
    build = build_site(inputs, TODAY)
    pages = [o.load().decode() for o in build.outputs if o.path.endswith(".html")]
    return build, read_again(pages).found


USUAL = built(SMALL)[1] | built(replace(SMALL, config=file("config.yaml", CONFIG[:16])))[1]
"""What a page has by itself: the data for search engines, the policy."""


def sorts(problems: Iterable[Problem]) -> frozenset[str]:
    """Problems without the words that come from the input."""
    theirs = re.compile(r"'[^']*'|[0-9]+|[^ -~]")
    return frozenset(f"{p.rule} {theirs.sub('', p.message)[:60]}" for p in problems)


def fault_of(problems: Iterable[Problem], last: int, path: str) -> str:
    for p in problems:
        if not (p.message and p.path):
            return f"a problem says nothing: {p}"
        if p.path == path and not 0 <= p.line <= last:
            return f"a problem lies outside of its file: {p.rule} line {p.line} of {last}"
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", p.message + p.hint):
            return f"a problem's text holds a control character: {p.rule} {p.message!r}"
    return ""


def whole(inputs: Sources, changed: File, usual: set[str]) -> Said:
    """Build a site with one changed file in it."""
    build, found = built(inputs)
    wrong = fault_of(build.problems, lines_in(changed.data), changed.path)
    is_good = all(p.severity != "error" for p in build.problems)
    if found - usual and is_good:
        wrong = f"could run script: {sorted(found - usual)}"
    outside = [o.path for o in build.outputs if is_outside(o.path)]
    return sorts(build.problems), f"outside of the site: {outside}" if outside else wrong


def lines_in(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") + 1


def is_outside(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or bool({"..", "\0"} & set(PurePosixPath(path).parts))


# -- targets ---------------------------------------------------------------------------------------


def page(data: bytes) -> Said:
    changed = file("content/x.md", data)
    return whole(replace(SMALL, pages=(*SMALL.pages, changed)), changed, USUAL)


def config(data: bytes) -> Said:
    changed = file("config.yaml", data)
    return whole(replace(SMALL, config=changed), changed, USUAL)


def data_file(data: bytes) -> Said:
    """One of the data files, named by the first line, beside our own others."""
    name, _, data = data.partition(b"\n")
    path = name.decode("utf-8", "replace")
    changed = file(path if path in DATA else "content/facts.yaml", data)
    others = [f for f in DATA.values() if f.path != changed.path and "/tools/" not in f.path]
    return whole(replace(SMALL, data=(*others, changed)), changed, USUAL)


def tool(data: bytes) -> Said:
    changed = file("content/tools/x.yaml", data)
    others = [f for f in DATA.values() if "/tools/" not in f.path or "safety" in f.path]
    return whole(replace(SMALL, data=(*others, changed)), changed, OF_TOOLS)


def review(data: bytes) -> Said:
    changed = file("reviews/b.yaml", data)
    people = (DATA["content/reviewers.yaml"],)
    return whole(replace(SMALL, reviews=(changed,), data=people), changed, USUAL)


def template(data: bytes) -> Said:
    changed = file("templates/page.html", data)
    others = tuple(f for f in OURS.templates if f.path != changed.path)
    build = build_site(replace(SMALL, templates=(*others, changed), custom_templates=True), TODAY)
    return sorts(build.problems), fault_of(build.problems, lines_in(data), changed.path)


def published(data: bytes) -> Said:
    """A picture, drawing, sheet or document; the first line is the ending of its name."""
    ending, _, data = data.partition(b"\n")
    clean = CLEANERS.get(ending.decode("latin-1"))
    if clean is None:
        return frozenset(), ""
    try:
        cleaned, notes = clean(data)
    except UnsafeFileError as refused:
        words = re.sub(r"[^a-z ]", "", str(refused)[:40])
        return frozenset({f"{ending!r} {words}"}), "" if str(refused) else "refused without a word"
    if clean(cleaned)[0] != cleaned:
        return frozenset(), f"{ending.decode()}: cleaned again it is not the same"
    found = read_again([cleaned.decode("utf-8", "replace")]).found if ending == b"svg" else set()
    bad = {f for f in found if not f.startswith(("<svg", "<style")) and not f.endswith(" style")}
    return frozenset(notes), f"could run script: {sorted(bad)}" if bad else ""


def yaml(data: bytes) -> Said:
    text = data.decode("utf-8", "replace")
    _, problems = yaml_strict.parse_yaml(text, "x.yaml", 3)
    return sorts(problems), fault_of(problems, text.count("\n") + 3, "x.yaml")


def body(data: bytes) -> Said:
    """The body of a page, converted: allowed parts only, and no word lost without a problem."""
    changed = file("content/x.md", FRONT + data)
    parsed, problems = load_page(changed, PLAIN)
    result, found = convert_page(parsed)
    problems = [*problems, *found]
    risky = read_again(strings(result))
    wrong = fault_of(problems, lines_in(changed.data), changed.path)
    if risky.found:
        wrong = f"could run script: {sorted(risky.found)}"
    missing = letters(parsed.body) - risky.words
    if missing and not problems and not wrong:
        wrong = f"lost without a problem [{''.join(missing)[:60]}]"
    return sorts(problems), wrong


def strings(body: ConvertedBody) -> Iterable[str]:
    yield body.sources
    todo = list(body.parts)
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            yield part
        else:
            yield part.title
            yield from (part.fields or {}).values()
            todo += (*part.parts, *part.items)


NOT_WORDS = re.compile(
    r"^[ >\t]*(?:[-*+] )*\d+[.)](?=\s)|^ *(?:>|:::|```|~~~).*$|^ *\*?\[[^\]]*\]:.*$|\[\^[^\]]*\]|"
    r"\]\([^)]*\)|\]\s?\[[^\]]*\]|\{[^}]*\}|&#?\w+;?|:-+:?",
    re.MULTILINE,
)


def letters(source: str) -> Counter[str]:
    """Letters and digits of Markdown that surely belong to its words."""
    plain = NOT_WORDS.sub("", source)
    if re.search(r":::|\n {4}|\t|[<\\]|^[a-z-]+: |\]:", source, re.MULTILINE):
        return Counter()  # too hard to tell here; the property of what is kept looks closer
    return Counter(c for c in unicodedata.normalize("NFC", unescape(plain)) if c.isalnum())


def address(data: bytes) -> Said:
    name = data.decode("utf-8", "replace")
    made, why = urls.url_for_file(name + ".md")
    registry = RouteTable()
    for one in (made, name, "/" + name):
        if registry.claim(one, "content/x.md") and is_outside(urls.output_path(one)):
            return frozenset(), f"outside of the site: {one!r}"
    said = frozenset(re.sub(r"'[^']*'|[0-9]+", "", p.message)[-30:] for p in registry.problems)
    return said | {re.sub(r"'.*'", "", why)}, ""


PLAIN = parse_config(SMALL.config, None)[0]
TARGETS: dict[str, Target] = {
    "page": page, "body": body, "config": config, "data": data_file, "tool": tool,
    "review": review, "template": template, "published": published, "yaml": yaml,
    "address": address,
}  # fmt: skip
TOOL = DATA["content/tools/get-ready.yaml"].data
OF_TOOLS = USUAL | built(replace(SMALL, data=tuple(DATA.values())))[1]


# -- what is changed -------------------------------------------------------------------------------


def _bytes(*patterns: str) -> list[bytes]:
    found = [path for pattern in patterns for path in sorted(PROJECT.glob(pattern))]
    return [path.read_bytes() for path in found if path.is_file() and path.stat().st_size < 200_000]


def _published() -> list[bytes]:
    files = [p for p in sorted(PROJECT.glob("static/**/*")) if p.suffix[1:] in CLEANERS]
    files += sorted((PROJECT / "tests/bad-inputs/assets").iterdir())
    made = [(p.suffix[1:], p.read_bytes()) for p in files]
    made += [*test_images.PLAIN.items(), ("avif", test_images.avif())]
    made += [(ending, data) for _, (ending, data, _) in sorted(test_images.BROKEN.items())]
    return [ending.encode() + b"\n" + data for ending, data in made]


def corpus() -> dict[str, list[bytes]]:
    """Inputs to begin with, by kind."""
    bad = "tests/bad-inputs"
    pages = _bytes("content/**/*.md", f"{bad}/**/*.md")
    sites = [path.read_text() for path in sorted((PROJECT / "tests/sites").glob("*.txt"))]
    pages += [
        p.encode() for text in sites for p in re.split(r"^-- .* --\n", text, flags=re.MULTILINE)[1:]
    ]
    bodies = [p.partition(b"\n---\n")[2] or p for p in pages]
    settings = _bytes("config.yaml", f"{bad}/config/*")
    tools = [
        TOOL,
        *_bytes(f"{bad}/tools/*"),
        *(f.data for f in DATA.values() if "/tools/" in f.path),
    ]
    record = (
        "page: b\nrecords:\n- kind: full\n  on: 2026-11-01\n  by: someone\n  name: A\n  role: B\n"
        "  digest: 00\n"
    )
    return {
        "page": pages,
        "body": bodies,
        "config": settings,
        "data": [f.path.encode() + b"\n" + f.data for f in DATA.values()],
        "tool": tools,
        "review": [record.encode(), *_bytes("reviews/*")],
        "template": _bytes("templates/*.html", f"{bad}/templates/*"),
        "published": _published(),
        "yaml": [*settings, *tools, *(f.data for f in DATA.values())],
        "address": [
            b"a/b",
            "größe".encode(),
            b"/con/",
            b"..",
            b"/x/%2e%2e/",
            "\uff21\uff0f\uff0e\uff0e".encode(),
        ],
    }


def kind_of_file(path: Path) -> tuple[str, bytes]:
    """A saved finding: its kind stands in the first line."""
    kind, _, data = path.read_bytes().partition(b"\n")
    return kind.decode(), data
