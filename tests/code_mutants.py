"""Every small slip of a Python module, one at a time: each is its text with one place changed.

Made from the syntax tree, but cut into the text itself, so that a mutant differs from the original
in the few signs that it is about, and can be shown as two lines. Allow lists and patterns are data
that decide, so their parts are dropped one by one too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

SWAPS = {
    ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="), ast.GtE: (">", "<"),
    ast.Eq: ("!=",), ast.NotEq: ("==",), ast.In: ("not in",), ast.NotIn: ("in",),
    ast.Is: ("is not",), ast.IsNot: ("is",), ast.Add: ("-",), ast.Sub: ("+",), ast.Mult: ("/",),
    ast.Div: ("*",), ast.FloorDiv: ("*",), ast.Mod: ("*",), ast.BitOr: ("&",), ast.BitAnd: ("|",),
}  # fmt: skip
"""What an operator is mistaken for."""

PLAIN_CALLS = set(
    "lower upper casefold strip lstrip rstrip absolute resolve sorted normalize".split()
)
"""Calls that give back much the same: `x.lower()` becomes `x`, `sorted(x)` becomes `x`."""


class Mutant(NamedTuple):
    """One slip: where it is, the lines of it before and after, and the whole text with it."""

    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """What names it when lines above it come and go."""
        return self.before, self.after


Edit = tuple[int, int, str]
"""Bytes from, bytes to, and what stands there instead."""


def mutants(text: str, extra: Iterable[tuple[str, str]] = ()) -> list[Mutant]:
    """All slips of a module's text, in order of place, each once; `extra`: more, as (old, new)."""
    data = text.encode()
    maker = _Maker(data)
    found = dict.fromkeys(
        edit for edit in sorted(maker.all()) if data[edit[0] : edit[1]] != edit[2].encode()
    )
    for old, new in extra:
        at = data.index(old.encode())
        found[at, at + len(old.encode()), new] = None
    made = (_mutant(data, edit) for edit in found)
    return [mutant for mutant in made if _is_code(mutant.text)]


def _mutant(data: bytes, edit: Edit) -> Mutant:
    start, end, new = edit
    changed = data[:start] + new.encode() + data[end:]
    first = data.rfind(b"\n", 0, start) + 1
    tail = data.find(b"\n", end)
    tail = len(data) if tail < 0 else tail
    before = data[first:tail].decode()
    after = changed[first : len(changed) - (len(data) - tail)].decode()
    squeeze = re.compile(r"\s+")
    return Mutant(
        data.count(b"\n", 0, start) + 1,
        squeeze.sub(" ", before).strip(),
        squeeze.sub(" ", after).strip(),
        changed.decode(),
    )


