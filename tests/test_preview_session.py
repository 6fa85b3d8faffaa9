"""The preview keeps what it can from one save to the next, and shows what a clean build would.

The edits of `test_incremental`, in any order, with the preview's own memory in place of the disk's.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import msgspec
import pytest
from conftest import TODAY, write_site
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant
from modes import SOAK
from test_incremental import SEQUENCES, STEPS, Edits

from sitebuilder.build.pipeline import build_site
from sitebuilder.content import stat_cache as looked
from sitebuilder.content.loader import load_sources
from sitebuilder.content.stat_cache import StatCache
from sitebuilder.core.problems import has_errors
from sitebuilder.server.inotify import InotifyWatcher
from sitebuilder.server.session import PreviewBuild, Session

TICKS = 30_000_000
"""Nanoseconds: some ticks of a clock that the file systems of Linux use."""


def session_of(root: Path) -> Session:
    return Session(root, today=lambda: TODAY, jobs=1)


def is_stale(session: Session) -> bool:
    """Asked anew each time: a type checker takes a property for as it was."""
    return session.is_stale


def bytes_of(seen: PreviewBuild) -> dict[str, bytes]:
    return {path: load() for path, load in seen.files.items()}


class Saves(Edits):
    """A site, an editor, and a preview that runs all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.settled = looked.RACY_WINDOW_NS
        looked.RACY_WINDOW_NS = TICKS  # type: ignore[misc]  # Final: patched
        self.session = session_of(self.root)
        self.shown: PreviewBuild | None = None
        self.saves = 0

    def teardown(self) -> None:
        looked.RACY_WINDOW_NS = self.settled  # type: ignore[misc]  # Final: patched
        super().teardown()

    @invariant()
    def kept_equals_clean(self) -> None:
        if not (self.root / "content").exists():
            return
        session = self.session
        session.today, session.release = lambda: self.day, "--release" in self.flags
        session.url = self.flags[1] if "--url" in self.flags else None
        self.look()
        seen = self.session.build()
        clean = build_site(
            load_sources(self.root),
            self.day,
            url=session.url,
            release=session.release,
            preview=True,
        )
        assert seen.problems == clean.problems
        wrong = has_errors(clean.problems)
        files = {} if wrong else {output.path: output.load() for output in clean.outputs}
        assert bytes_of(seen) == files
        assert (seen.policy, seen.policies) == (clean.policy, clean.policies)
        assert (seen.headers, seen.base) == (clean.headers, clean.site.config.base)
        self.saves += 1
        if self.saves % 2:  # else the next build comes before there was time to rest
            self.session.save_record()

    def look(self) -> None:
        """At one page, if no more has changed since the last look; else at all."""
        now, was = load_sources(self.root), self.session.sources
        before = {page.path: page for page in was.pages} if was else {}
        others = [page for page in now.pages if before.get(page.path) != page]
        if was and len(others) == 1 and msgspec.structs.replace(was, pages=now.pages) == now:
            self.session.reload_page(others[0].location)
        if self.session.sources != now:
            self.session.scan()


