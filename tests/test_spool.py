"""What waits on a spool comes back as it was, and a site of many words takes no more memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from conftest import MakeSite, build
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.build import page_bodies, render_pages
from sitebuilder.content import loader
from sitebuilder.content.stat_cache import StatCache
from sitebuilder.core.spool import Spool

PARTS = (page_bodies, render_pages, loader)


@given(st.lists(st.binary(max_size=40)), st.integers(0, 200))
def test_what_was_added_comes_back(parts: list[bytes], in_memory: int) -> None:
    spool = Spool(in_memory)
    loads = [spool.add(part) for part in parts]
    assert [load() for load in reversed(loads)] == parts[::-1]
    assert [load() for load in loads] == parts, "more than once"


@pytest.fixture
def many(make_site: MakeSite) -> Path:
    pages = {f"content/p{n}.md": f"---\ntitle: P{n}\n---\n\n{'Words. ' * 400}" for n in range(120)}
    return make_site({"config.yaml": "name: Some site\n", **pages})


def in_files(patch: pytest.MonkeyPatch) -> None:
    for part in PARTS:
        patch.setattr(part, "_MAX_MEMORY", 0)


def test_a_site_too_large_for_memory_is_the_same(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = {output.path: output.load() for output in build(many).outputs}
    in_files(monkeypatch)
    assert {output.path: output.load() for output in build(many).outputs} == was
    assert len(was) > 120


def test_a_file_kept_in_memory_or_in_a_file_is_the_same_file(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = loader.load_sources(many, StatCache())
    in_files(monkeypatch)
    assert loader.load_sources(many) == was
    page = many / "content/p1.md"
    page.write_text(page.read_text() + "More.")
    assert loader.load_sources(many) != was


def held_by(root: Path) -> int:
    """Bytes that a build holds at most."""
    tracemalloc.start()
    try:
        made = build(root)
        _, held = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(made.outputs) > 120
    return held


def test_words_take_no_memory_once_they_wait_in_a_file(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_files(monkeypatch)
    build(many)  # what is loaded once
    few = held_by(many)
    more = 0
    for page in (many / "content").glob("*.md"):
        page.write_text(page.read_text() + "\n\nWords of one page." * 300)
        more += 300 * len("\n\nWords of one page.")
    # Any one of sources, bodies and finished pages, held, is `more` at least; beside them there is
    # what one page needs while it is made.
    assert held_by(many) - few < more * 0.75, "no words are held: not read, not parsed, not made"
