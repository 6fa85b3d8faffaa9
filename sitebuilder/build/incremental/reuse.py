"""Reuse the previous build if nothing, or nothing but bodies of pages, has changed.

There are two shortcuts past the pipeline. If nothing has changed, the result comes from the record,
and no page is even parsed. If only bodies of pages have changed, those pages are rendered by
the pipeline's own functions, and all else is replayed. In every other case, and whenever a change
could show on another page, there is no shortcut. `tests/test_incremental.py` compares both
with the pipeline, edit by edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from sitebuilder.build.incremental.artifacts import ArtifactStore, PreviousBuild
from sitebuilder.build.incremental.record import BuildRecord, PageRecord, Raw
from sitebuilder.core.fingerprint import encode, fingerprint
from sitebuilder.core.model import BuildResult, Output, PageReport, Sources
from sitebuilder.core.problems import Problem, apply_severities

UpdatedPage = tuple[PageRecord, Callable[[], bytes]]
"""The new record of a page that was rendered again, and what loads its HTML."""

_NO_PROBLEMS = encode(())
_DECODERS: dict[Any, Any] = {
    kind: msgspec.msgpack.Decoder(kind) for kind in (tuple[Problem, ...], PageReport | None)
}


def inputs_fingerprint(sources: Sources, today: date, variant: object) -> bytes:
    """Return the fingerprint of everything that a build uses but the pages' source files."""
    config = (sources.config,) if sources.config else ()
    groups = (sources.page_files, sources.templates, sources.static, sources.data, sources.reviews)
    files = [[(file.path, file.digest) for file in group] for group in (config, *groups)]
    rest = (sources.problems, sources.custom_templates, today, variant)
    return fingerprint(encode(files), encode(rest))


def reuse_build(
    sources: Sources, today: date, key: bytes, previous: PreviousBuild
) -> tuple[BuildResult, BuildRecord] | None:
    """Replay the previous build, with new bodies of pages.

    Args:
        sources: the sources as they are now.
        today: the day to build for.
        key: the `inputs_fingerprint` of the sources.
        previous: the previous build.

    Returns:
        The result and its record; None if the pipeline has to run.
    """
    updated = update_record(sources, today, key, previous)
    return updated and (_replay_result(*updated, previous.artifacts), updated[0])


def update_record(
    sources: Sources, today: date, key: bytes, previous: PreviousBuild
) -> tuple[BuildRecord, Mapping[str, UpdatedPage]] | None:
    """Update the record with new bodies of pages.

    Returns:
        The record and the pages that were rendered, by source path; None if the pipeline has to
        run.
    """
    record = previous.record
    if (
        record.inputs_fingerprint != key
        or not record.outputs.items() <= previous.artifacts.files.items()
        or len(sources.pages) != len(record.sources)
    ):
        return None
    changed = [file for file in sources.pages if record.sources.get(file.path) != file.digest]
    if not changed:
        return record, {}
    # Loads everything that renders pages.
    from sitebuilder.build.incremental.rerender import BodyEdits  # noqa: PLC0415

    edits = BodyEdits(record, today)
    updated = edits.rerender(changed)
    if updated is None:
        return None
    new_outputs = {page.output_path: page.html_digest for page, _ in updated.values()}
    record = replace(
        record,
        pages=tuple([updated[p.path][0] if p.path in updated else p for p in record.pages]),
        sources={**record.sources, **{file.path: file.digest for file in changed}},
        outputs={**record.outputs, **new_outputs},
        link_targets=record.link_targets | edits.links.link_targets,
        suggestion_count=record.suggestion_count + len(edits.links.hints),
    )
    return record, updated


def replay_problems(record: BuildRecord) -> tuple[Problem, ...]:
    """Return the problems of a recorded build, with the severities of its config."""
    problems = list(_decode(record.problems, tuple[Problem, ...]))
    for page in record.pages:
        if len(page.problems) > len(_NO_PROBLEMS):
            problems += _decode(page.problems, tuple[Problem, ...])
    return apply_severities(problems, record.summary.checks)


def _replay_result(
    record: BuildRecord, updated: Mapping[str, UpdatedPage], artifacts: ArtifactStore
) -> BuildResult:
    loads = {page.output_path: load for page, load in updated.values()}
    summary = record.summary
    reports = [_decode(page.report, PageReport | None) for page in record.pages]
    drafts = msgspec.msgpack.decode(record.drafts, type=tuple[PageReport, ...])
    return BuildResult(
        outputs=tuple(
            Output(path, digest, loads.get(path) or _ArtifactLoader(artifacts, path, digest))
            for path, digest in record.outputs.items()
        ),
        problems=replay_problems(record),
        pages=(*(report for report in reports if report), *drafts),
        reused=len(record.pages) - len(updated),
        rebuild_reasons=dict.fromkeys(updated, "its text has changed"),
        policy=summary.policy,
        policies=summary.policies,
        headers=summary.headers,
        folder=summary.folder,
        compress=summary.compress,
    )


class _ArtifactLoader(msgspec.Struct, frozen=True):
    """Loads one artifact. A struct and not a closure, since there may be 100,000 of them."""

    artifacts: ArtifactStore
    path: str
    digest: str

    def __call__(self) -> bytes:
        return self.artifacts.read(self.path, self.digest)


def _decode(raw: Raw, value_type: Any) -> Any:
    return _DECODERS[value_type].decode(raw)