Saves.TestCase.settings = settings(
    max_examples=SEQUENCES if SOAK else 3,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestSaves = Saves.TestCase


@pytest.fixture
def site(tmp_path: Path) -> Path:
    page = "---\ntitle: {0}\n---\nWords of {0}.\n"
    names = {f"content/{n}.md": page.format(n) for n in ("index", "one", "two")}
    return write_site(tmp_path / "site", names)


def test_a_save_of_one_body_makes_one_page_and_keeps_the_others(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(site)
    session.scan()
    before = session.build()
    session.save_record()
    monkeypatch.setattr(
        "sitebuilder.server.session.build_site", None
    )  # the whole story is not told
    with (site / "content/one.md").open("a") as stream:
        stream.write("More.\n")
    assert session.scan()
    assert is_stale(session)
    after = session.build()
    assert not is_stale(session)
    changed = {path for path, load in after.files.items() if load is not before.files[path]}
    assert changed == {"one/index.html"}
    assert b"More." in after.files["one/index.html"]()


def test_an_error_is_told_and_mending_it_is_still_a_small_step(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, one = session_of(site), site / "content/one.md"
    session.scan()
    good = bytes_of(session.build())
    session.save_record()
    monkeypatch.setattr("sitebuilder.server.session.build_site", None)
    text = one.read_text()
    one.write_text(text + "A [link](/nowhere/).\n")
    session.scan()
    wrong = session.build()
    assert [p.rule for p in wrong.problems if p.severity == "error"] == ["broken-link"]
    assert not wrong.files
    one.write_text(text)
    session.scan()
    assert bytes_of(session.build()) == good


def test_a_site_that_goes_and_comes_again(site: Path) -> None:
    session = session_of(site)
    session.scan()
    good = bytes_of(session.build())
    away = site.with_name("away")
    site.rename(away)
    assert session.scan()
    with pytest.raises(NotADirectoryError):
        session.build()
    assert not is_stale(session), "it is told once"
    away.rename(site)
    session.scan()
    assert is_stale(session)
    assert bytes_of(session.build()) == good


def test_a_file_is_read_again_only_if_it_may_have_changed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = StatCache()
    first, again = (load_sources(site, known).pages for _ in range(2))
    assert first == again
    assert not any(one is other for one, other in zip(first, again, strict=True)), "all are new"
    monkeypatch.setattr(looked, "RACY_WINDOW_NS", -(10**12))  # as if it were long after
    first, again = (load_sources(site, known).pages for _ in range(2))
    assert all(one is other for one, other in zip(first, again, strict=True))

    one = site / "content/one.md"
    was = one.stat()
    one.write_text(one.read_text().replace("Words", "Sword"))
    os.utime(one, ns=(was.st_atime_ns, was.st_mtime_ns))  # the same size, the same time of change
    (site / "content/two.md").unlink()
    (site / "content/three.md").write_text("---\ntitle: Three\n---\n")
    files = load_sources(site, known)
    assert files == load_sources(site)
    (site / "content/three.md").unlink()
    (site / "content/three.md").symlink_to(one)
    assert load_sources(site, known) == load_sources(site)


def test_one_page_is_read_again_without_a_look_at_all(tmp_path: Path) -> None:
    write_site(tmp_path, {"content/index.md": "---\ntitle: Home\n---\nWords.\n"})
    session, page = session_of(tmp_path), tmp_path / "content/index.md"
    assert not session.reload_page(str(page)), "before the first look nothing is known"
    session.scan()
    os.utime(page)
    assert not session.reload_page(str(page)), "saved as it was"
    page.write_text("---\ntitle: Home\n---\nSword.\n")
    assert session.reload_page(str(page))
    assert session.sources == load_sources(tmp_path)
    assert session.is_stale
    assert not session.reload_page(str(page))
    new = tmp_path / "content/new.md"
    new.write_text("---\ntitle: New\n---\n")
    assert not session.reload_page(str(new)), "who knows where it belongs"
    page.unlink()
    assert not session.reload_page(str(page))
    os.mkfifo(page)  # it would be waited for
    assert not session.reload_page(str(page))


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_the_watch_hears_of_every_kind_of_change_and_of_nothing_else(tmp_path: Path) -> None:
    root, other = tmp_path / "site", tmp_path / "other"
    (root / "content/part").mkdir(parents=True)
    other.mkdir()
    watch = InotifyWatcher(lambda: [root / "content", root / "static"], [root])

    def heard() -> dict[str, bool]:
        changes = watch.read_changes().items()
        return {name and Path(name).relative_to(root).as_posix(): new for name, new in changes}

    assert heard() == {}
    page = root / "content/part/page.md"
    page.write_text("Words.")
    assert heard() == {"content/part/page.md": True}
    page.read_text()
    list(os.scandir(root / "content"))
    assert heard() == {}, "reading is no change"
    with page.open("a") as stream:
        stream.write("More.")
        stream.flush()
        assert heard() == {}, "it is not whole yet"
    assert heard() == {"content/part/page.md": False}
    page.rename(page.with_suffix(".bak"))
    page.write_text("Saved as some editors do.")
    assert heard() == {"content/part/page.md": False, "content/part/page.bak": False}
    (other / "new.md").write_text("Words.")
    (other / "new.md").replace(page)
    assert heard() == {"content/part/page.md": False}
    page.unlink()
    assert heard() == {"content/part/page.md": False}

    (root / "content/a/b").mkdir(parents=True)
    assert "" in heard()
    (root / "content/a/b/deep.md").write_text("Words.")
    assert heard() == {"content/a/b/deep.md": True}
    (root / "content/a/b").rename(root / "content/a/c")
    assert "" in heard()
    (root / "content/a/c/deep.md").write_text("More.")
    assert heard() == {"content/a/c/deep.md": False}, "a folder has the name that it has now"
    (root / "content/a/c").rename(root / "content/a/b")
    assert "" in heard()
    shutil.copytree(root / "content", root / "static")
    assert "" in heard(), "a source folder that was not there"
    (root / "static/a/b/c.css").write_text("Words.")
    assert heard() == {"static/a/b/c.css": True}
    (root / "config.yaml").write_text("name: Some site\n")
    assert heard() == {"config.yaml": True}
    shutil.rmtree(root / "content/a")
    assert "" in heard()
