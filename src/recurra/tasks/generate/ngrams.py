"""An n-gram model beside the network: the probability of each symbol by counts of what followed the last ones.

It is a tree of the runs of symbols in the training text. A node is a run, its children are the symbols that followed
it. The nodes lie in arrays level by level, the children of a node side by side in rising order, so that the tree is no
more than three arrays: of each node its symbol, its own share of the probability, and how many children it has. What
the children's shares leave over goes to the distribution after the run without its first symbol.

The state of a text that is read is the nodes of its last 0, 1, ... n - 1 symbols, so a symbol costs the same however
long the text has become.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.storage.model_directory import NGRAMS

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

ABSENT = -1
"""The node of a run after which nothing was seen."""
ROWS = 4096
"""States whose probabilities are computed at one time: this bounds memory."""


class Ngrams:
    """An interpolated n-gram model.

    symbol: [N] integers, of each node but the first, the root, the symbol that ends its run; own: [N] floating point,
    the share of that symbol after the run before it; children: [M] how many each node has, of all nodes but those of
    the longest runs; order: n; vocabulary: V. Raises ArtefactError for arrays that do not fit each other.
    """

    def __init__(
        self,
        symbol: NDArray[np.unsignedinteger],
        own: NDArray[np.floating],
        children: NDArray[np.unsignedinteger],
        *,
        order: int,
        vocabulary: int,
        where: str = NGRAMS,
    ) -> None:
        """where: the file, for errors."""
        nodes, inner = len(symbol), len(children)
        first = np.concatenate([np.ones(1, dtype=np.int64), 1 + np.cumsum(children, dtype=np.int64)])  # [M + 1]
        sound = (
            nodes == len(own)
            and 0 < inner <= nodes
            and first[-1] == nodes
            and bool((symbol < vocabulary).all())
            and bool((own >= 0).all())  # not a number is not, either
            and children[0] > 0
            and bool((first[:-1] > np.arange(inner)).all())
        )
        left = 1 - np.add.reduceat(np.append(own, 0).astype(np.float64), first[:-1]) if sound else np.zeros(0)
        left = np.where(children > 0, left, 1) if sound else left
        if not sound or not bool((left >= 0).all()) or not 1 <= order <= 64:
            raise ArtefactError(f"{where} is damaged: its arrays are no tree of n-grams. Train the model again.")
        self.order, self.vocabulary = order, vocabulary
        self._symbol, self._own = symbol.astype(np.int64), own.astype(np.float32)
        self._first, self._left = first, left.astype(np.float32)
        self._inner = inner
        self._symbols = np.ascontiguousarray(symbol).data  # whose items are plain integers
        self._unigrams = np.full(vocabulary, self._left[0] / np.float32(vocabulary), dtype=np.float32)
        self._unigrams[self._symbol[1 : first[1]]] += self._own[1 : first[1]]

    def empty(self) -> Ids:
        """Return the state [n] before anything was read."""
        return np.array([0] + [ABSENT] * (self.order - 1), dtype=np.int64)

    def read(self, ids: Ids, state: Ids) -> Ids:
        """Return the states [T, n] after each of `ids` [T], which follow `state` [n]."""
        if len(ids) == 1:
            return np.array([[0, *(self._child(int(node), int(ids[0])) for node in state[:-1])]], dtype=np.int64)
        after = np.full((len(ids), self.order), ABSENT, dtype=np.int64)
        after[:, 0] = 0
        for length in range(1, self.order):
            before = np.concatenate([state[length - 1 : length], after[:-1, length - 1]])
            after[:, length] = self._children(before, ids)
        return after

    def probabilities(self, states: Ids) -> Floats:
        """Return the probability [T, V] of each symbol after `states` [T, n]."""
        if len(states) > ROWS:
            parts = (self.probabilities(states[start : start + ROWS]) for start in range(0, len(states), ROWS))
            return np.concatenate(list(parts))
        result = np.repeat(self._unigrams[None], len(states), axis=0)
        if len(states) == 1:
            row = result[0]
            for node in states[0, 1:].tolist():
                if node == ABSENT:  # what never followed the last symbols never followed more of them
                    break
                begin, end = self._first[node], self._first[node + 1]
                row *= self._left[node]
                row[self._symbol[begin:end]] += self._own[begin:end]
            return result
        for length in range(1, self.order):
            rows = np.flatnonzero(states[:, length] != ABSENT)
            nodes = states[rows, length]
            begin, count = self._first[nodes], self._first[nodes + 1] - self._first[nodes]
            result[rows] *= self._left[nodes][:, None]
            places = np.repeat(begin - np.cumsum(count) + count, count) + np.arange(count.sum())
            result[np.repeat(rows, count), self._symbol[places]] += self._own[places]
        return result

    def _child(self, node: int, symbol: int) -> int:
        """Return the child of a node; ABSENT where there is none, or none that has children."""
        if node == ABSENT:
            return ABSENT
        begin, end = int(self._first[node]), int(self._first[node + 1])
        found = bisect_left(self._symbols, symbol, begin, end)
        if found == end or self._symbols[found] != symbol or found >= self._inner:
            return ABSENT
        return found if self._first[found + 1] > self._first[found] else ABSENT

    def _children(self, nodes: Ids, symbols: Ids) -> Ids:
        """Return the same for nodes [T] and symbols [T]."""
        present = nodes != ABSENT
        begin = np.where(present, self._first[nodes], 0)
        end = np.where(present, self._first[np.where(present, nodes + 1, 0)], 0)
        last = end.copy()
        while (open_ := begin < end).any():
            middle = (begin + end) // 2
            smaller = self._symbol[np.minimum(middle, len(self._symbol) - 1)] < symbols
            begin, end = np.where(open_ & smaller, middle + 1, begin), np.where(open_ & ~smaller, middle, end)
        found = np.minimum(begin, self._inner - 1)
        known = present & (begin < last) & (begin < self._inner) & (self._symbol[found] == symbols)
        return np.where(known & (self._first[found + 1] > self._first[found]), found, ABSENT)


def lengths(states: Ids) -> Ids:
    """Return of states [T, n] how many of the last symbols each knows: [T], 0 to n - 1."""
    return np.asarray((states != ABSENT).sum(axis=1) - 1, dtype=np.int64)
