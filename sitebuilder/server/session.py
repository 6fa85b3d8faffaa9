"""The builds of a preview, each of which reuses the one before.

What a build leaves for the next stays in memory; in `build.incremental.builder` it is on disk.
The shortcut is the same: if only bodies of pages changed, only these are rendered; otherwise the
whole pipeline runs.
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
    """The files of a build, and how to send them.

    Attributes:
        files: Loads the bytes of each file, by its path. Empty if there are errors.
        problems: All problems, with advice.
        policy: The content security policy of pages that have none of their own.
        policies: The policies of other pages, by path.
        headers: The headers of every response.
        base: The base path of the site.
    """

    files: FileLoaders
    problems: tuple[Problem, ...]
    policy: str
    policies: Mapping[str, str]
    headers: Mapping[str, str]
    base: str


class Session:
    """The builds of one preview. Each reuses the last one that had no errors.

    Attributes:
        today: Returns the day to build for, as a preview may be open over midnight.
        url: The public address, instead of config's.
        release: Hold the site to the rules for patients.
        jobs: Processes to render with; 0: as many as help.
        sources: What was read last; None before the first scan, or if the site's folder is missing.
    """

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
        """Read all sources that changed; return whether any did since the last scan."""
        previous = self.sources
        try:
            self.sources = load_sources(self.root, self._stat_cache)
        except NotADirectoryError:
            self.sources = None
        return self.sources != previous

    def reload_page(self, location: str) -> bool:
        """Read one page and no other source; return whether it changed.

        Args:
            location: The file of the page. If it is not a known page or cannot be read, the result
                is False.
        """
        pages = self.sources.pages if self.sources else ()
        index = next((i for i, page in enumerate(pages) if page.location == location), None)
        page = None if index is None else reload_file(pages[index])
        if self.sources is None or index is None or page is None or page == pages[index]:
            return False
        self.sources = replace(self.sources, pages=(*pages[:index], page, *pages[index + 1 :]))
        return True

    @property
    def is_stale(self) -> bool:
        """Whether the sources that were read last differ from those of the last build."""
        return self.sources != self._built_sources

    def build(self) -> PreviewBuild:
        """Build the sources that were read last.

        Raises:
            NotADirectoryError: The site's folder was missing at the last scan.
        """
        self.save_record()
        self._built_sources = sources = self.sources
        if sources is None:
            raise NotADirectoryError(self.root)
        today = self.today()
        fingerprint = inputs_fingerprint(sources, today, (self.url, self.release, "preview"))
        previous = None if self._record is None else PreviousBuild(self._record, self._artifacts)
        updated = previous and update_record(sources, today, fingerprint, previous)
        if updated:
            return self._reuse_build(*updated)
        return self._full_build(sources, today, fingerprint, previous)

    def _reuse_build(
        self, record: BuildRecord, rerendered: Mapping[str, UpdatedPage]
    ) -> PreviewBuild:
        files = {
            **self._artifacts.loaders,
            **{row.output_path: load for row, load in rerendered.values()},
        }
        summary, problems = record.summary, replay_problems(record)
        if has_errors(problems):
            files = {}
        else:
            self._record, self._artifacts = record, MemoryArtifacts(record.outputs, files)
        return PreviewBuild(
            files,
            problems,
            summary.policy,
            summary.policies,
            summary.headers,
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
        base = build.site.config.base
        files: FileLoaders = {}
        if not has_errors(build.problems):
            files = self._make_loaders(build)
            self._unsaved_build, self._base = (build, sources, fingerprint, files), base
        return PreviewBuild(
            files, build.problems, build.policy, build.policies, build.headers, base
        )

    def _make_loaders(self, build: Build) -> FileLoaders:
        """Return the loader of each file.

        Pages are loaded when they are sent, from where rendering stored them; other files now.

        An unchanged file keeps its loader, so that none refers to a chain of earlier builds.
        """
        pages = {urls.output_path(artifact.page.address) for artifact in build.trace.artifacts}
        loaders: dict[str, Callable[[], bytes]] = {}
        for output in build.outputs:
            if self._artifacts.files.get(output.path) == output.digest:
                loaders[output.path] = self._artifacts.loaders[output.path]
            elif output.path in pages:
                loaders[output.path] = output.load
            else:
                loaders[output.path] = partial(bytes, output.load())
        return loaders

    def save_record(self) -> bool:
        """Make the record of the last build without errors, so that the next can reuse it.

        This takes time, so it is best called while nobody waits. It also renders a page to warm up.

        Returns:
            False if there was nothing to do, since that build has its record or there is no build.
        """
        if self._unsaved_build is None:
            return False
        build, sources, fingerprint, files = self._unsaved_build
        self._unsaved_build = None
        rows = tuple(PageRecordStream(build, sources))
        self._record = replace(make_record(build, sources, fingerprint), pages=rows)
        self._artifacts = MemoryArtifacts(self._record.outputs, files)
        # Render one page to warm up: this loads the templates, the Markdown parser, the word lists.
        longest = max(sources.pages, key=lambda file: len(file.read_text_bytes()))
        BodyEdits(self._record, self.today()).rerender([longest])
        return True
