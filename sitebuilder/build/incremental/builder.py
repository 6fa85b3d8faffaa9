"""Build a site, reusing as much of the last build as still holds.

The record of the last build is in `.cache/site`; its pages are where they were published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sitebuilder.build.incremental import record
from sitebuilder.build.incremental.artifacts import PreviousBuild, PublishedArtifacts
from sitebuilder.build.incremental.reuse import inputs_fingerprint, reuse_build
from sitebuilder.content.loader import load_sources, stats_changed
from sitebuilder.content.stat_cache import StatKey
from sitebuilder.core.model import BuildResult, Output
from sitebuilder.output.manifest import read_manifest

if TYPE_CHECKING:
    from sitebuilder.build.pipeline import Build
    from sitebuilder.build.render_pages import ProgressCallback
    from sitebuilder.build.workers import Workers


class BuildOptions(msgspec.Struct, frozen=True):
    """Options of a build.

    Attributes:
        root: the folder with `config.yaml` and `content/`.
        today: the day to build for.
        output: where the site is published; None: where config says.
        url: the public address, instead of config's.
        release: hold the site to the rules for patients, whatever config says.
        jobs: processes to render with; 0: as many as help.
        use_cache: reuse what the last build left, and leave something for the next.
    """

    root: Path
    today: date
    output: Path | None = None
    url: str | None = None
    release: bool = False
    jobs: Workers = 0
    use_cache: bool = True


class IncrementalBuilder:
    """One build of a site, and the record that it leaves for the next."""

    def __init__(self, options: BuildOptions) -> None:
        self._options = options
        self._stats: dict[str, StatKey] = {}
        self._sources = load_sources(options.root, stats=self._stats)
        variant = (options.url, options.release)
        self._path = record.record_path(options.root, variant)
        self._inputs_fingerprint = b""
        self._previous: PreviousBuild | None = None
        if options.use_cache:
            self._inputs_fingerprint = inputs_fingerprint(self._sources, options.today, variant)
            self._previous = self._load_previous_build()
        self._updated: record.BuildRecord | None = None
        self._built: Build | None = None

    def _load_previous_build(self) -> PreviousBuild | None:
        found = record.load_record(self._path)
        if found is None or found.generator != record.generator_fingerprint():
            return None
        folder = self._options.output or self._options.root / found.summary.folder
        manifest = read_manifest(folder)
        return PreviousBuild(found, PublishedArtifacts(folder, manifest.files if manifest else {}))

    def build(self, progress: ProgressCallback | None = None) -> BuildResult:
        """Build the site, reusing what still holds."""
        if self._previous is not None:
            found = reuse_build(
                self._sources, self._options.today, self._inputs_fingerprint, self._previous
            )
            if found is not None:
                result, self._updated = found
                return result
        return self._build(self._previous, progress)

    def rebuild(self, progress: ProgressCallback | None = None) -> BuildResult:
        """Build the site without the record, because an artifact that it names is missing."""
        self._updated = None
        return self._build(None, progress)

    def _build(
        self, previous: PreviousBuild | None, progress: ProgressCallback | None
    ) -> BuildResult:
        # Loads everything that renders pages; a build of an unchanged site does without it.
        from sitebuilder.build.pipeline import build_site  # noqa: PLC0415

        options = self._options
        self._built = build_site(
            self._sources,
            options.today,
            url=options.url,
            release=options.release,
            jobs=options.jobs,
            previous=previous,
            progress=progress,
        )
        return self._built

    def is_outdated(self) -> bool:
        """Return whether the sources have changed since they were read."""
        return stats_changed(self._stats)

    def stage_seconds(self) -> Mapping[str, float]:
        """Return how long each stage of the pipeline took; empty if it did not run."""
        return self._built.trace.seconds if self._built else {}

    def rendered_pages(self) -> Iterator[tuple[str, str, float]]:
        """Yield the path, the template and the seconds of each page that was rendered."""
        if self._built is not None:
            templates = {p.page.path: p.page.template for p in self._built.site.pages}
            for artifact in self._built.trace.artifacts:
                if artifact.reason:
                    path = artifact.page.path
                    yield path, templates[path], artifact.seconds

    def outputs(self, build: BuildResult) -> Sequence[Output]:
        """Return all files to publish, with compressed copies if config asks for them."""
        if not build.compress:
            return build.outputs
        from sitebuilder.output import precompress  # noqa: PLC0415 - few sites ask for it

        return precompress.precompress_outputs(
            build.outputs, self._options.root / precompress.CACHE_DIR
        )

    def save_record(self) -> None:
        """Leave a record of the build for the next one. Call it once the site is published."""
        if not self._options.use_cache:
            return
        if self._built is not None:
            from sitebuilder.build.incremental import record_writer  # noqa: PLC0415 - as above

            new = record_writer.make_record(self._built, self._sources, self._inputs_fingerprint)
            rows = record_writer.PageRecordStream(self._built, self._sources)
            record.save_record(new, rows, self._path)
        elif self._updated is not None and (
            self._previous is None or self._updated is not self._previous.record
        ):
            record.save_record(self._updated, self._updated.pages, self._path)
