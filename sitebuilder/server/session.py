"""One look at the sources after the other in; what the preview is to show, with each change, out.

What one build leaves for the next stays in memory, as `memory` keeps it on the disk: the same
shortcut for pages whose body alone has changed, the same whole story for all else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.artifacts import MemoryArtifacts, PreviousBuild
from sitebuilder.build.incremental.record import BuildRecord
from sitebuilder.build.incremental.record_writer import PageRecordStream, make_record
from sitebuilder.build.incremental.rerender import BodyEdits
from sitebuilder.build.incremental.reuse import (
    UpdatedPage,
    inputs_fingerprint,
    replay_problems,
    update_record,
)
from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources, reload_file
from sitebuilder.content.stat_cache import StatCache
from sitebuilder.core import urls
from sitebuilder.core.model import Sources
from sitebuilder.core.problems import Problem, has_errors

FileLoaders = Mapping[str, Callable[[], bytes]]


class PreviewBuild(msgspec.Struct, frozen=True):
    """What a preview can show of a build: the way to the bytes by path, and how to send them.

    With an error among the problems there are no files.
    """

    files: FileLoaders
    problems: tuple[Problem, ...]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    base: str


class Session:
    """The builds of one preview. Only a good one leaves something for the next."""

    def __init__(
        self,
        root: Path,
        *,
        today: Callable[[], date],
        url: str | None = None,
        release: bool = False,
        jobs: int = 0,
    ) -> None:
        self.root = root
        self.today, self.url, self.release, self.jobs = today, url, release, jobs
        self.sources: Sources | None = None
        self._stat_cache = StatCache()
        self._built_sources: Sources | None = None
        self._record: BuildRecord | None = None
        self._artifacts = MemoryArtifacts({}, {})
        self._base = "/"
        self._unsaved_build: tuple[Build, Sources, bytes, FileLoaders] | None = None

    def scan(self) -> bool:
        """Read the sources; whether they are others than at the last look."""
        was = self.sources
        try:
            self.sources = load_sources(self.root, self._stat_cache)
        except NotADirectoryError:
            self.sources = None
        return self.sources != was

    def reload_page(self, location: str) -> bool:
        """Read one page again, and look at no other source; whether it is another now."""
        pages = self.sources.pages if self.sources else ()
        at = next((at for at, page in enumerate(pages) if page.location == location), None)
        now = None if at is None else reload_file(pages[at])
        if self.sources is None or at is None or now is None or now == pages[at]:
            return False
        self.sources = replace(self.sources, pages=(*pages[:at], now, *pages[at + 1 :]))
        return True

    @property
    def is_stale(self) -> bool:
        """Whether the sources, at the last look, were others than those of the last build."""
        return self.sources != self._built_sources

    def build(self) -> PreviewBuild:
        """The site as it was at the last look. NotADirectoryError: it was not there."""
        self.save_record()
        self._built_sources = inputs = self.sources
        if inputs is None:
            raise NotADirectoryError(self.root)
        today = self.today()
        setting = inputs_fingerprint(inputs, today, (self.url, self.release, "preview"))
        before = None if self._record is None else PreviousBuild(self._record, self._artifacts)
        found = before and update_record(inputs, today, setting, before)
        return (
            self._reuse_build(*found) if found else self._full_build(inputs, today, setting, before)
        )

    def _reuse_build(
        self, record: BuildRecord, rerendered: Mapping[str, UpdatedPage]
    ) -> PreviewBuild:
        files = {
            **self._artifacts.loads,
            **{row.output_path: load for row, load in rerendered.values()},
        }
        kept, problems = record.summary, replay_problems(record)
        wrong = has_errors(problems)
        if not wrong:
            self._record, self._artifacts = record, MemoryArtifacts(record.outputs, files)
        return PreviewBuild(
            {} if wrong else files,
            problems,
            kept.policy,
            kept.policies,
            kept.headers,
            self._base,
        )

    def _full_build(
        self, sources: Sources, today: date, fingerprint: bytes, previous: PreviousBuild | None
    ) -> PreviewBuild:
        build = build_site(
            sources,
            today,
            url=self.url,
            release=self.release,
            preview=True,
            jobs=self.jobs,
            previous=previous,
        )
        wrong, base = has_errors(build.problems), build.site.config.base
        files = {} if wrong else self._make_loaders(build)
        if not wrong:
            self._unsaved_build, self._base = (build, sources, fingerprint, files), base
        return PreviewBuild(
            files, build.problems, build.policy, build.policies, build.headers, base
        )

    def _make_loaders(self, build: Build) -> FileLoaders:
        """The way to each file: pages lie on spools, all else is read at once.

        What was there before keeps its own way, so that none leads through builds of long ago.
        """
        pages = {urls.output_path(one.page.address) for one in build.trace.artifacts}
        held: dict[str, Callable[[], bytes]] = {}
        for output in build.outputs:
            if self._artifacts.files.get(output.path) == output.digest:
                held[output.path] = self._artifacts.loads[output.path]
            elif output.path in pages:
                held[output.path] = output.load
            else:
                held[output.path] = partial(bytes, output.load())
        return held

    def save_record(self) -> bool:
        """Make a record of the last good build, best when nobody waits. False: it has one."""
        if self._unsaved_build is None:
            return False
        build, inputs, setting, files = self._unsaved_build
        self._unsaved_build = None
        rows = tuple(PageRecordStream(build, inputs))
        self._record = replace(make_record(build, inputs, setting), pages=rows)
        self._artifacts = MemoryArtifacts(self._record.outputs, files)
        warm = max(
            inputs.pages, key=lambda file: len(file.read_text_bytes())
        )  # templates, Markdown, words
        BodyEdits(self._record, self.today()).rerender([warm])
        return True
