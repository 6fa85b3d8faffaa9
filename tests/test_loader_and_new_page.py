"""What is read from a folder, what stays home; and how a new page is started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import MakeSite, build, said
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.cli.new_page import CreatePageError, create_page
from sitebuilder.content.loader import load_sources
from sitebuilder.content.page_file import parse_page
from sitebuilder.core.config import Config

PAGE = "---\ntitle: T\n---\n"


def test_what_may_not_be_published_stays_home_and_is_told(make_site: MakeSite) -> None:
    root = make_site(
        {
            "content/a.md": PAGE,
            "content/b.MD": PAGE,
            "content/c.docx": "x",
            "content/.env": "SECRET=1",
            "content/.git/config": "x",
            "content/pic.PNG": "x",
            "static/notes.md": "x",
            "static/id_rsa": "x",
            "static/.well-known/security.txt": "x",
            "templates/page.html~": "x",
        }
    )
    inputs = load_sources(root)
    assert [f.path for f in inputs.pages] == ["content/a.md"]
    assert [f.path for f in inputs.page_files] == ["content/pic.PNG"]
    assert [f.path for f in inputs.static] == ["static/.well-known/security.txt"]
    assert sorted((p.path, p.rule) for p in inputs.problems) == [
        ("content/b.MD", "unreadable"),
        ("content/c.docx", "file-type"),
        ("static/id_rsa", "file-type"),
        ("static/notes.md", "file-type"),
    ]


def test_links_on_disk_are_not_followed(make_site: MakeSite, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    root = make_site({"content/a.md": PAGE})
    (root / "content" / "leak.txt").symlink_to(tmp_path / "secret.txt")
    (root / "content" / "folder").symlink_to(tmp_path)
    (root / "content" / "nowhere.md").symlink_to(tmp_path / "nothing")
    inputs = load_sources(root)
    assert [p.path for p in inputs.problems if p.rule == "link-on-disk"] == [
        "content/folder",
        "content/leak.txt",
        "content/nowhere.md",
    ]
    assert inputs.page_files == ()


def test_names_in_another_encoding_are_told_and_harm_nothing(make_site: MakeSite) -> None:
    root = make_site({"content/a.md": PAGE})
    Path(os.fsdecode(os.fsencode(root) + b"/content/d\xe9")).mkdir()
    for name in (b"caf\xe9.md", b"d\xe9/x.md", b"\xff.png"):
        Path(os.fsdecode(os.fsencode(root) + b"/content/" + name)).write_text(PAGE)
    made = build(root)
    assert [line for line in said(made) if "encoding" in line] == [
        "content/caf\ufffd.md:0 encoding",
        "content/d\ufffd:0 encoding",
        "content/\ufffd.png:0 encoding",
    ]
    assert [page.id for page in made.pages] == ["a", "index"]


def test_a_new_page_is_a_draft_that_builds(make_site: MakeSite) -> None:
    root = make_site({"content/index.md": PAGE})
    assert create_page(root, "/after/surgery/", "") == "content/after/surgery.md"
    assert create_page(root, "tools/check-list", 'Say "no": a #1 title') == (
        "content/tools/check-list.md"
    )
    made = build(root, preview=True)
    assert [(p.id, p.state) for p in made.pages if p.state == "draft"] == [
        ("after/surgery", "draft"),
        ("tools/check-list", "draft"),
    ]
    assert not [p for p in made.problems if p.severity == "error"]


@pytest.mark.parametrize("address", ["index", "index.md", "a", "/a/", "A.md", "b", "b/index"])
def test_a_new_page_takes_nobodys_place(make_site: MakeSite, address: str) -> None:
    root = make_site({f"content/{name}.md": PAGE for name in ("index", "a", "b/index")})
    before = sorted(root.rglob("*"))
    with pytest.raises(CreatePageError):
        create_page(root, address, "")
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("address", ["", "/", "../x", "con", "★", "a" * 101, "x/.md", "f/x"])
def test_a_new_page_stays_in_content(make_site: MakeSite, address: str) -> None:
    root = make_site({"content/index.md": PAGE, "content/f": "a file"})
    before = sorted(root.parent.rglob("*"))
    with pytest.raises(CreatePageError):
        create_page(root, address, "")
    assert sorted(root.parent.rglob("*")) == before


@given(
    st.text(max_size=30) | st.sampled_from(["null", "~", "no", "12", "- a", "<<", "é: 'x'", "%"])
)
def test_the_title_of_a_new_page_reads_back(
    tmp_path_factory: pytest.TempPathFactory, title: str
) -> None:
    root = tmp_path_factory.mktemp("new")
    try:
        create_page(root, "a", title)
    except CreatePageError:
        return
    (file,) = load_sources(root).pages
    page, problems = parse_page(file, Config("S"))
    assert [p for p in problems if p.rule != "lost-character"] == [], "some titles look like one"
    words = " ".join(title.split()) or "a"
    assert page.title == words[:1].upper() + words[1:]


def test_the_home_page_can_be_started_too(make_site: MakeSite) -> None:
    root = make_site({"content/a.md": PAGE})
    assert create_page(root, "index", "Welcome") == "content/index.md"
    assert [f.path for f in load_sources(root).pages] == ["content/a.md", "content/index.md"]
