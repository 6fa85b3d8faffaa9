"""Which tests stay together in one of pytest's workers, and which start first.

Read with `-n 2 --dist loadgroup --no-loadscope-reorder` only, as `make test` has it: a worker takes
one group after the other, in the order that is made here. A test alone, `make quick` and the
children of tests/mutation.py are not touched by it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

ALONE = ("test_tools_mutations",)
"""Modules that set up nothing, and whose tests take long: each test is a group of its own."""

APART = (
    "test_whatever_happens_before_a_change_the_site_is_the_old_or_the_new",
    "test_whatever_happens_to_the_record_the_site_is_the_new_one",
)
"""The same for single tests."""

HEAVY = (
    "firefox",
    "tool ",
    "logic",
    "test_tools_mutations",
    "java",
    "test_tools_site",
    "test_tools_use",
    "test_serve",
    "test_hosts",
    "test_structured_data",
    "test_publish",
    "test_planted_faults",
    "test_xss",
    "test_reproducible",
    "test_bad_inputs",
    "test_cli",
    "test_wheel",
    "look ",
    "test_look_",
)
"""How the names of the groups begin that start first, the longest ones before all.

The quick ones at the end fill what is left of the time, so that no worker waits for the other.
"""


def group_of(item: pytest.Item) -> str:
    """The name of a test's group; of those that have their own, it is the test's."""
    if mark := item.get_closest_marker("xdist_group"):
        return str(mark.args[0] if mark.args else mark.kwargs["name"])
    module = item.path.stem
    alone = module in ALONE or getattr(item, "originalname", "") in APART
    return f"{module} {item.name}" if alone else module


def rank(group: str) -> int:
    """Its place among the groups: a lower one starts first."""
    return next((at for at, name in enumerate(HEAVY) if group.startswith(name)), len(HEAVY))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Give each test its group, and sort them."""
    if not getattr(config.option, "loadgroup", False):  # set by xdist, in its workers only
        return (yield)
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: rank(group_of(item)))
    result = yield
    for item in items:
        say_group(item)
    return result


def say_group(item: pytest.Item) -> None:
    """Write the group behind the test's id, where xdist's scheduler looks for it.

    xdist 3.8 does so itself, but in a way that pytest 9.2 does not notice: it then knows no groups
    and says nothing (pytest-xdist, issue 1386).
    """
    end = f"@{group_of(item)}"
    if not item.nodeid.endswith(end):
        item._id = type(item.id).parse(item.nodeid + end)
