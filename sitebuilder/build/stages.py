"""Run the stages of a build one after the other: collect their problems, time each one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from sitebuilder.core.problems import Problem

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Stages:
    """The stages of one build.

    A stage is a function that returns a value and the problems it found; it neither raises
    nor prints these.

    Attributes:
        problems: what all stages so far have found.
        seconds: how long each stage took, by its name, in the order in which they ran.
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.problems = list(problems)
        self.seconds: dict[str, float] = {}

    def __call__(
        self,
        stage: Callable[_P, tuple[_T, Iterable[Problem]]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Run a stage and return its value."""
        started = time.perf_counter()
        value, problems = stage(*args, **kwargs)
        self.problems.extend(problems)
        self.seconds[stage.__name__] = time.perf_counter() - started
        return value
