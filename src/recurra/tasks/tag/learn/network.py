"""The tagger's network: id, shape, affixes and characters of a word -> recurrent layers -> a score for each tag."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.dropout import Dropout, LockedDropout, WordDropout
from recurra.nn.embedding import Embedding
from recurra.nn.recurrent import Recurrent
from recurra.tasks.tag.features import AFFIXES, UNKNOWN, WORD_SHAPES
from recurra.tasks.tag.learn.crf import CRF
from recurra.tasks.tag.learn.word_table import WordTable
from recurra.tasks.tag.shape import KERNEL, TaggerShape

DEVIATION = 0.1
"""Standard deviation of the vectors that start at random."""


@dataclass(frozen=True)
class TaggerBatch:
    """Sentences as an index into their U distinct words.

    words, word_shapes: [U] int64; affixes: [U, AFFIXES] int64; characters: a Batch [U, C]; index: a
    Batch [B, T] of rows of these.
    """

    words: Tensor
    word_shapes: Tensor
    affixes: Tensor
    characters: Batch
    index: Batch


class ConvolvedCharacters(nn.Module):
    """A convolution over the characters and its maximum over time (Ma and Hovy, 2016)."""

    def __init__(self, shape: TaggerShape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.alphabet, shape.character_embedding)
        self.filters = nn.Conv1d(shape.character_embedding, shape.character_features, KERNEL, padding=KERNEL // 2)

    def forward(self, characters: Batch) -> Tensor:
        """characters: ids [U, C]. Returns [U, character_features]."""
        real = characters.mask()[:, None]  # [U, 1, C]
        x = self.embedding(characters.values).transpose(1, 2).masked_fill(~real, 0)  # [U, D, C]
        features: Tensor = self.filters(x).masked_fill(~real, -torch.inf).amax(2)
        return features


class RecurrentCharacters(nn.Module):
    """A recurrent layer over the characters in both directions, and its last states (Lample et al., 2016)."""

    def __init__(self, shape: TaggerShape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.alphabet, shape.character_embedding)
        self.recurrent = Recurrent(shape.cell, shape.character_embedding, shape.character_features // 2)

    def forward(self, characters: Batch) -> Tensor:
        """characters: ids [U, C]. Returns [U, character_features]."""
        index = characters.values.to(torch.int32)
        features: Tensor = self.recurrent(self.embedding.weight, index, characters, reduction="last")
        return features


CHARACTERS: dict[str, type[ConvolvedCharacters] | type[RecurrentCharacters]] = {
    "convolution": ConvolvedCharacters,
    "recurrent": RecurrentCharacters,
}


class TaggerNetwork(nn.Module):
    """A tagger; its scores are the emissions of the CRF, or logits where there is none.

    dropout: probability of dropping a feature in training: of a word's vector, between layers and before the head.
    word_dropout: probability of replacing one of the distinct words by the unknown word in training, so that the
    network learns to rely on spelling and context too: of all words, or a tensor [V] with that of each.
    """

    def __init__(self, shape: TaggerShape, dropout: float = 0.0, word_dropout: float | Tensor = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.word_dropout = WordDropout(word_dropout, UNKNOWN)
        self.words = WordTable(shape.vocabulary, shape.embedding, DEVIATION)
        self.kinds = nn.Embedding(WORD_SHAPES, shape.kind_embedding)
        self.affixes = Embedding(shape.affix_buckets, shape.affix_embedding) if shape.affix_embedding else None
        self.characters = CHARACTERS[shape.characters](shape) if shape.characters != "none" else None
        for table in (self.words, self.kinds, self.affixes):
            if table is not None:
                nn.init.normal_(table.weight, std=DEVIATION)
        self.dropout = Dropout(dropout)
        self.recurrent = Recurrent(shape.cell, shape.inputs, shape.hidden, layers=shape.layers, dropout=dropout)
        self.top_dropout = LockedDropout(dropout)
        self.head = nn.Linear(self.recurrent.features, shape.tags)
        self.crf = CRF(shape.tags) if shape.crf else None

    def gradients_by_row(self) -> None:
        """Return the gradients of the tables of words and affixes as rows, for an optimiser that takes them."""
        for module in self.modules():
            if isinstance(module, Embedding):
                module.row_gradients = True

    def forward(self, batch: TaggerBatch) -> Tensor:
        """batch: U distinct words, index [B, T]. Returns a score for each tag [B, T, K], arbitrary in the padding."""
        parts = [self.words.of(batch.words, self.word_dropout(batch.words)), self.kinds(batch.word_shapes)]
        if self.affixes is not None:
            parts.append(self.affixes.any(batch.affixes).sum(1) / AFFIXES**0.5)
        if self.characters is not None:
            parts.append(self.characters(batch.characters))
        x = self.dropout(torch.cat([part.to(parts[0].dtype) for part in parts], dim=1))  # [U, inputs]
        x = self.recurrent(x, batch.index.values.to(torch.int32), batch.index)  # [B, T, F]
        scores: Tensor = self.head(self.top_dropout(x))
        return scores
