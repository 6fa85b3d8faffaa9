"""The sources and the record of an earlier build in; that build again out, if it still holds.

Two shortcuts past the whole story of `pipeline`. Nothing changed: what was said is said again, and
no page is even read. Only bodies of pages changed: those pages are made anew by the same functions,
and all else stands as it stood. In every other case, and whenever a change could show on another
page, there is no shortcut. `tests/test_incremental.py` holds both to the whole story.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from sitebuilder.cache import Raw, Record, Row, digest, encode
from sitebuilder.model import Inputs, Output, PageReport, Result
from sitebuilder.problems import Problem, settle
from sitebuilder.shelf import Before, Shelf

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
    record, shelf = before.record, before.shelf
    if record.setting != setting or not record.outputs.items() <= shelf.files.items():
        return None
    if len(inputs.pages) != len(record.sources):
        return None
    changed = [f for f in inputs.pages if record.sources.get(f.path) != f.digest]
    new: dict[str, tuple[Row, Any]] = {}
    if changed:
        from sitebuilder.touch import Touch  # noqa: PLC0415 - it needs all that renders pages

        touch = Touch(record, today)
        made = touch.rows(changed)
        if made is None:
            return None
        new, record = made, replace(record, aimed=record.aimed | touch.links.aimed)
    return _result(inputs, record, new, shelf)


def _result(
    inputs: Inputs, record: Record, new: Mapping[str, tuple[Row, Any]], shelf: Shelf
) -> tuple[Result, Record]:
    rows = tuple(new[row.path][0] if row.path in new else row for row in record.rows)
    outputs = {**record.outputs, **{row.out: row.html for row, _ in new.values()}}
    loads = {row.out: load for row, load in new.values()}
    kept = record.kept
    problems = list(_decoded(record.problems, tuple[Problem, ...]))
    for row in rows:
        if bytes(row.problems) != _NOTHING:
            problems += _decoded(row.problems, tuple[Problem, ...])
    reports = [_decoded(row.report, PageReport | None) for row in rows]
    drafts = msgspec.msgpack.decode(record.drafts, type=tuple[PageReport, ...])
    result = Result(
        outputs=tuple(
            Output(path, name, loads.get(path) or _Load(shelf, path, name))
            for path, name in outputs.items()
        ),
        problems=settle(problems, kept.checks),
        pages=(*(report for report in reports if report), *drafts),
        reused=len(rows) - len(new),
        made=dict.fromkeys(new, "its text has changed"),
        policy=kept.policy,
        policies=kept.policies,
        headers=kept.headers,
        folder=kept.folder,
        compress=kept.compress,
    )
    if not new:
        return result, record
    sources = {file.path: file.digest for file in inputs.pages}
    return result, replace(record, rows=rows, sources=sources, outputs=outputs)


class _Load(msgspec.Struct, frozen=True):
    """The way to a file on a shelf. A struct, since there may be 100,000 of them."""

    shelf: Shelf
    path: str
    name: str

    def __call__(self) -> bytes:
        return self.shelf.read(self.path, self.name)


def _decoded(raw: Raw, kind: Any) -> Any:
    return _DECODE[kind].decode(raw)
