"""The sources and the record of an earlier build in; that build again out, if it still holds.

Two shortcuts past the whole story of `pipeline`. Nothing changed: what was said is said again, and
no page is even read. Only bodies of pages changed: those pages are made anew by the same functions,
and all else stands as it stood. In every other case, and whenever a change could show on another
page, there is no shortcut. `tests/test_incremental.py` holds both to the whole story.
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
"""A page made anew, and the way to its bytes."""

_NOTHING = encode(())
_DECODE: dict[Any, Any] = {
    kind: msgspec.msgpack.Decoder(kind) for kind in (tuple[Problem, ...], PageReport | None)
}


def inputs_fingerprint(inputs: Sources, today: date, variant: object) -> bytes:
    """The digest of all that a build uses but its pages: see `Record`."""
    config = (inputs.config,) if inputs.config else ()
    groups = (inputs.page_files, inputs.templates, inputs.static, inputs.data, inputs.reviews)
    files = [[(file.path, file.digest) for file in group] for group in (config, *groups)]
    said = (inputs.problems, inputs.custom_templates, today, variant)
    return fingerprint(encode(files), encode(said))


def reuse_build(
    inputs: Sources, today: date, setting: bytes, before: PreviousBuild
) -> tuple[BuildResult, BuildRecord] | None:
    """The same build again, with new bodies of pages; None: the whole story has to be told."""
    found = update_record(inputs, today, setting, before)
    return found and (_replay_result(*found, before.artifacts), found[0])


def update_record(
    inputs: Sources, today: date, setting: bytes, before: PreviousBuild
) -> tuple[BuildRecord, Mapping[str, UpdatedPage]] | None:
    """The record with new bodies of pages, and those pages by path; None: see `again`."""
    record = before.record
    if (
        record.inputs_fingerprint != setting
        or not record.outputs.items() <= before.artifacts.files.items()
    ):
        return None
    if len(inputs.pages) != len(record.sources):
        return None
    known = record.sources
    changed = [f for f in inputs.pages if known.get(f.path) != f.digest]
    if not changed:
        return record, {}
    from sitebuilder.build.incremental.rerender import (  # noqa: PLC0415 - it needs all that renders pages
        BodyEdits,
    )

    touch = BodyEdits(record, today)
    new = touch.rerender(changed)
    if new is None:
        return None
    record = replace(
        record,
        pages=tuple([new[row.path][0] if row.path in new else row for row in record.pages]),
        sources={**record.sources, **{file.path: file.digest for file in changed}},
        outputs={**record.outputs, **{row.output_path: row.html_digest for row, _ in new.values()}},
        link_targets=record.link_targets | touch.links.link_targets,
        suggestions=record.suggestions + len(touch.links.hints),
    )
    return record, new


def replay_problems(record: BuildRecord) -> tuple[Problem, ...]:
    """What was said of a build, as config wants it said."""
    problems = list(_decode(record.problems, tuple[Problem, ...]))
    for row in record.pages:
        if len(row.problems) > len(_NOTHING):
            problems += _decode(row.problems, tuple[Problem, ...])
    return apply_severities(problems, record.facts.checks)


def _replay_result(
    record: BuildRecord, new: Mapping[str, UpdatedPage], shelf: ArtifactStore
) -> BuildResult:
    loads = {row.output_path: load for row, load in new.values()}
    kept = record.facts
    reports = [_decode(row.report, PageReport | None) for row in record.pages]
    drafts = msgspec.msgpack.decode(record.drafts, type=tuple[PageReport, ...])
    return BuildResult(
        outputs=tuple(
            Output(path, name, loads.get(path) or _ArtifactLoader(shelf, path, name))
            for path, name in record.outputs.items()
        ),
        problems=replay_problems(record),
        pages=(*(report for report in reports if report), *drafts),
        reused=len(record.pages) - len(new),
        rebuild_reasons=dict.fromkeys(new, "its text has changed"),
        policy=kept.policy,
        policies=kept.policies,
        headers=kept.headers,
        folder=kept.folder,
        compress=kept.compress,
    )


class _ArtifactLoader(msgspec.Struct, frozen=True):
    """The way to a file on a shelf. A struct, since there may be 100,000 of them."""

    shelf: ArtifactStore
    path: str
    name: str

    def __call__(self) -> bytes:
        return self.shelf.read(self.path, self.name)


def _decode(raw: Raw, kind: Any) -> Any:
    return _DECODE[kind].decode(raw)
