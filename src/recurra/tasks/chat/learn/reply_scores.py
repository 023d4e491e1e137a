"""A chat model on held-out replies: kept row by row, so that the scores of any part of them can be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.seq2seq.decoder import Scored
from recurra.seq2seq.metrics import corpus_scores, diversity, foreseen, gained
from recurra.tasks.chat.learn.baseline import NearestTurn
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.response_selection import blocks, choice_scores, found, of_other_dialogues

MOST_WRITTEN = 1_000
"""Held-out replies for which one is written, and whose likelihood after another context is computed too."""
MOST_CHOSEN = 500
"""Of these, how many are candidates of response selection."""


@dataclass(frozen=True)
class HeldOut:
    """N held-out replies. turns, replies: ids of each; last, references: the last turn and the reply as text;
    dialogue: [N] the number of the dialogue that each is from."""

    turns: Sequence[Sequence[int]]
    replies: Sequence[Sequence[int]]
    last: Sequence[str]
    references: Sequence[str]
    dialogue: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.replies)


class ReplyScores:
    """The likelihoods, the answers and the choices of a model on N held-out replies.

    sample: [M] numbers of those for which it wrote a reply, in order; drawn, likeliest: these replies. blocks: [n, k]
    numbers of those that it chose among k; seed: of every draw.
    """

    def __init__(self, model: Chatter, rows: HeldOut, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.rows, self.seed = rows, seed
        self.sample = np.sort(rng.permutation(len(rows))[:MOST_WRITTEN])
        self.own = model.score(rows.turns, rows.replies)
        strangers = of_other_dialogues(self.sample, rows.dialogue, rng)
        replies = [rows.replies[row] for row in self.sample] if len(strangers) else []
        self.other = model.score([rows.turns[row] for row in strangers], replies)
        sources = [rows.turns[row] for row in self.sample]
        self.drawn, self.likeliest = model.replies(sources, seed=seed), model.likeliest(sources)
        self.blocks = blocks(rng.permutation(self.sample)[:MOST_CHOSEN], rows.dialogue, seed)
        self.credits = found(self._likeness(model))
        self.looked_up: list[str] = []
        self.baseline_credits: NDArray[np.float64] | None = None

    def look_up(self, nearest: NearestTurn, answers: Sequence[str]) -> None:
        """Let the baseline reply to the same turns, and choose by similarity to its reply.

        answers: the reply to each of the turns that `nearest` holds.
        """
        self.looked_up = [answers[place] for place in nearest.find([self.rows.last[row] for row in self.sample])]
        reply_of = dict(zip(self.sample.tolist(), self.looked_up, strict=True))
        likeness = [
            nearest.likeness([reply_of[int(row)] for row in block], [self.rows.references[row] for row in block])
            for block in self.blocks
        ]
        self.baseline_credits = found(np.stack(likeness))

    def scores(self, part: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the model's scores on a part [N] of the replies that is not empty; `replies`: how many it wrote."""
        chosen, written = np.flatnonzero(part), np.flatnonzero(part[self.sample])
        own = [self.own[row] for row in chosen]
        scores = {**foreseen([one.nats for one in own], [one.right for one in own], self.seed), "rows": len(own)}
        if len(written):
            if self.other:
                pairs = [(self.own[self.sample[place]].nats, self.other[place].nats) for place in written]
                scores |= gained([one for one, _ in pairs], [other for _, other in pairs], self.seed)
            scores |= self._written(self.drawn, written)
            scores |= {"replies": len(written), "likeliest": self._written(self.likeliest, written)}
        return scores | self._chosen(self.credits, part)

    def baseline_scores(self, part: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the scores of the baseline."""
        written = np.flatnonzero(part[self.sample])
        scores = self._written(self.looked_up, written) if len(written) else {}
        return scores | self._chosen(self.baseline_credits, part)

    def _written(self, answers: Sequence[str], written: NDArray[np.intp]) -> dict[str, Any]:
        """Return diversity and likeness to the references of written replies."""
        texts = [answers[place] for place in written]
        references = [self.rows.references[self.sample[place]] for place in written]
        likeness = corpus_scores(texts, references, self.seed)
        return diversity(texts) | {name: likeness[name] for name in likeness if name.startswith(("bleu", "chrf"))}

    def _chosen(self, credits: NDArray[np.float64] | None, part: NDArray[np.bool_]) -> dict[str, Any]:
        if credits is None or not part[self.blocks].any():
            return {}
        return choice_scores(credits[part[self.blocks]], self.blocks.shape[1], self.seed)

    def _likeness(self, model: Chatter) -> NDArray[np.float64]:
        """Return [n, k, k] the log-probability of every reply of a block after the turns of every other one."""
        count, size = self.blocks.shape
        talks = np.repeat(self.blocks, size, axis=1).ravel().tolist()  # each talk of a block with all its replies
        replies = np.tile(self.blocks, (1, size)).ravel().tolist()
        scored: list[Scored] = model.score(
            [self.rows.turns[row] for row in talks], [self.rows.replies[row] for row in replies]
        )
        return -np.array([one.nats.sum(dtype=np.float64) for one in scored]).reshape(count, size, size)
