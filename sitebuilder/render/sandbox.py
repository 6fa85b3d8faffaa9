"""The Jinja sandbox that templates run in: values only, in bounded time and memory.

An untrusted template can reach neither files nor the clock. To keep it from using up time and
memory, loops, calls and the length of strings have limits, which are far above any real page.
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
"""Loop iterations of one page; a call counts as several. Our own pages take a few thousand."""

MAX_TEXT_LENGTH: Final = 5_000_000
"""The most characters that a string built by a template may have."""

_CALL_COST: Final = 10
"""Steps of a call, which takes that much longer than a loop iteration."""

_MAX_NUMBER: Final = 10**15
_ALLOWED_FILTERS: Final = frozenset(
    """
    abs batch capitalize count d default dictsort e escape first float groupby int items join last
    length list lower map max min reject rejectattr replace reverse round safe select selectattr
    slice sort string striptags sum title tojson trim truncate unique upper urlencode wordcount
    """.split()
)
"""All are deterministic (no `random`), and none builds a string of unbounded length."""

_ALLOWED_STR_METHODS: Final = frozenset(
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit "
    "islower isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix "
    "rfind rpartition rsplit rstrip split splitlines startswith strip striptags swapcase title "
    "upper".split()
)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that escapes output, refuses undefined names, and limits templates.

    Attributes:
        remaining_steps: Steps that are left for the page. The renderer resets it for each page.
        attribute_safety: Cached answers of `is_safe_attribute`, by type and name.
        known_struct_fields: Type and name of struct fields that were looked up and are safe.
        trusted_function_ids: Ids of the functions that `add_functions` added.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            optimized=False,  # constant folding escapes the limits, and it is slow
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
        """Generate code that counts loop iterations and measures concatenated strings."""
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
        """Return an equal iterable after spending a step for each item, as `spend` does."""
        if not isinstance(rounds, Sized):
            rounds = list(islice(rounds, self.remaining_steps + 1))
        self.spend(len(rounds))
        return rounds

    def spend(self, steps: int) -> None:
        """Take steps from those that are left.

        Raises:
            TemplateRuntimeError: The page has used up its steps.
        """
        self.remaining_steps -= steps
        if self.remaining_steps < 0:
            raise TemplateRuntimeError("the loops and macros of this page never come to an end")

    def add_functions(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Add trusted functions as globals. Calls to them skip the checks of the sandbox."""
        self.globals |= functions
        # The ids stay valid: the functions live as long as the globals.
        self.trusted_function_ids = frozenset(map(id, functions.values()))

    def call(self, context: Context, obj: Any, *arguments: Any, **named: Any) -> Any:
        self.spend(_CALL_COST)
        if id(obj) in self.trusted_function_ids:
            named.pop("_loop_vars", None)  # jinja2 adds them for functions that take a context
            named.pop("_block_vars", None)
            return obj(*arguments, **named)
        return super().call(context, obj, *arguments, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look up an attribute. Struct fields take a fast path: every instance has them."""
        cls = type(obj)
        if (cls, attribute) in self.known_struct_fields:
            return getattr(obj, attribute)
        value = super().getattr(obj, attribute)
        is_field = issubclass(cls, Struct) and attribute in cls.__struct_fields__
        if is_field and self.is_safe_attribute(obj, attribute, value):
            self.known_struct_fields.add((cls, attribute))
        return value

    def wrap_str_format(self, value: Any) -> None:
        """Return no wrapper, so that `format` is refused: `"{:999999999}".format()` is unbounded.

        Without a wrapper it is looked up like any other name, and it is not an allowed one.
        """

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether templates may use an attribute. Cached, by the type and the name only."""
        key = type(obj), attr
        if key not in self.attribute_safety:
            allowed = not isinstance(obj, str) or attr in _ALLOWED_STR_METHODS
            self.attribute_safety[key] = allowed and super().is_safe_attribute(obj, attr, value)
        return self.attribute_safety[key]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Limit the result of `+`; allow `*`, `**` and `%` on numbers of limited size only.

        Raises:
            TemplateRuntimeError: The result is too long, or an operand is not allowed.
        """
        if operator == "+":
            return _limit_length(super().call_binop(context, operator, left, right))
        for operand in (left, right):
            if not isinstance(operand, (int, float)):
                raise TemplateRuntimeError(f"'{operator}' works on numbers only")
        if abs(left) > _MAX_NUMBER or abs(right) > (64 if operator == "**" else _MAX_NUMBER):
            raise TemplateRuntimeError(f"the number is too large for '{operator}'")
        return super().call_binop(context, operator, left, right)


def walk_nodes(tree: nodes.Node) -> list[nodes.Node]:
    """Return all nodes of a tree, in document order.

    Callers filter the list: jinja2's `find_all` takes as long as this for each type of node.
    """
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        found.append(node)
        stack += reversed(list(node.iter_child_nodes()))
    return found


def _apply_filter(name: str, inner: nodes.Node | None) -> Any:
    """Return the node for `inner | name`, with the line number of `inner`."""
    line = inner.lineno if inner is not None else 0
    return nodes.Filter(inner, name, [], [], None, None, lineno=line)


def _limit_length(value: Any) -> Any:
    """Return the value; raise TemplateRuntimeError if it is too long."""
    if isinstance(value, Sized):
        _check_text_length(len(value))
    return value


def _check_text_length(length: int) -> None:
    """Raise TemplateRuntimeError if a string or list of this length would be too long."""
    if length > MAX_TEXT_LENGTH:
        raise TemplateRuntimeError("the template makes a text that is too long")


@pass_eval_context
def _bounded_join(
    context: nodes.EvalContext, value: Iterable[Any], d: str = "", attribute: Any = None
) -> str:
    parts = list(islice(value, MAX_STEPS))
    length = sum(len(part) for part in parts if isinstance(part, str))
    _check_text_length(length + len(parts) * len(d))
    return do_join(context, parts, d, attribute)


@pass_eval_context
def _bounded_replace(context: nodes.EvalContext, s: str, old: str, new: str) -> str:
    _check_text_length(len(s) + str(s).count(str(old)) * len(new))
    return do_replace(context, s, old, new)
