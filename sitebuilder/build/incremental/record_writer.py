"""A build in, what the next one may use of it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sitebuilder.build.incremental.record import Kept, Raw, Record, Row, program
from sitebuilder.build.pipeline import Build
from sitebuilder.build.render_pages import shared_key, without_body
from sitebuilder.core import urls
from sitebuilder.core.fingerprint import digest_of, encode
from sitebuilder.core.model import Inputs, Place


def record_of(build: Build, inputs: Inputs, setting: bytes) -> Record:
    """The record of a build that was published, without its rows. `setting`: see `Record`."""
    made, site = build.made_of, build.site
    pages = {one.page.path for one in made.finished}
    rest = [p for path, found in made.told.items() if path not in pages for p in found]
    drafts = {page.path for page in site.drafts}
    on_paper = {item.page for item in site.config.handout}
    kept = Kept(
        site.config.checks,
        build.policy,
        build.policies,
        build.headers,
        build.folder,
        build.compress,
    )
    return Record(
        program=program(),
        setting=setting,
        shared_key=shared_key(made.shared),
        sources={file.path: file.digest for file in inputs.pages},
        aimed=frozenset(made.links.aimed),
        bound=frozenset(p.page.path for p in site.places if p.page.id in on_paper),
        broken=len(made.links.hints),
        kept=kept,
        shared=Raw(encode(made.shared)),
        knowledge=Raw(encode(build.knowledge)),
        reviewers=Raw(encode(build.reviewers)),
        problems=Raw(encode([*made.problems, *rest])),
        drafts=Raw(encode([page for page in build.pages if page.path in drafts])),
        outputs={output.path: output.digest for output in build.outputs},
    )


class Rows(Collection[Row]):
    """The rows of a build, made one by one as they are asked for."""

    def __init__(self, build: Build, inputs: Inputs) -> None:
        self._build = build
        self._reports = {page.path: page for page in build.pages}
        self._files = {file.path: file.digest for file in inputs.pages}
        self._finished = {one.page.path: one for one in build.made_of.finished}

    def __len__(self) -> int:
        return len(self._build.site.places)

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._build.site.places)  # in the order of the report

    def _row(self, place: Place) -> Row:
        made = self._build.made_of
        one = self._finished[place.page.path]
        page = one.page
        uses = made.uses.get(place.page.id)
        return Row(
            path=page.path,
            file=self._files.get(page.path, ""),
            uses=digest_of(uses) if uses else b"",
            key=one.key,
            links=one.links,
            out=urls.file_of(page.address),
            html=page.digest,
            place=Raw(encode(without_body(place))),
            finished=Raw(one.packed),
            problems=Raw(encode(made.told.get(page.path, ()))),
            report=Raw(encode(self._reports.get(page.path))),
        )
