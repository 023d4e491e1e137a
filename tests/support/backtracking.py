"""A backtracking matcher that counts its steps, for what a regular expression costs without a clock.

It reads what Python's own parser makes of the expression, and tries alternatives in the same order as `re`. The steps
are characters compared; `re` has short cuts, and never takes more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

SHORT, LONG = 24, 120
"""How often a text is repeated: five times as long a text may take about five times as many steps, not 25 times."""

WORST_GROWTH = 10
_TOO_MANY_STEPS = 100
"""A character; beyond it nothing is counted any more."""
_MANY_STEPS = 4
"""A character; what takes fewer in a short text is not tried in a long one."""

Nodes = Sequence[tuple[Any, Any]]


class TooManySteps(Exception):
    """The matcher took more than its most steps."""


class Counting:
    """A regular expression. steps: characters compared so far; beyond `most` it raises TooManySteps."""

    def __init__(self, pattern: str, flags: int = 0, most: float = float("inf")) -> None:
        self.steps, self._most = 0, most
        self._tree = parser.parse(pattern, flags)
        self._ignored_case = bool(self._tree.state.flags & re.IGNORECASE)

    def find_all(self, text: str) -> list[str]:
        """Return what `re.finditer` finds."""
        found, start = [], 0
        while start <= len(text):
            end = self.match(text, start)
            if end is not None:
                found.append(text[start:end])
            start = start + 1 if end is None or end == start else end
        return found

    def match(self, text: str, start: int = 0, *, whole: bool = False) -> int | None:
        """Return where a match at `start` ends, None where there is none. whole: it must reach the end of the text."""
        ends = self._sequence(list(self._tree), text, start)
        return next((end for end in ends if not whole or end == len(text)), None)

    def _sequence(self, nodes: Nodes, text: str, at: int) -> Iterator[int]:
        if not nodes:
            yield at
            return
        for end in self._node(nodes[0], text, at):
            yield from self._sequence(nodes[1:], text, end)

    def _node(self, node: tuple[Any, Any], text: str, at: int) -> Iterator[int]:
        kind, value = node
        self.steps += 1
        if self.steps > self._most:
            raise TooManySteps
        if kind in _REPEATS:
            least, most, inner = value
            ends = self._repeated(inner, int(least), float(most) if most != kinds.MAXREPEAT else float("inf"), text, at)
            if kind is kinds.POSSESSIVE_REPEAT:
                first = next(ends, None)
                yield from () if first is None else (first,)
            elif kind is kinds.MIN_REPEAT:
                yield from reversed(list(ends))
            else:
                yield from ends
        elif kind is kinds.BRANCH:
            for branch in value[1]:
                yield from self._sequence(list(branch), text, at)
        elif kind is kinds.SUBPATTERN:
            yield from self._sequence(list(value[3]), text, at)
        elif kind in (kinds.ASSERT, kinds.ASSERT_NOT):
            direction, inner = value
            start = at if direction > 0 else at - inner.getwidth()[0]
            holds = start >= 0 and next(self._sequence(list(inner), text, start), None) is not None
            if holds == (kind is kinds.ASSERT):
                yield at
        elif kind is kinds.AT:
            if _at(value, text, at):
                yield at
        elif at < len(text) and self.accepts(node, text[at]):
            yield at + 1

    def _repeated(self, inner: Nodes, least: int, most: float, text: str, at: int) -> Iterator[int]:
        """Yield the ends of a greedy repeat, the farthest first."""
        if len(inner) == 1 and inner[0][0] in _CHARACTERS:  # without a level of recursion for each character
            end = at
            while end < len(text) and end - at < most and self.accepts(inner[0], text[end]):
                self.steps += 1
                end += 1
            yield from range(end, at + least - 1, -1)
            return
        if most > 0:
            for end in self._sequence(list(inner), text, at):
                if end > at:
                    yield from self._repeated(inner, max(0, least - 1), most - 1, text, end)
        if least <= 0:
            yield at

    def accepts(self, node: tuple[Any, Any], character: str) -> bool:
        """Return whether a node of a single character accepts this one."""
        spellings = {character, character.lower(), character.upper()} if self._ignored_case else {character}
        return any(_accepts(node, spelling) for spelling in spellings if len(spelling) == 1)

    def alphabet(self) -> list[str]:
        """Return a character of each kind that what is repeated in the expression tells apart."""
        nodes = [node for node in _repeated_nodes(self._tree) if node[0] in _CHARACTERS]
        candidates = {character for node in nodes for character in _examples(node)} | set("x0 \n\0")
        by_kind = {tuple(self.accepts(node, one) for node in nodes): one for one in sorted(candidates, reverse=True)}
        return list(by_kind.values())

    def examples(self) -> list[str]:
        """Return a short text that each alternative matches, as far as single characters tell."""
        found = [""]
        for nodes in (list(self._tree), *(list(branch) for branch in _branches(self._tree))):
            found.append("".join(_shortest(node) for node in nodes))
        return sorted(set(found))


_CHARACTERS = (kinds.LITERAL, kinds.NOT_LITERAL, kinds.ANY, kinds.IN)
_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    kinds.CATEGORY_SPACE: str.isspace,
    kinds.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    kinds.CATEGORY_DIGIT: str.isdecimal,
    kinds.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    kinds.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    kinds.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
_OF_CATEGORY = {kinds.CATEGORY_SPACE: " ", kinds.CATEGORY_DIGIT: "0", kinds.CATEGORY_WORD: "x"}


def _accepts(node: tuple[Any, Any], character: str) -> bool:
    kind, value = node
    if kind is kinds.LITERAL:
        return bool(ord(character) == value)
    if kind is kinds.NOT_LITERAL:
        return bool(ord(character) != value)
    if kind is kinds.ANY:
        return character != "\n"
    return _in(tuple(value), character)


@cache
def _in(items: tuple[tuple[Any, Any], ...], character: str) -> bool:
    negated = items[0][0] is kinds.NEGATE
    accepted = any(
        (kind is kinds.LITERAL and ord(character) == value)
        or (kind is kinds.RANGE and value[0] <= ord(character) <= value[1])
        or (kind is kinds.CATEGORY and _CATEGORIES[value](character))
        for kind, value in items
    )
    return accepted != negated


def _at(where: Any, text: str, at: int) -> bool:
    word = _CATEGORIES[kinds.CATEGORY_WORD]
    before, after = at > 0 and word(text[at - 1]), at < len(text) and word(text[at])
    if where in (kinds.AT_BOUNDARY, kinds.AT_NON_BOUNDARY):
        return (before != after) == (where is kinds.AT_BOUNDARY)
    return at == 0 if where in (kinds.AT_BEGINNING, kinds.AT_BEGINNING_STRING) else at == len(text)


def _all_nodes(tree: Nodes) -> Iterator[tuple[Any, Any]]:
    for kind, value in tree:
        yield kind, value
        if kind in _REPEATS:
            yield from _all_nodes(value[2])
        elif kind is kinds.BRANCH:
            for branch in value[1]:
                yield from _all_nodes(branch)
        elif kind is kinds.SUBPATTERN:
            yield from _all_nodes(value[3])
        elif kind in (kinds.ASSERT, kinds.ASSERT_NOT):
            yield from _all_nodes(value[1])


def _repeated_nodes(tree: Nodes) -> Iterator[tuple[Any, Any]]:
    """Yield the nodes within repeats that have no bound."""
    for kind, value in _all_nodes(tree):
        if kind in _REPEATS and value[1] == kinds.MAXREPEAT:
            yield from _all_nodes(value[2])


def _branches(tree: Nodes) -> Iterator[Nodes]:
    return (branch for kind, value in _all_nodes(tree) if kind is kinds.BRANCH for branch in value[1])


def _examples(node: tuple[Any, Any]) -> Iterator[str]:
    kind, value = node
    if kind in (kinds.LITERAL, kinds.NOT_LITERAL):
        yield chr(value)
    for item, of in value if kind is kinds.IN else ():
        if item is kinds.LITERAL:
            yield chr(of)
        elif item is kinds.RANGE:
            yield chr(of[0])
        elif item is kinds.CATEGORY:
            yield _OF_CATEGORY.get(of, "!")


def _shortest(node: tuple[Any, Any]) -> str:
    kind, value = node
    if kind in _CHARACTERS:
        return next((one for one in (*_examples(node), "x", " ", "!") if _accepts(node, one)), "")
    if kind in _REPEATS:
        return "".join(map(_shortest, value[2])) * min(value[0], 3)
    if kind is kinds.BRANCH:
        return "".join(map(_shortest, value[1][0]))
    return "".join(map(_shortest, value[3])) if kind is kinds.SUBPATTERN else ""


def worst_growth(pattern: str, flags: int = 0, *, how: str = "search") -> tuple[float, str]:
    """Return how many times more steps a text takes that is five times as long, and what is repeated in it.

    The worst of texts made of the expression's own parts: a beginning, many times a unit, and perhaps an end that does
    not fit. how: the method by which the expression is used.
    """
    probe = Counting(pattern, flags)
    examples, letters = probe.examples(), probe.alphabet()
    starts = {example[:length] for example in examples for length in range(len(example) + 1)}
    units = {*letters, *(first + second for first in letters for second in letters), *examples} - {""}
    worst = (0.0, "")
    for start in sorted(starts):
        for unit in sorted(units):
            for end in ("", "\0"):
                short = start + unit * SHORT + end
                few = _steps(pattern, flags, how, short)
                if few > _TOO_MANY_STEPS * len(short):
                    return float("inf"), f"{start!r} + {unit!r} * n + {end!r}"
                if few <= _MANY_STEPS * len(short):
                    continue
                many = _steps(pattern, flags, how, start + unit * LONG + end)
                worst = max(worst, (many / few, f"{start!r} + {unit!r} * n + {end!r}"))
    return worst


def _steps(pattern: str, flags: int, how: str, text: str) -> int:
    counting = Counting(pattern, flags, _TOO_MANY_STEPS * len(text))
    with suppress(TooManySteps):
        if how in ("match", "fullmatch"):
            counting.match(text, whole=how == "fullmatch")
        else:
            counting.find_all(text)
    return counting.steps