def _is_code(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


class _Maker:
    """Walks the tree of one module and collects edits."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.starts = [0, *(found.end() for found in re.finditer(rb"\n", data))]

    def all(self) -> Iterator[Edit]:
        todo: list[ast.AST] = [ast.parse(self.data)]
        while todo:
            node = todo.pop()
            make = getattr(self, f"of_{type(node).__name__.lower()}", None)
            if make:
                yield from make(node)
            todo += _parts(node)

    # -- places ---------------------------------------------------------------------------------

    def span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.ExceptHandler)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def code(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.data[start:end].decode()

    def instead(self, node: ast.AST, new: str) -> Edit:
        return (*self.span(node), new)

    def between(self, left: ast.AST, right: ast.AST, old: str, new: str) -> Iterator[Edit]:
        """The operator `old` between two operands becomes `new`."""
        start, end = self.span(left)[1], self.span(right)[0]
        found = re.search(re.escape(old).encode(), self.data[start:end])
        if found:
            yield start + found.start(), start + found.end(), new

    def without_each(self, nodes: list[ast.expr] | list[ast.keyword]) -> Iterator[Edit]:
        """Each of several, listed with commas, left out."""
        for node in nodes:
            start, end = self.span(node)
            comma = re.match(rb"\s*,", self.data[end:])
            before = re.search(rb",\s*$", self.data[:start])
            if comma:
                yield start, end + comma.end(), ""
            elif before:
                yield before.start(), end, ""
            else:
                yield start, end, ""

    # -- expressions ----------------------------------------------------------------------------

    def of_compare(self, node: ast.Compare) -> Iterator[Edit]:
        for (left, right), sign in zip(
            pairwise([node.left, *node.comparators]), node.ops, strict=True
        ):
            for new in SWAPS[type(sign)]:
                yield from self.between(left, right, _SIGNS[type(sign)], new)

    def of_boolop(self, node: ast.BoolOp) -> Iterator[Edit]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield self.instead(
            node, "(" + f" {new} ".join(f"({self.code(v)})" for v in node.values) + ")"
        )
        for left_out in node.values:
            rest = [f"({self.code(v)})" for v in node.values if v is not left_out]
            yield self.instead(node, "(" + f" {old} ".join(rest) + ")")

    def of_unaryop(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.Not | ast.USub):
            yield self.instead(node, f"({self.code(node.operand)})")

    def of_binop(self, node: ast.BinOp) -> Iterator[Edit]:
        if type(node.op) not in SWAPS or any(map(_is_text, (node.left, node.right))):
            return  # "a" - "b" is no slip that anybody could make
        for new in SWAPS[type(node.op)]:
            yield from self.between(node.left, node.right, _SIGNS[type(node.op)], new)

    def of_ifexp(self, node: ast.IfExp) -> Iterator[Edit]:
        yield from self.negated(node.test)

    def of_comprehension(self, node: ast.comprehension) -> Iterator[Edit]:
        for test in node.ifs:
            yield self.instead(test, "True")

    def negated(self, test: ast.expr) -> Iterator[Edit]:
        if not isinstance(test, ast.UnaryOp):
            yield self.instead(test, f"(not ({self.code(test)}))")

    def of_constant(self, node: ast.Constant) -> Iterator[Edit]:
        value = node.value
        if isinstance(value, bool):
            yield self.instead(node, str(not value))
        elif isinstance(value, int):
            yield self.instead(node, str(value + 1))
            yield self.instead(node, str(value - 1))
        elif isinstance(value, str | bytes):
            empty = '""' if isinstance(value, str) else 'b""'
            yield self.instead(node, '"XX"' if value == "" else empty)

    def of_joinedstr(self, node: ast.JoinedStr) -> Iterator[Edit]:
        yield self.instead(node, '""')

    def of_call(self, node: ast.Call) -> Iterator[Edit]:
        yield from self.without_each(node.keywords)
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if name in PLAIN_CALLS:
            inner = node.args[-1] if node.args else getattr(node.func, "value", None)
            if inner is not None:
                yield self.instead(node, f"({self.code(inner)})")
        texts = [a for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if getattr(getattr(node.func, "value", None), "id", "") == "re":
            for text in texts:
                yield from self.pattern(text)
        if name == "split" and isinstance(node.func, ast.Attribute) and not node.args:
            yield from self.words(node.func.value)

    def of_attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        if isinstance(node.value, ast.Name) and node.value.id == "re" and node.attr.isupper():
            yield self.instead(node, "0")

    def words(self, node: ast.expr) -> Iterator[Edit]:
        """A list written as text with blanks: each word left out."""
        start, end = self.span(node)
        if isinstance(node, ast.Constant):
            for found in re.finditer(rb"[^\s\"']+ ?", self.data[start:end]):
                yield start + found.start(), start + found.end(), ""

    def pattern(self, node: ast.Constant) -> Iterator[Edit]:
        """A pattern: each part of a class, each alternative, anchor or repeat left out."""
        start, end = self.span(node)
        for found in _PARTS_OF_PATTERN.finditer(self.data, start, end):
            if found["set"]:
                inside = found.start("inside")
                for part in _PARTS_OF_SET.finditer(self.data, inside, found.end("inside")):
                    yield part.start(), part.end(), ""
            else:
                yield found.start(), found.end(), ""

    def of_set(self, node: ast.Set | ast.List) -> Iterator[Edit]:
        if len(node.elts) > 1:
            yield from self.without_each(node.elts)

    of_list = of_set

    def of_tuple(self, node: ast.Tuple) -> Iterator[Edit]:
        if len(node.elts) > 1 and all(
            isinstance(e, ast.Constant | ast.Attribute) for e in node.elts
        ):
            yield from self.without_each(node.elts)

    def of_dict(self, node: ast.Dict) -> Iterator[Edit]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                start, end = self.span(key)[0], self.span(value)[1]
                comma = re.match(rb"\s*,", self.data[end:])
                yield start, end + (comma.end() if comma else 0), ""

    # -- statements -----------------------------------------------------------------------------

    def of_if(self, node: ast.If | ast.While) -> Iterator[Edit]:
        yield from self.negated(node.test)

    of_while = of_if

    def of_return(self, node: ast.Return) -> Iterator[Edit]:
        if node.value is not None and not isinstance(node.value, ast.Constant):
            yield self.instead(node.value, "None")

    def gone(self, node: ast.stmt) -> Iterator[Edit]:
        yield self.instead(node, "pass")

    of_raise = of_augassign = of_delete = gone

    def of_expr(self, node: ast.Expr) -> Iterator[Edit]:
        if not isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom):
            yield self.instead(node, "pass")

    def of_assign(self, node: ast.Assign) -> Iterator[Edit]:
        if not isinstance(node.targets[0], ast.Name):  # a name that is missing is no slip
            yield self.instead(node, "pass")

    def of_continue(self, node: ast.Continue) -> Iterator[Edit]:
        yield self.instead(node, "break")
        yield self.instead(node, "pass")

    def of_break(self, node: ast.Break) -> Iterator[Edit]:
        yield self.instead(node, "continue")
        yield self.instead(node, "pass")

    def of_excepthandler(self, node: ast.ExceptHandler) -> Iterator[Edit]:
        if node.type is not None:
            yield self.instead(node.type, "()")
            if isinstance(node.type, ast.Tuple):
                yield from self.without_each(node.type.elts)

    def of_try(self, node: ast.Try) -> Iterator[Edit]:
        if node.finalbody:
            start, end = self.span(node.finalbody[0])[0], self.span(node.finalbody[-1])[1]
            yield start, end, "pass"


_SIGNS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.Add: "+",
    ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.BitOr: "|", ast.BitAnd: "&",
}  # fmt: skip

_SIGN = rb"(?:\\(?:x..|u....|U.{8}|.)|[\x00-\x5b\x5e-\x7f]|[\xc0-\xff][\x80-\xbf]+)"
_PARTS_OF_SET = re.compile(_SIGN + rb"(?:-" + _SIGN + rb")?")
_PARTS_OF_PATTERN = re.compile(
    rb"(?P<set>\[\^?(?P<inside>(?:\\.|[^\]\\\n])+)\])"
    rb"|\\[bBAZ]|(?<![\\\[])[\^$]|(?<=[\])\w.])[*+?](?!\?)|\|(?:\\.|[^|()\[\]\\\"'\n$])+"
)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The children in which a slip would matter: no types, no docstrings, no pieces of texts."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "type_params"} or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            is_note = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_note:
                yield child
