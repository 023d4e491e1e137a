"""The linear model of n-grams beside the network, in training: its logits are added to the network's.

A text's logit is the sum of the weights of its distinct words, pairs and triples of words (`text/ngrams.py`). Where the
vocabulary is open, the weight of a word is its own plus that of its spelling: the weights of its character n-grams
(`text/subwords.py`), summed and divided by the root of their number. Wide and deep, as in Cheng et al., 2016: Wide and
deep learning for recommender systems.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.many_to_one.shape import SPELLING_SCALE
from recurra.nn.batch import Batch
from recurra.nn.dropout import Dropout
from recurra.nn.embedding import Embedding
from recurra.text.ngrams import HashedNgrams
from recurra.text.subwords import joined
from recurra.text.tokenizer import FIRST_WORD


class Spellings(nn.Module):
    """The character n-grams of each word of a vocabulary, and what is learnt of them.

    embedding [S, D]: of which a word's vector gets the mean; only with a `width`. ngrams [S, O]: of which a word's
    weight gets the sum divided by the root of their number, times SPELLING_SCALE; only with `outputs`.
    """

    def __init__(self, words: Sequence[str], buckets: int, width: int, outputs: int) -> None:
        super().__init__()
        self.grams: Tensor
        self.ends: Tensor
        grams, ends = joined(words, buckets)
        ends = np.concatenate([np.zeros(FIRST_WORD, dtype=np.int64), ends])  # the filler and the unknown word have none
        self.register_buffer("grams", torch.from_numpy(grams.astype(np.int64)), persistent=False)
        self.register_buffer("ends", torch.from_numpy(ends), persistent=False)
        self.embedding = Embedding(buckets, width) if width else None
        if self.embedding is not None:
            nn.init.zeros_(self.embedding.weight)
        self.ngrams = Embedding(buckets, outputs) if outputs else None
        if self.ngrams is not None:
            nn.init.zeros_(self.ngrams.weight)

    def vectors(self, words: Tensor) -> Tensor:
        """Return the part of the vectors of words that is their spelling's [U, D]. words: [U] ids."""
        assert self.embedding is not None  # for the type checker: the caller has a width
        return self._sums(self.embedding, words, "mean")

    def weights(self, words: Tensor) -> Tensor:
        """Return the part of the n-gram weights of words that is their spelling's [U, O]. words: [U] ids."""
        assert self.ngrams is not None  # for the type checker: the caller has outputs
        sizes = (self.ends[words + 1] - self.ends[words]).clamp(min=1)
        return self._sums(self.ngrams, words, "sum") * (SPELLING_SCALE / sizes.sqrt())[:, None]

    def _sums(self, table: Embedding, words: Tensor, mode: str) -> Tensor:
        """Return the sum or mean of the rows of a table over the character n-grams of each word [U, ..]."""
        begins, sizes = self.ends[words], self.ends[words + 1] - self.ends[words]
        offsets = sizes.cumsum(0) - sizes
        within = torch.arange(int(sizes.sum()), device=words.device) - offsets.repeat_interleave(sizes)
        found = self.grams[begins.repeat_interleave(sizes) + within]
        if not table.row_gradients:
            return functional.embedding_bag(found, table.weight, offsets, mode=mode)
        buckets, place = torch.unique(found, return_inverse=True)
        return functional.embedding_bag(place, table(buckets), offsets, mode=mode)


class NgramSide(nn.Module):
    """Weights [V + P, O] of words, pairs and triples. All start at zero.

    frozen: they were fitted beforehand, on what the network has not seen: in training, their share comes with the
    targets (see `Classification`), and the network alone answers.
    """

    def __init__(self, hashing: HashedNgrams, outputs: int, dropout: float = 0.0) -> None:
        """dropout: probability of leaving out an n-gram of a row in training, and its spelling with it."""
        super().__init__()
        self.hashing = hashing
        self.dropout = Dropout(dropout)
        self.frozen = False
        self.table = Embedding(hashing.features, outputs)
        nn.init.zeros_(self.table.weight)

    def freeze(self, weights: Tensor) -> None:
        """Set all weights [V + P, O] for good."""
        self.frozen = True
        self.table.weight.requires_grad_(False).copy_(weights)

    def forward(self, batch: Batch, spellings: Spellings | None) -> Tensor:
        """batch: ids [B, T]. Returns the sum of the weights of the distinct n-grams of each row [B, O]."""
        ids = batch.values
        rows, time = ids.shape
        pointer, feature = self.hashing.distinct(
            ids.cpu().numpy().astype(np.int32).ravel(), np.arange(rows) * time, batch.lengths.cpu().numpy()
        )
        distinct, place = np.unique(feature, return_inverse=True)
        chosen = torch.from_numpy(distinct.astype(np.int64)).to(ids.device)
        weights = self.table(chosen)  # [U, O]
        if spellings is not None:
            words = int(np.searchsorted(distinct, self.hashing.words))
            weights = torch.cat([weights[:words] + spellings.weights(chosen[:words]), weights[words:]])
        row = torch.from_numpy(np.repeat(np.arange(rows), np.diff(pointer))).to(ids.device)
        total = torch.zeros(rows, weights.shape[1], dtype=weights.dtype, device=ids.device)
        kept = self.dropout(torch.ones(len(row), 1, dtype=weights.dtype, device=ids.device))
        return total.index_add(0, row, weights[torch.from_numpy(place).to(ids.device)] * kept)
