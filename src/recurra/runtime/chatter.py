"""Reply to the last turns of a dialogue with a trained model.

What a model reads: a mark before each turn says whether it was spoken by the one who is to reply (SELF) or by the
other (OTHER); the turn to reply to is always the other's. Where the turns are longer than the model reads, the oldest
pieces are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recurra.artefact import Artefact, Manifest
from recurra.errors import ArtefactError, OptionError
from recurra.runtime.sampling import Sampling
from recurra.runtime.seq2seq import Seq2SeqSession, session_of
from recurra.runtime.translator import Scored, Translator, subwords_of
from recurra.seq2seq_shape import BEGIN, END
from recurra.subwords import Subwords

SPECIALS = ("<s>", "</s>", "<self>", "<other>")
SELF, OTHER = 2, 3
"""The ids of the marks before a turn."""

TEMPERATURE, TOP_P = 0.7, 0.9
"""How replies are drawn where nothing else is said."""


class Chatter:
    """A model directory of the task `chat`, ready to reply.

        chatter = recurra.load("model")
        chatter.reply(["Hello!", "Hi, how are you?", "Fine. Where do you live?"], seed=1)

    Safe to call from several threads.
    """

    def __init__(
        self,
        session: Seq2SeqSession,
        subwords: Subwords,
        *,
        manifest: Manifest | None = None,
        threads: int | None = None,
    ) -> None:
        self.session, self.subwords, self.manifest = session, subwords, manifest
        self.shape = session.shape
        self._writer = Translator(session, subwords, manifest=manifest, threads=threads)

    def reply(
        self,
        turns: Sequence[str],
        *,
        temperature: float = TEMPERATURE,
        top_k: int | None = None,
        top_p: float | None = TOP_P,
        seed: int | None = None,
        beam: int | None = None,
    ) -> str:
        """Return a reply to the last of `turns`, which are in order, by two speakers in turn.

        Only the last turns count that the model was trained to read. temperature, top_k, top_p: see
        `sampling.Sampling`; seed: the same one gives the same reply, None another each time. beam: search for the
        likeliest reply instead of drawing one, keeping so many ways to go on; it is safer and duller.
        Empty turns are skipped. Raises OptionError where there is no turn, or for values out of range.
        """
        if isinstance(turns, str):
            raise OptionError("Give the turns of a dialogue as a list of texts; got one text. Put it into a list.")
        source = self.source([self.subwords.encode(turn) for turn in turns if turn.strip()])
        if not source:
            raise OptionError("There is nothing to reply to: every turn is empty.")
        if beam is not None:
            found = self._writer.write([source], self._beam(beam), self.shape.length_penalty)[0]
            return self.subwords.decode(found.ids).strip()
        return self._drawn([source], Sampling(temperature, top_k, top_p), np.random.default_rng(seed))

    def replies(self, sources: Sequence[Sequence[int]], *, seed: int) -> list[str]:
        """Return a drawn reply to each source that `source` made, each from a seed of its own that follows `seed`."""
        sampling = Sampling(TEMPERATURE, None, TOP_P)
        return [
            self._drawn([source], sampling, np.random.default_rng((seed, place)))
            for place, source in enumerate(sources)
        ]

    def likeliest(self, sources: Sequence[Sequence[int]]) -> list[str]:
        """Return the reply to each source that beam search finds."""
        found = self._writer.write(sources, self.shape.beam, self.shape.length_penalty)
        return [self.subwords.decode(one.ids).strip() for one in found]

    def score(self, sources: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> list[Scored]:
        """Return how each reply is foreseen after its source, both as ids; replies are cut to the longest length."""
        limit = self.shape.max_tokens
        return self._writer.score_ids([(s, r[:limit]) for s, r in zip(sources, replies, strict=True)])

    def source(self, turns: Sequence[Sequence[int]]) -> list[int]:
        """Return what the model reads of encoded turns: see `source_of`."""
        return source_of(turns, self.shape.context, self.shape.max_tokens)

    def _beam(self, beam: int) -> int:
        if not 1 <= beam <= 64:
            raise OptionError(f"The beam must be from 1 (greedy) to 64; got {beam}.")
        return beam

    def _drawn(self, sources: Sequence[Sequence[int]], sampling: Sampling, rng: np.random.Generator) -> str:
        memory = self.session.read(sources)
        state, last = self.session.begin(1), np.full((1, 1), BEGIN, dtype=np.int64)
        ids: list[int] = []
        while len(ids) < self.shape.max_tokens:
            logits, _, state = self.session.logits(last, memory, state)
            scores = logits[0, 0].copy()
            scores[[BEGIN, SELF, OTHER]] = -np.inf
            last[0, 0] = number = sampling.draw(scores, rng)
            if number == END:
                break
            ids.append(number)
        return self.subwords.decode(ids).strip()


def source_of(turns: Sequence[Sequence[int]], context: int, most: int) -> list[int]:
    """Return the last `context` of the encoded turns, each after its mark, and of these the last `most` pieces."""
    read = [turn for turn in turns if len(turn)][-context:]
    marks = [SELF if (len(read) - place) % 2 == 0 else OTHER for place in range(len(read))]
    ids = [number for mark, turn in zip(marks, read, strict=True) for number in (mark, *turn)]
    return ids[-most:]


def from_artefact(source: Artefact, threads: int | None = None) -> Chatter:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    session = session_of(source)
    if session.shape.context < 1:
        raise ArtefactError(f"{source.path}: its manifest does not say how many turns the model reads. Train it again.")
    return Chatter(session, subwords_of(source, session, SPECIALS), manifest=source.manifest, threads=threads)
