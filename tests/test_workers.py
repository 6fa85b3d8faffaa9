"""Pages made by several processes, or on a cluster that is there already: the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from conftest import MakeSite, build, said

from sitebuilder.build import workers as pool

SPAWN = get_context("spawn")

PAGE = """\
---
title: Page {0}
description: About {0}.
---

Words about **{0}**, see [the next](/p{1}/#more).[^a] <b>

## More

- one
- two

[^a]: A book.
"""


def outputs(root: Path, workers: int | Executor) -> tuple[dict[str, bytes], list[str]]:
    made = build(root, jobs=workers)
    return {output.path: output.load() for output in made.outputs}, said(made)


@pytest.fixture
def site(make_site: MakeSite) -> Path:
    pages = {f"content/p{n}.md": PAGE.format(n, (n + 1) % 60) for n in range(60)}
    return make_site({"config.yaml": "name: Some site\nchecks: {raw-html: warning}\n", **pages})


@pytest.fixture
def cluster() -> Iterator[Executor]:
    """Two workers of Dask, each a process of its own, on this machine."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
        client.get_executor() as executor,
    ):
        yield executor


@pytest.mark.process
def test_processes_make_the_same_bytes(site: Path) -> None:
    alone = outputs(site, 1)
    assert len(alone[0]) > 60
    assert any("raw-html" in row for row in alone[1])
    assert outputs(site, 2) == alone
    assert outputs(site, 5) == alone


@pytest.mark.process
def test_processes_that_start_with_nothing_make_the_same_bytes(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = outputs(site, 1)
    asked: list[str] = []

    def context(how: str) -> object:
        asked.append(how)
        return SPAWN

    monkeypatch.setattr(pool, "SPAWN_FROM", 10)
    monkeypatch.setattr("multiprocessing.get_context", context)
    assert outputs(site, 2) == alone
    assert asked == ["spawn"]


@pytest.mark.process
def test_a_cluster_makes_the_same_bytes(site: Path, cluster: Executor) -> None:
    assert outputs(site, cluster) == outputs(site, 1)


def test_any_executor_will_do(site: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        assert outputs(site, executor) == outputs(site, 1)
