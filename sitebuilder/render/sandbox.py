"""The sandbox that templates run in: only values, each step counted, no text without end.

A template of a stranger can reach no file and no clock. What it could still do is to take all time
and memory, so loops, calls and the length of texts are held to limits far above any real page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from itertools import islice
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateRuntimeError, nodes, pass_eval_context
from jinja2.filters import do_replace
from jinja2.filters import sync_do_join as do_join
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

MAX_STEPS: Final = 1_000_000
"""Rounds of loops, and calls of macros, that one page may take. Ours take some thousands."""

MAX_TEXT_LENGTH: Final = 5_000_000
"""Letters of one text that a template puts together."""

_CALL_COST: Final = 10
"""Steps that a call counts for, since it takes that much longer than a round of a loop."""

_MAX_NUMBER: Final = 10**15
_ALLOWED_FILTERS: Final = frozenset(
    """
    abs batch capitalize count d default dictsort e escape first float groupby int items join last
    length list lower map max min reject rejectattr replace reverse round safe select selectattr
    slice sort string striptags sum title tojson trim truncate unique upper urlencode wordcount
    """.split()
)
"""No `random`, which is not the same each time, and none that makes a text of any length."""

_ALLOWED_STR_METHODS: Final = frozenset(
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit "
    "islower isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix "
    "rfind rpartition rsplit rstrip split splitlines startswith strip striptags swapcase title "
    "upper".split()
)


class Sandbox(ImmutableSandboxedEnvironment):
    """Escapes, refuses unknown names, and lets templates reach only values, in bounded time."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            optimized=False,  # what is worked out ahead is not counted each time; and it is slow
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {name: f for name, f in self.filters.items() if name in _ALLOWED_FILTERS}
        self.filters |= {"join": _bounded_join, "replace": _bounded_replace}
        self.filters |= {"counted": self.count_iterations, "measured": _limit_length}
        self.remaining_steps = MAX_STEPS
        self.attribute_safety: dict[tuple[type, str], bool] = {}
        self.known_struct_fields: set[tuple[type, str]] = set()
        self.trusted_function_ids: frozenset[int] = frozenset()

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002 - as jinja2 has it
    ) -> str:
        """Count the rounds of each loop, and measure each text that is put together."""
        for node in walk_nodes(source):
            for field, value in node.iter_fields():
                if isinstance(value, nodes.Concat):
                    setattr(node, field, _apply_filter("measured", value))
            if isinstance(node, nodes.For):
                node.iter = _apply_filter("counted", node.iter)
            elif isinstance(node, nodes.AssignBlock):
                node.filter = _apply_filter("measured", node.filter)
        return super()._generate(source, name, filename, defer_init)

    def count_iterations(self, rounds: Iterable[Any]) -> Iterable[Any]:
        """The same, its length taken off what is left for the page."""
        if not isinstance(rounds, Sized):
            rounds = list(islice(rounds, self.remaining_steps + 1))
        self.spend(len(rounds))
        return rounds

    def spend(self, steps: int) -> None:
        """Raises TemplateRuntimeError: the page has had all its steps."""
        self.remaining_steps -= steps
        if self.remaining_steps < 0:
            raise TemplateRuntimeError("the loops and macros of this page never come to an end")

    def add_functions(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Functions of the renderer's own, as globals: nothing of them has to be asked again."""
        self.globals |= functions
        self.trusted_function_ids = frozenset(
            map(id, functions.values())
        )  # they live as long as the globals

    def call(self, context: Context, obj: Any, *arguments: Any, **named: Any) -> Any:
        self.spend(_CALL_COST)
        if id(obj) in self.trusted_function_ids:
            named.pop("_loop_vars", None)  # jinja2's own, for functions that ask for a context
            named.pop("_block_vars", None)
            return obj(*arguments, **named)
        return super().call(context, obj, *arguments, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template names. A field of our own types is there in each value of its type."""
        kind = type(obj)
        if (kind, attribute) in self.known_struct_fields:
            return getattr(obj, attribute)
        value = super().getattr(obj, attribute)
        ours = issubclass(kind, Struct) and attribute in kind.__struct_fields__
        if ours and self.is_safe_attribute(obj, attribute, value):
            self.known_struct_fields.add((kind, attribute))
        return value

    def wrap_str_format(self, value: Any) -> None:
        """No `"{:999999999}".format()`: without a wrapper it is looked up as any other name."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Asked once for each type and name, on which alone the answer hangs: pages ask often."""
        key = type(obj), attr
        if key not in self.attribute_safety:
            own = not isinstance(obj, str) or attr in _ALLOWED_STR_METHODS
            self.attribute_safety[key] = own and super().is_safe_attribute(obj, attr, value)
        return self.attribute_safety[key]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`+` measures what it makes; `*`, `**` and `%` take numbers only, and not huge ones."""
        if operator == "+":
            return _limit_length(super().call_binop(context, operator, left, right))
        for side in (left, right):
            if not isinstance(side, (int, float)):
                raise TemplateRuntimeError(f"'{operator}' works on numbers only")
        if abs(left) > _MAX_NUMBER or abs(right) > (64 if operator == "**" else _MAX_NUMBER):
            raise TemplateRuntimeError(f"the number is too large for '{operator}'")
        return super().call_binop(context, operator, left, right)


def walk_nodes(tree: nodes.Node) -> list[nodes.Node]:
    """All nodes of a tree, in order. One walk: jinja2's own takes as long for each question."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += reversed(list(node.iter_child_nodes()))
    return found


def _apply_filter(name: str, inner: nodes.Node | None) -> Any:
    """`inner | name`, at the line of what it stands for."""
    line = inner.lineno if inner is not None else 0
    return nodes.Filter(inner, name, [], [], None, None, lineno=line)


def _limit_length(value: Any) -> Any:
    """The same, if it is not longer than any page needs."""
    if isinstance(value, Sized):
        _check_text_length(len(value))
    return value


def _check_text_length(length: int) -> None:
    """Raises TemplateRuntimeError: a text of so many would be too long."""
    if length > MAX_TEXT_LENGTH:
        raise TemplateRuntimeError("the template makes a text that is too long")


@pass_eval_context
def _bounded_join(
    context: nodes.EvalContext, value: Iterable[Any], d: str = "", attribute: Any = None
) -> str:
    parts = list(islice(value, MAX_STEPS))
    letters = sum(len(part) for part in parts if isinstance(part, str))
    _check_text_length(letters + len(parts) * len(d))
    return do_join(context, parts, d, attribute)


@pass_eval_context
def _bounded_replace(context: nodes.EvalContext, s: str, old: str, new: str) -> str:
    _check_text_length(len(s) + str(s).count(str(old)) * len(new))
    return do_replace(context, s, old, new)
