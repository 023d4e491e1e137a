"""The many-to-one network: embedding -> recurrent layers -> pooling -> one row of logits for each sequence."""

from __future__ import annotations

from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.dropout import Dropout, WordDropout
from recurra.nn.embedding import Embedding, distinct
from recurra.nn.recurrent import Recurrent
from recurra.tasks.classify.learn.pooling import POOLINGS
from recurra.tasks.classify.shape import REDUCTIONS, ClassifierShape
from recurra.text.tokenizer import UNKNOWN

EMBEDDING_RANGE = 0.05
"""Random word vectors start uniformly distributed between minus and plus this."""


class ClassifierNetwork(nn.Module):
    """A classifier. Each distinct word of a batch is embedded, and multiplied by the input weights, once.

    dropout: probability of dropping a feature in training: of embedded words, between layers and before the head. A
    word loses the same features at all its positions in the batch: of word types rather than of tokens, as Gal and
    Ghahramani (2016, A theoretically grounded application of dropout in recurrent neural networks) drop whole types.
    word_dropout: probability of replacing a word by the unknown word in training.
    """

    def __init__(self, shape: ClassifierShape, dropout: float = 0.0, word_dropout: float = 0.0) -> None:
        super().__init__()
        both = shape.direction == "both"
        self.shape = shape
        self.word_dropout = WordDropout(word_dropout, UNKNOWN)
        self.embedding = Embedding(shape.vocabulary, shape.embedding)
        nn.init.uniform_(self.embedding.weight, -EMBEDDING_RANGE, EMBEDDING_RANGE)
        self.embedding_dropout = Dropout(dropout)
        self.pooled_dropout = Dropout(dropout)
        self.recurrent = Recurrent(
            shape.cell, shape.embedding, shape.hidden, layers=shape.layers, both=both, dropout=dropout
        )
        self.pooling = POOLINGS[shape.pooling](self.recurrent.features)
        self.head = nn.Linear(shape.pooled, shape.outputs)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Batch) -> Tensor:
        """batch: ids [B, T] below V, with lengths [B]. Returns logits [B, outputs], not scaled by the temperature."""
        words, index = distinct(self.word_dropout(batch.values), self.shape.vocabulary)
        x = self.embedding_dropout(self.embedding(words))  # [U, D]
        x = self.recurrent(x, index, batch, REDUCTIONS[self.shape.pooling])  # [B, T, F] or [B, F or 2F]
        pooled = self.pooling(x, batch.lengths, batch.mask())  # [B, P]
        logits: Tensor = self.head(self.pooled_dropout(pooled))
        return logits
