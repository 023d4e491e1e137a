"""The vectors of a tagger's words: learnt ones and, beside them, those of a file, which training leaves as they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from recurra.nn.embedding import Embedding
from recurra.tasks.tag.features import UNKNOWN


class WordTable(Embedding):
    """Ids -> vectors [D]. `weight` is [V, D]; with the vectors of a file, until `merge`, of the learnt words alone.

    With a file, a word's vector is the sum of its own in the file, which is fixed, and of one that training learns, so
    that a word without the second (it is rare, or only the file has it) still means to the network what the file says.
    Source: Dozat and Manning, 2017, Deep biaffine attention for neural dependency parsing.
    """

    def __init__(self, vocabulary: int, width: int, deviation: float) -> None:
        super().__init__(vocabulary, width)
        self.deviation = deviation
        self.fixed: Tensor | None
        self.register_buffer("fixed", None, persistent=False)

    def fix(self, vectors: Tensor, learnt: int) -> None:
        """Start from the vectors of a file [V, D], 0 for a word that it lacks. learnt: how many of the first ids get a
        learnt vector beside them; the others share that of the unknown word."""
        self.fixed = vectors
        self.weight = nn.Parameter(torch.empty(learnt, vectors.shape[1]).normal_(std=self.deviation))

    def of(self, words: Tensor, shown: Tensor) -> Tensor:
        """words: [U] ids; shown: [U] the same, with UNKNOWN where the word is hidden. Returns [U, D]."""
        if self.fixed is None:
            return self.any(shown)
        return self.any(shown.masked_fill(shown >= len(self.weight), UNKNOWN)) + self.fixed[words]

    @torch.no_grad()
    def merge(self) -> None:
        """Make one table [V, D] of both, which answers as they do."""
        if self.fixed is None:
            return
        whole = self.fixed + self.weight[UNKNOWN]
        whole[: len(self.weight)] = self.fixed[: len(self.weight)] + self.weight
        self.fixed, self.weight = None, nn.Parameter(whole)
