"""What stands beside the texts, for a baseline: the same columns as the network has, so that the comparison is fair."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Integers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.baseline_features import Features, Scale
from recurra.many_to_one.learn.baseline_rows import RowSource
from recurra.many_to_one.learn.dense_columns import with_columns
from recurra.many_to_one.learn.ngram_counts import TokenRows
from recurra.training.logistic_regression import SparseRows

BESIDE = " beside the features"


@dataclass
class WithColumns:
    """A weighting of n-grams, and dense columns after them. dense: those of the rows to learn from [N, X]."""

    inner: Features
    dense: NDArray[np.float32]

    @property
    def name(self) -> str:
        return self.inner.name + BESIDE

    @property
    def penalties(self) -> tuple[float, ...]:
        return self.inner.penalties

    def learn(self) -> SparseRows:
        return with_columns(self.inner.learn(), self.dense)

    def apply(self, rows: TokenRows) -> SparseRows:
        assert rows.beside is not None  # for the type checker: `ColumnSource` has read them
        return with_columns(self.inner.apply(rows), rows.beside)

    def scale(self, data: SparseRows, targets: Integers, classes: int, rows: Integers) -> Scale | None:
        scale = self.inner.scale(data, targets, classes, rows)
        if scale is not None:
            scale[-self.dense.shape[1] :] = 1
        return scale


@dataclass
class ColumnSource:
    """Rows of a corpus as ids, with what stands beside them."""

    inner: RowSource
    corpus: Corpus

    @property
    def most(self) -> int:
        return self.inner.most

    def lengths(self, rows: Integers) -> Integers:
        return self.inner.lengths(rows)

    def read(self, rows: Integers) -> TokenRows:
        return replace(self.inner.read(rows), beside=self.corpus.feature_vectors(rows))


def with_features(
    corpus: Corpus, source: RowSource, rows: Integers, grid: list[Features]
) -> tuple[RowSource, Integers, list[Features]]:
    """Return where rows come from, the rows to learn from, and the grid, with what stands beside the texts of the
    corpus; as they are where nothing does."""
    if corpus.feature_codes is None:
        return source, rows, grid
    dense = corpus.feature_vectors(rows)
    return ColumnSource(source, corpus), rows, [WithColumns(features, dense) for features in grid]
