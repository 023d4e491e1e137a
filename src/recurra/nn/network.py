"""The many-to-one network: embedding -> recurrent layers -> pooling -> one row of logits a sequence."""

from __future__ import annotations

from torch import Tensor, nn

from recurra.batch import Batch
from recurra.network_shape import NetworkShape
from recurra.nn.dropout import LockedDropout, WordDropout
from recurra.nn.pooling import POOLINGS
from recurra.nn.recurrent import Recurrent
from recurra.tokens import UNKNOWN


class Network(nn.Module):
    """Batch -> logits [B, outputs].

    dropout: share of features dropped while training: of embedded words, between layers and before the head.
    word_dropout: share of words made unknown while training.
    """

    def __init__(self, shape: NetworkShape, dropout: float = 0.0, word_dropout: float = 0.0) -> None:
        super().__init__()
        both = shape.direction == "both"
        self.shape = shape
        self.word_dropout = WordDropout(word_dropout, UNKNOWN)
        self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.embedding_dropout = LockedDropout(dropout)
        self.pooled_dropout = nn.Dropout(dropout)
        self.recurrent = Recurrent(
            shape.cell, shape.embedding, shape.hidden, layers=shape.layers, both=both, dropout=dropout
        )
        self.pooling = POOLINGS[shape.pooling](self.recurrent.features, both)
        self.head = nn.Linear(self.recurrent.features, shape.outputs)

    def forward(self, batch: Batch) -> Tensor:
        x = self.embedding_dropout(self.embedding(self.word_dropout(batch.values)))  # [B, T, D]
        x = self.recurrent(x, batch.reversed_index())  # [B, T, F]
        pooled = self.pooling(x, batch.lengths, batch.mask())  # [B, F]
        logits: Tensor = self.head(self.pooled_dropout(pooled))
        return logits
