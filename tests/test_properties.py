"""What holds for every site: a build answers, loses no page, and is a function of what it read."""

from __future__ import annotations

import random

import msgspec
import pytest
from conftest import PROJECT, TODAY
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.clinical.library import DATA_PATHS
from sitebuilder.content.loader import load_sources
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import File, Sources
from sitebuilder.core.problems import ADVICE, ERROR, RULES, WARNING

pytestmark = pytest.mark.slow

EMPTY = msgspec.structs.replace(
    load_sources(PROJECT), pages=(), page_files=(), data=(), reviews=(), problems=()
)


def file_of(path: str, data: bytes) -> File:
    return File(path, content_digest(data), "/nowhere", data)


def inputs_of(pages: dict[str, bytes], config: bytes = b"name: S\n", **templates: bytes) -> Sources:
    changed = {f"templates/{name}.html": data for name, data in templates.items()}
    kept = (t for t in EMPTY.templates if t.path not in changed)
    return msgspec.structs.replace(
        EMPTY,
        config=file_of("config.yaml", config),
        pages=tuple(file_of(path, data) for path, data in sorted(pages.items())),
        templates=(*kept, *(file_of(path, data) for path, data in changed.items())),
    )


def outputs_of(build: Build) -> dict[str, bytes]:
    return {output.path: output.load() for output in build.outputs}


def answered(inputs: Sources) -> Build:
    """A build whose problems are all in order: a known rule, a place inside a file, in order."""
    build = build_site(inputs, TODAY)
    files = (*inputs.pages, *inputs.templates, *inputs.data, *inputs.reviews)
    lengths = {f.path: f.read_text_bytes().count(b"\n") + 1 for f in files}
    if inputs.config:
        lengths["config.yaml"] = inputs.config.data.count(b"\n") + 1
    for found in build.problems:
        assert found.rule in RULES
        assert found.severity in {ERROR, WARNING, ADVICE}
        assert found.message
        assert 0 <= found.line <= lengths.get(found.path, 1), found
        assert found.column >= 0
    assert list(build.problems) == sorted(set(build.problems))
    return build


PAGE_BITS = st.sampled_from(
    "---\n|title: T\n|title: A: b\n|draft: true\n|order: x\n|url: /x/\n|aliases: [/y/]\n|&a|*a|'"
    '|date: 2030-01-01\n|"|- |: |\t|{|}|# H\n|\n|\n\n|::: do\n|:::\n|[a](b.md)|[^1]|<b>|`|```\n'
    "|é|\x00|\r\n|<<<<<<< x\n|{{ x }}|&#57344;B0&#57345;|\ufeff|\u2028|\x85| ".split("|")
)
ANY_BYTES = st.binary(max_size=80) | st.text(max_size=80).map(lambda t: t.encode(errors="replace"))
ANY_PAGE = ANY_BYTES | st.lists(PAGE_BITS, max_size=16).map("".join).map(str.encode)


@given(ANY_PAGE)
@example(b"---\ntitle: T\n---\n::: steps\n***\n:::\n")
@example(b"---\ntitle: \xff\n---\n")
@settings(max_examples=40)
def test_any_bytes_as_a_page_are_answered(data: bytes) -> None:
    build = answered(inputs_of({"content/a.md": data}))
    assert {page.id for page in build.pages} >= {"index"}


CONFIG_BITS = st.sampled_from(
    "name: S\n|url: https://x.org/b\n|url: x\n|lang: no\n|output: ..\n|nav:\n|  - a\n|clinic:\n"
    "|  - page: a\n|  phone: 1\n|checks:\n|  heading: off\n|  yaml: off\n|release: true\n|&a|*a"
    "|: |'|[|]|\t|- |\n|{|}|é|\x00|guide: [a, a]\n|help_page: a\n|review: clinical\n|footer: a\n"
    "|\u2028".split("|")
)


@given(ANY_BYTES | st.lists(CONFIG_BITS, max_size=10).map("".join).map(str.encode))
@settings(max_examples=40)
def test_any_bytes_as_config_are_answered(data: bytes) -> None:
    answered(inputs_of({"content/a.md": b"# A\n"}, data))


TEMPLATE_BITS = st.sampled_from(
    "{{|}}|{%|%}|{#|#}| page.title | page.x | site | if page | endif | for x in site.nav | endfor |"
    " block main | endblock | extends 'base.html' | include 'mine.html' | set a = 1 | a | 'x' | ()|"
    "\n|<b>|| loop.index | macro m(a) | endmacro | m(1) | super() |é|[0]|.b| ~ ".split("|")
)


@given(ANY_BYTES | st.lists(TEMPLATE_BITS, max_size=10).map("".join).map(str.encode))
@settings(max_examples=30)
def test_any_bytes_as_a_template_are_answered(data: bytes) -> None:
    page = b"---\ntitle: T\ntemplate: mine\n---\n"
    answered(inputs_of({"content/a.md": page}, mine=data))


