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

from sitebuilder.build.incremental.artifacts import Before, Shelf
from sitebuilder.build.incremental.record import Raw, Record, Row
from sitebuilder.core.fingerprint import digest, encode
from sitebuilder.core.model import Inputs, Output, PageReport, Result
from sitebuilder.core.problems import Problem, settle

New = tuple[Row, Callable[[], bytes]]
"""A page made anew, and the way to its bytes."""

_NOTHING = encode(())
_DECODE: dict[Any, Any] = {
    kind: msgspec.msgpack.Decoder(kind) for kind in (tuple[Problem, ...], PageReport | None)
}


def setting_of(inputs: Inputs, today: date, way: object) -> bytes:
    """The digest of all that a build uses but its pages: see `Record`."""
    config = (inputs.config,) if inputs.config else ()
    groups = (inputs.page_files, inputs.templates, inputs.static, inputs.data, inputs.reviews)
    files = [[(file.path, file.digest) for file in group] for group in (config, *groups)]
    said = (inputs.problems, inputs.designed, today, way)
    return digest(encode(files), encode(said))


def again(
    inputs: Inputs, today: date, setting: bytes, before: Before
) -> tuple[Result, Record] | None:
    """The same build again, with new bodies of pages; None: the whole story has to be told."""
    found = renewed(inputs, today, setting, before)
    return found and (_result(*found, before.shelf), found[0])


def renewed(
    inputs: Inputs, today: date, setting: bytes, before: Before
) -> tuple[Record, Mapping[str, New]] | None:
    """The record with new bodies of pages, and those pages by path; None: see `again`."""
    record = before.record
    if record.setting != setting or not record.outputs.items() <= before.shelf.files.items():
        return None
    if len(inputs.pages) != len(record.sources):
        return None
    known = record.sources
    changed = [f for f in inputs.pages if known.get(f.path) != f.digest]
    if not changed:
        return record, {}
    from sitebuilder.build.incremental.rerender import (  # noqa: PLC0415 - it needs all that renders pages
        Touch,
    )

    touch = Touch(record, today)
    new = touch.rows(changed)
    if new is None:
        return None
    record = replace(
        record,
        rows=tuple([new[row.path][0] if row.path in new else row for row in record.rows]),
        sources={**record.sources, **{file.path: file.digest for file in changed}},
        outputs={**record.outputs, **{row.out: row.html for row, _ in new.values()}},
        aimed=record.aimed | touch.links.aimed,
        broken=record.broken + len(touch.links.hints),
    )
    return record, new


def problems_of(record: Record) -> tuple[Problem, ...]:
    """What was said of a build, as config wants it said."""
    problems = list(_decoded(record.problems, tuple[Problem, ...]))
    for row in record.rows:
        if len(row.problems) > len(_NOTHING):
            problems += _decoded(row.problems, tuple[Problem, ...])
    return settle(problems, record.kept.checks)


def _result(record: Record, new: Mapping[str, New], shelf: Shelf) -> Result:
    loads = {row.out: load for row, load in new.values()}
    kept = record.kept
    reports = [_decoded(row.report, PageReport | None) for row in record.rows]
    drafts = msgspec.msgpack.decode(record.drafts, type=tuple[PageReport, ...])
    return Result(
        outputs=tuple(
            Output(path, name, loads.get(path) or _Load(shelf, path, name))
            for path, name in record.outputs.items()
        ),
        problems=problems_of(record),
        pages=(*(report for report in reports if report), *drafts),
        reused=len(record.rows) - len(new),
        made=dict.fromkeys(new, "its text has changed"),
        policy=kept.policy,
        policies=kept.policies,
        headers=kept.headers,
        folder=kept.folder,
        compress=kept.compress,
    )


class _Load(msgspec.Struct, frozen=True):
    """The way to a file on a shelf. A struct, since there may be 100,000 of them."""

    shelf: Shelf
    path: str
    name: str

    def __call__(self) -> bytes:
        return self.shelf.read(self.path, self.name)


def _decoded(raw: Raw, kind: Any) -> Any:
    return _DECODE[kind].decode(raw)
