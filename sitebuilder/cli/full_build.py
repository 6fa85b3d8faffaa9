"""A full build in memory, for the commands on reviews and decision tools."""

from __future__ import annotations

import argparse

from sitebuilder.build.pipeline import Build, build_site
from sitebuilder.content.loader import load_sources


def full_build(flags: argparse.Namespace) -> Build:
    """Build the site in memory, and reuse nothing."""
    return build_site(
        load_sources(flags.root),
        flags.today,
        url=flags.url,
        release=flags.release,
        jobs=flags.jobs,
    )