DATA_BITS = st.sampled_from(
    "a:\n|  sentence: {figure} x.\n|  value: 9\n|  value: [1, 2]\n|  of: 100\n|  sources: [b]\n|"
    "  grade: study\n|  title: B\n|  source: C\n|  kind: study\n|  read: full\n|  term: lamina\n|"
    "  means: bone\n|  also: [a, A]\n|signs:\n|lists:\n|  s:\n|    tier: emergency\n|    text: T\n|"
    "    groups:\n|      - signs: [s]\n|  name: N\n|  role: R\n|page: a\n|signed:\n|  - by: a\n|"
    "    on: 2026-01-01\n|- |: |'|[|]|{|}|\t|é|\x00|&a|*a|b:\n|  url: javascript:x\n".split("|")
)
DATA_PAGE = b"""---
title: T
review: clinical
---
{fact a} {short a} {value a} {no-claim 3 weeks | why} {fact} lamina[^b]

::: emergency
signs: s
:::

::: chance T {value a}
fact: a
:::

::: glossary
:::

::: references
:::

::: facts
:::
"""


@given(
    st.sampled_from([*DATA_PATHS, "content/other.yaml", "reviews/a.yaml", "reviews/a.txt"]),
    ANY_BYTES | st.lists(DATA_BITS, max_size=14).map("".join).map(str.encode),
)
@settings(max_examples=80)
def test_any_bytes_as_data_are_answered(path: str, data: bytes) -> None:
    """Also by the pages that draw on them: every list, card and drawing is asked for."""
    file = (file_of(path, data),)
    inputs = inputs_of({"content/a.md": DATA_PAGE})
    where = {"reviews": file} if path.startswith("reviews/") else {"data": file}
    build = answered(msgspec.structs.replace(inputs, **where))
    assert "a/index.html" in outputs_of(build)


# -- any mix of pages -----------------------------------------------------------------------------

NAMES = st.lists(st.sampled_from("a b c-d Größe index 脊椎 x1".split()), min_size=1, max_size=3)
PAGES = st.dictionaries(
    NAMES.map(lambda parts: f"content/{'/'.join(parts)}.md"),
    st.builds(
        lambda draft, order, body: (
            f"---\ntitle: T{order}\ndraft: {draft}\norder: {order}\n---\n{body}\n".encode()
        ),
        st.sampled_from(["true", "false"]),
        st.integers(-9, 9),
        st.sampled_from(["", "Words.", "## H\n\n::: do\n- a\n- b\n:::", "[x](/a/)"]),
    ),
    max_size=7,
)


@given(PAGES)
@settings(max_examples=25)
def test_pages_in_are_pages_out_and_drafts(pages: dict[str, bytes]) -> None:
    build = answered(inputs_of(pages))
    rules = {found.rule for found in build.problems}
    assume("address-taken" not in rules)
    written = [page for page in build.pages if not page.path.endswith("/")]
    assert sorted(page.path for page in written) == sorted(pages)
    drafts = {path for path, data in pages.items() if b"draft: true" in data}
    assert {page.path for page in written if page.state == "draft"} == drafts
    html = {path for path in outputs_of(build) if path.endswith(".html")}
    assert len(html) == sum(page.state != "draft" for page in build.pages) + 1  # and 404.html
    assert not any(b"title: T" in data for data in outputs_of(build).values())


@given(PAGES, st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_files_changes_nothing(pages: dict[str, bytes], chance: random.Random) -> None:
    inputs = inputs_of(pages)
    shuffled = list(inputs.pages)
    chance.shuffle(shuffled)
    first = build_site(inputs, TODAY)
    second = build_site(msgspec.structs.replace(inputs, pages=tuple(shuffled)), TODAY)
    assume("address-taken" not in {found.rule for found in first.problems})
    assert outputs_of(first) == outputs_of(second)


@given(PAGES)
@settings(max_examples=15)
def test_a_build_is_a_function_of_what_it_read(pages: dict[str, bytes]) -> None:
    config = b"name: S\nurl: https://x.org/b/\n"
    first, second = (build_site(inputs_of(pages, config), TODAY) for _ in range(2))
    assert outputs_of(first) == outputs_of(second)
    assert (first.problems, first.pages) == (second.problems, second.pages)
    assert {o.path: o.digest for o in first.outputs} == {o.path: o.digest for o in second.outputs}
    assert all(content_digest(data) for data in outputs_of(first).values())


@pytest.mark.process
@pytest.mark.parametrize("jobs", [2])
def test_several_processes_make_the_same_bytes(jobs: int) -> None:
    pages = {
        f"content/p{n}.md": f"# Page {n}\n\n::: do\n- a\n- b\n:::\n".encode() for n in range(5)
    }
    one, many = (build_site(inputs_of(pages), TODAY, jobs=n) for n in (1, jobs))
    assert outputs_of(one) == outputs_of(many)
    assert one.problems == many.problems
