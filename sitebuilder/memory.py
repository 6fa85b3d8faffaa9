"""What a command remembers from one run to the next: a record in a file, pages where they lie."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sitebuilder import cache
from sitebuilder.again import again, setting_of
from sitebuilder.flags import today_of
from sitebuilder.marker import manifest_of
from sitebuilder.model import Output, Result
from sitebuilder.progress import shown, slowest
from sitebuilder.read import read_inputs
from sitebuilder.shelf import Before, Published

if TYPE_CHECKING:
    from sitebuilder.pipeline import Build


class Memory:
    """One build of what the flags name, with as much of the last one as still holds."""

    def __init__(self, flags: argparse.Namespace) -> None:
        self.flags, self.today = flags, today_of(flags)
        self.inputs = read_inputs(flags.root)
        way = (flags.url, flags.release)
        self.path = cache.path_of(flags.root, way)
        self.setting = b"" if flags.no_cache else setting_of(self.inputs, self.today, way)
        self.before = None if flags.no_cache else self._before()
        self.record: cache.Record | None = None
        self.made: Build | None = None

    def _before(self) -> Before | None:
        record = cache.load(self.path)
        if record is None or record.program != cache.program():
            return None
        folder = self.flags.output or self.flags.root / record.kept.folder
        manifest = manifest_of(folder)
        return Before(record, Published(folder, manifest.files if manifest else {}))

    def build(self) -> Result:
        """The site, built again as far as it has to be."""
        if self.before is not None:
            found = again(self.inputs, self.today, self.setting, self.before)
            if found is not None:
                result, self.record = found
                return result
        return self._build(self.before)

    def build_anew(self) -> Result:
        """The site, with nothing taken from the last build."""
        self.record = None
        return self._build(None)

    def _build(self, before: Before | None) -> Result:
        from sitebuilder.pipeline import build_site  # noqa: PLC0415 - all that makes pages

        flags = self.flags
        with shown(quiet=flags.quiet) as progress:
            self.made = build_site(
                self.inputs,
                self.today,
                url=flags.url,
                release=flags.release,
                jobs=flags.jobs,
                before=before,
                progress=progress,
            )
        return self.made

    def slowest(self) -> str:
        """Which pages took longest, in words."""
        finished = self.made.made_of.finished if self.made else ()
        places = self.made.site.places if self.made else ()
        templates = {place.page.path: place.page.template for place in places}
        return slowest((f.page.path, templates[f.page.path], f.seconds) for f in finished if f.why)

    def forms(self, build: Result) -> Sequence[Output]:
        """All that is to be published: with compressed forms, if config asks for them."""
        if not build.compress:
            return build.outputs
        from sitebuilder.compress import KEPT, with_forms  # noqa: PLC0415 - for these sites alone

        return with_forms(build.outputs, self.flags.root / KEPT)

    def keep(self) -> None:
        """Put the build on record, now that it is published."""
        if self.flags.no_cache:
            return
        if self.made is not None:
            from sitebuilder.record import Rows, record_of  # noqa: PLC0415 - as above

            record = record_of(self.made, self.inputs, self.setting)
            cache.save(record, Rows(self.made, self.inputs), self.path)
            return
        known = self.before and self.before.record
        if self.record is not None and self.record is not known:
            cache.save(self.record, self.record.rows, self.path)
