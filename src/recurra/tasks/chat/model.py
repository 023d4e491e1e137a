"""Reply to the last turns of a dialogue with a trained model.

What a model reads: a mark before each turn says whether it was spoken by the one who is to reply (SELF) or by the
other (OTHER); the turn to reply to is always the other's. Where the turns are longer than the model reads, the oldest
pieces are left out.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recurra.errors import ArtefactError, OptionError
from recurra.inference.sampling import Sampling
from recurra.seq2seq.session import Seq2SeqSession, session_of
from recurra.seq2seq.shape import BEGIN, END
from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.translate.model import Scored, Translator, subwords_of
from recurra.text.bpe import Subwords

SPECIALS = ("<s>", "</s>", "<self>", "<other>")
SELF, OTHER = 2, 3
"""The ids of the marks before a turn."""

TEMPERATURE, TOP_P = 0.7, 0.9
"""How replies are drawn where nothing else is said."""


@dataclass(frozen=True)
class Heard:
    """What a reply is made from. source: the ids that are read; turns: how many of the last turns they are of;
    cut: whether pieces of these turns were left out, the oldest ones."""

    source: list[int]
    turns: int
    cut: bool


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
        return "".join(
            self.pieces(self.heard(turns), temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, beam=beam)
        )

    def heard(self, turns: Sequence[str]) -> Heard:
        """Return what is read of `turns`. Raises OptionError where there is no turn."""
        if isinstance(turns, str):
            raise OptionError("Give the turns of a dialogue as a list of texts; got one text. Put it into a list.")
        said = [place for place, turn in enumerate(turns) if turn.strip()][-self.shape.context :]
        if not said:
            raise OptionError("There is nothing to reply to: every turn is empty.")
        encoded = [self.subwords.encode(turn) if turn.strip() else [] for turn in turns[said[0] :]]
        source, read, count = self.source(encoded), 0, 0
        for ids in reversed(encoded):
            if len(ids) and read < len(source):
                read, count = read + len(ids) + 1, count + 1
        return Heard(source, count, read > len(source) or count < len(said))

    def pieces(
        self,
        heard: Heard,
        *,
        temperature: float = TEMPERATURE,
        top_k: int | None = None,
        top_p: float | None = TOP_P,
        seed: int | None = None,
        beam: int | None = None,
    ) -> Iterator[str]:
        """Return the reply that `reply` gives in pieces as they are written; joined they are the whole.

        A piece may be empty. A search writes nothing before it has found all. Raises OptionError, at once, for values
        out of range.
        """
        if beam is not None:
            return self._searched(heard.source, self._beam(beam))
        if seed is not None and seed < 0:
            raise OptionError(f"The seed must be 0 or larger; got {seed}.")
        return self._drawn(heard.source, Sampling(temperature, top_k, top_p), np.random.default_rng(seed))

    def replies(self, sources: Sequence[Sequence[int]], *, seed: int) -> list[str]:
        """Return a drawn reply to each source that `source` made, each from a seed of its own that follows `seed`."""
        sampling = Sampling(TEMPERATURE, None, TOP_P)
        return [
            "".join(self._drawn(source, sampling, np.random.default_rng((seed, place))))
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

    def _searched(self, source: Sequence[int], beam: int) -> Iterator[str]:
        found = self._writer.write([source], beam, self.shape.length_penalty)[0]
        yield self.subwords.decode(found.ids).strip()

    def _drawn(self, source: Sequence[int], sampling: Sampling, rng: np.random.Generator) -> Iterator[str]:
        """Yield the text of each piece as it is drawn, without white space at the ends of the whole."""
        memory = self.session.read([source])
        state, last = self.session.begin(1), np.full((1, 1), BEGIN, dtype=np.int64)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a piece may end within a character
        held, begun = "", False
        for _ in range(self.shape.max_tokens):
            logits, _, state = self.session.logits(last, memory, state)
            scores = logits[0, 0].copy()
            scores[[BEGIN, SELF, OTHER]] = -np.inf
            last[0, 0] = number = sampling.draw(scores, rng)
            if number == END:
                break
            held += decoder.decode(self.subwords.bytes_of(number))
            text = held if begun else held.lstrip()
            settled = text.rstrip()  # what follows says whether white space is the end
            held, begun = text[len(settled) :], begun or bool(settled)
            yield settled
        rest = held + decoder.decode(b"", final=True)
        yield (rest if begun else rest.lstrip()).rstrip()


def source_of(turns: Sequence[Sequence[int]], context: int, most: int) -> list[int]:
    """Return the last `context` of the encoded turns, each after its mark, and of these the last `most` pieces.

    The speakers alternate, also where one said nothing: an empty turn has its place, but is not read.
    """
    marked = [(SELF if (len(turns) - place) % 2 == 0 else OTHER, turn) for place, turn in enumerate(turns) if len(turn)]
    ids = [number for mark, turn in marked[-context:] for number in (mark, *turn)]
    return ids[-most:]


def from_artefact(source: Artefact, threads: int | None = None) -> Chatter:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    session = session_of(source)
    if session.shape.context < 1:
        raise ArtefactError(f"{source.path}: its manifest does not say how many turns the model reads. Train it again.")
    return Chatter(session, subwords_of(source, session, SPECIALS), manifest=source.manifest, threads=threads)
