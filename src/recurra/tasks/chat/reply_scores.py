"""A chat model on held-out replies: kept row by row, so that any part of them can be scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.seq2seq.metrics import context_gain, corpus_scores, diversity, likelihood_scores
from recurra.tasks.chat.baseline import RetrievalBaseline
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.reply_matching import fits
from recurra.tasks.chat.response_selection import (
    candidate_blocks,
    rows_of_other_dialogues,
    selection_credits,
    selection_scores,
)

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
    numbers of those that it chose among k; seed: of every draw. likeness: whether replies are compared with the given
    ones, by BLEU and chrF, for which `sacrebleu` must be installed.
    """

    def __init__(self, model: Chatter, rows: HeldOut, seed: int, *, likeness: bool = True) -> None:
        rng = np.random.default_rng(seed)
        self.rows, self.seed, self.likeness = rows, seed, likeness
        self.sample = np.sort(rng.permutation(len(rows))[:MOST_WRITTEN])
        self.own = model.score(rows.turns, rows.replies)
        strangers = rows_of_other_dialogues(self.sample, rows.dialogue, rng)
        replies = [rows.replies[row] for row in self.sample] if len(strangers) else []
        self.other = model.score([rows.turns[row] for row in strangers], replies)
        sources = [rows.turns[row] for row in self.sample]
        self.drawn, self.likeliest = model.replies(sources, seed=seed), model.likeliest(sources)
        chosen = rng.permutation(self.sample)[:MOST_CHOSEN]
        self.blocks = candidate_blocks(chosen, rows.dialogue, [rows.references[row] for row in chosen], seed)
        self.credits = selection_credits(fits(model, rows.turns, rows.replies, self.blocks))
        self.looked_up: list[str] = []
        self.baseline_credits: NDArray[np.float64] | None = None

    def look_up(self, nearest: RetrievalBaseline, answers: Sequence[str]) -> None:
        """Let the baseline reply to the same turns, and choose by similarity to its reply.

        answers: the reply to each of the turns that `nearest` holds.
        """
        self.looked_up = [answers[index] for index in nearest.find([self.rows.last[row] for row in self.sample])]
        reply_of = dict(zip(self.sample.tolist(), self.looked_up, strict=True))
        similarities = [
            nearest.similarity([reply_of[int(row)] for row in block], [self.rows.references[row] for row in block])
            for block in self.blocks
        ]
        self.baseline_credits = selection_credits(np.stack(similarities))

    def scores(self, part: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the model's scores on a part [N] of the replies that is not empty; `replies`: how many it wrote."""
        chosen, written = np.flatnonzero(part), np.flatnonzero(part[self.sample])
        own = [self.own[row] for row in chosen]
        scores = {
            **likelihood_scores([one.nats for one in own], [one.right for one in own], self.seed),
            "rows": len(own),
        }
        if len(written):
            if self.other:
                pairs = [(self.own[self.sample[index]].nats, self.other[index].nats) for index in written]
                scores |= context_gain([one for one, _ in pairs], [other for _, other in pairs], self.seed)
            scores |= self._written(self.drawn, written)
            scores |= {"replies": len(written), "likeliest": self._written(self.likeliest, written)}
        return scores | self._chosen(self.credits, part)

    def people(self) -> dict[str, Any]:
        """Return the diversity of the replies that people gave to the turns to which the model wrote one."""
        return diversity([self.rows.references[row] for row in self.sample])

    def baseline_scores(self, part: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the scores of the baseline."""
        written = np.flatnonzero(part[self.sample])
        scores = self._written(self.looked_up, written) if len(written) else {}
        return scores | self._chosen(self.baseline_credits, part)

    def _written(self, answers: Sequence[str], written: NDArray[np.intp]) -> dict[str, Any]:
        """Return the diversity of written replies and their similarity to the references."""
        texts = [answers[index] for index in written]
        if not self.likeness:
            return diversity(texts)
        references = [self.rows.references[self.sample[index]] for index in written]
        similarity = corpus_scores(texts, references, self.seed)
        return diversity(texts) | {name: similarity[name] for name in similarity if name.startswith(("bleu", "chrf"))}

    def _chosen(self, credits: NDArray[np.float64] | None, part: NDArray[np.bool_]) -> dict[str, Any]:
        if credits is None or self.blocks.shape[1] < 2 or not part[self.blocks].any():
            return {}  # no choice without another reply
        return selection_scores(credits[part[self.blocks]], self.blocks.shape[1], self.seed)
