"""Boolean functions as reduced ordered binary decision diagrams (Bryant 1986).

A function is the number of its node. Equal functions have the same number, whatever they were made
from, so whether one is impossible, or two are the same, is a comparison of numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

Function = int
"""A Boolean function of the variables of a `Diagrams`, which are numbered from 0."""

FALSE: Final[Function] = 0
TRUE: Final[Function] = 1

Cube = tuple[tuple[int, bool], ...]
"""Values of some variables, in order."""

_LEAF: Final = 1 << 30
"""Level of the two constants: below every variable."""


class Diagrams:
    """Creates functions. Functions of different instances do not mix."""

    def __init__(self) -> None:
        self._nodes: list[tuple[int, Function, Function]] = [(_LEAF, 0, 0), (_LEAF, 1, 1)]
        self._numbers: dict[tuple[int, Function, Function], Function] = {}
        self._chosen: dict[tuple[Function, Function, Function], Function] = {}

    def variable(self, index: int) -> Function:
        """Return the function that is true where the variable is."""
        return self._node(index, FALSE, TRUE)

    def _node(self, level: int, low: Function, high: Function) -> Function:
        if low == high:
            return low
        key = (level, low, high)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._nodes)
            self._nodes.append(key)
        return number

    # -- connectives ------------------------------------------------------------------------------

    def choose(self, condition: Function, then: Function, otherwise: Function) -> Function:
        """Return the function that is `then` where the condition holds, and else `otherwise`."""
        if condition == TRUE or then == otherwise:
            return then
        if condition == FALSE:
            return otherwise
        if then == TRUE and otherwise == FALSE:
            return condition
        key = (condition, then, otherwise)
        found = self._chosen.get(key)
        if found is None:
            nodes = self._nodes
            at_condition, no, yes = nodes[condition]
            at_then, then_low, then_high = nodes[then]
            at_otherwise, low, high = nodes[otherwise]
            level = min(at_condition, at_then, at_otherwise)
            if at_condition != level:
                no = yes = condition
            if at_then != level:
                then_low = then_high = then
            if at_otherwise != level:
                low = high = otherwise
            found = self._node(
                level, self.choose(no, then_low, low), self.choose(yes, then_high, high)
            )
            self._chosen[key] = found
        return found

    def negate(self, function: Function) -> Function:
        """Return where a function does not hold."""
        return self.choose(function, FALSE, TRUE)

    def both(self, one: Function, other: Function) -> Function:
        """Return where both hold."""
        return self.choose(one, other, FALSE) if one < other else self.choose(other, one, FALSE)

    def either(self, one: Function, other: Function) -> Function:
        """Return where one or both hold."""
        return self.choose(one, TRUE, other) if one < other else self.choose(other, TRUE, one)

    def without(self, one: Function, other: Function) -> Function:
        """Return where the first holds and the second does not."""
        return self.choose(other, FALSE, one)

    def all_of(self, functions: Iterable[Function]) -> Function:
        """Return where all hold."""
        result = TRUE
        for function in sorted(functions, key=self._nodes.__getitem__, reverse=True):
            result = self.both(function, result)
        return result

    def any_of(self, functions: Iterable[Function]) -> Function:
        """Return where at least one holds."""
        result = FALSE
        for function in sorted(functions, key=self._nodes.__getitem__, reverse=True):
            result = self.either(function, result)
        return result

    def fixed(self, function: Function, index: int, *, value: bool) -> Function:
        """Return the function with one variable set to a value."""
        known: dict[Function, Function] = {}

        def fix(node: Function) -> Function:
            level, low, high = self._nodes[node]
            if level > index:
                return node
            if level == index:
                return high if value else low
            found = known.get(node)
            if found is None:
                found = known[node] = self._node(level, fix(low), fix(high))
            return found

        return fix(function)

    def exists(self, function: Function, indexes: Collection[int]) -> Function:
        """Return where a function holds for some values of these variables."""
        known: dict[Function, Function] = {}

        def project(node: Function) -> Function:
            if node <= TRUE:
                return node
            found = known.get(node)
            if found is None:
                level, low, high = self._nodes[node]
                parts = project(low), project(high)
                found = self.either(*parts) if level in indexes else self._node(level, *parts)
                known[node] = found
            return found

        return project(function)

    # -- what a function is -----------------------------------------------------------------------

    def holds(self, function: Function, true: Collection[int]) -> bool:
        """Whether a function holds where these variables are true, and no others."""
        while function > TRUE:
            level, low, high = self._nodes[function]
            function = high if level in true else low
        return function == TRUE

    def variables(self, function: Function) -> set[int]:
        """Return the variables that the value of a function depends on."""
        return {self._nodes[node][0] for node in self._reachable(function)}

    def falling(self, function: Function) -> set[int]:
        """Return the variables that, made true, can make a function false."""
        nodes = (self._nodes[node] for node in self._reachable(function))
        return {level for level, low, high in nodes if self.without(low, high) != FALSE}

    def _reachable(self, function: Function) -> set[Function]:
        """Return the nodes below a function and itself, without the constants."""
        seen: set[Function] = {FALSE, TRUE}
        left = [function]
        while left:
            node = left.pop()
            if node not in seen:
                seen.add(node)
                left += self._nodes[node][1:]
        return seen - {FALSE, TRUE}

    def count(self, function: Function, variable_count: int) -> int:
        """Count the assignments of the first so many variables for which a function holds."""
        counts = {FALSE: 0, TRUE: 1}

        def depth(node: Function) -> int:
            return min(self._nodes[node][0], variable_count)

        def count(node: Function) -> int:
            if node not in counts:
                level, low, high = self._nodes[node]
                counts[node] = sum(
                    count(child) << (depth(child) - level - 1) for child in (low, high)
                )
            return counts[node]

        return count(function) << depth(function)

    def shortest(self, function: Function) -> tuple[int, ...]:
        """Return the fewest variables that, true alone, make a function hold; the first such.

        Raises:
            ValueError: It never holds.
        """
        costs = {FALSE: _LEAF, TRUE: 0}

        def cost(node: Function) -> int:
            if node not in costs:
                _, low, high = self._nodes[node]
                costs[node] = min(cost(low), 1 + cost(high))
            return costs[node]

        if function == FALSE:
            raise ValueError("the function never holds")
        true: list[int] = []
        while function != TRUE:
            level, low, high = self._nodes[function]
            if cost(low) < cost(high) + 1:
                function = low
            else:
                true.append(level)
                function = high
        return tuple(true)

    def cover(self, function: Function, optional: Function = FALSE) -> tuple[Cube, ...]:
        """Return conditions, each a variable and its value, that together say where it holds.

        It holds where all of any one tuple are met. No tuple can be left out. Equal functions have
        the same cover (Minato and Morreale's algorithm).

        Args:
            function: The function.
            optional: Where it does not matter what the cover says.
        """
        known: dict[tuple[Function, Function], tuple[Function, frozenset[Cube]]] = {}

        def split(node: Function, level: int) -> tuple[Function, Function]:
            at, low, high = self._nodes[node]
            return (low, high) if at == level else (node, node)

        def find(least: Function, most: Function) -> tuple[Function, frozenset[Cube]]:
            if least == FALSE:
                return FALSE, frozenset()
            if most == TRUE:
                return TRUE, frozenset([()])
            key = least, most
            if key not in known:
                known[key] = step(least, most)
            return known[key]

        def step(least: Function, most: Function) -> tuple[Function, frozenset[Cube]]:
            level = min(self._nodes[least][0], self._nodes[most][0])
            (low, high), (most_low, most_high) = split(least, level), split(most, level)
            covered_low, cubes_low = find(self.without(low, most_high), most_low)
            covered_high, cubes_high = find(self.without(high, most_low), most_high)
            left = self.either(self.without(low, covered_low), self.without(high, covered_high))
            covered, cubes = find(left, self.both(most_low, most_high))
            found = self.either(covered, self._node(level, covered_low, covered_high))
            return found, cubes.union(
                (((level, False), *cube) for cube in cubes_low),
                (((level, True), *cube) for cube in cubes_high),
            )

        return tuple(sorted(find(function, self.either(function, optional))[1]))
