"""Reply to the last turns of a dialogue with a trained model.

What the model reads: a mark before each turn states whether its speaker is the one who is to reply (SELF) or the other
(OTHER); the last turn is always the other's. Where the turns are longer than the model reads, the oldest pieces are
left out.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.inference.sampling import Sampling, seeded
from recurra.options.arguments import check_texts, several
from recurra.seq2seq.decoder import Scored, Seq2SeqModel, parts_of
from recurra.seq2seq.shape import BEGIN, END
from recurra.storage.model_directory import Artefact

SPECIALS = ("<s>", "</s>", "<self>", "<other>")
SELF, OTHER = 2, 3
"""The ids of the marks before a turn."""

TEMPERATURE, TOP_P = 0.7, 0.9
"""The defaults of sampling."""


class Default(Enum):
    """The type of `DEFAULT`."""

    VALUE = "default"


DEFAULT: Final = Default.VALUE
"""An option that was not given, where None is a value of its own."""


def beam_conflict(sampling: Sequence[str], beam: str = "beam") -> str:
    """Return the message for options of sampling that are given beside a beam, by the names of the caller's options."""
    return f"{beam} searches for the likeliest reply and samples nothing: leave out {', '.join(sampling)}, or {beam}."


def sampling_of(temperature: float | None, top_k: int | None, top_p: float | Default | None) -> Sampling:
    """Return how a reply is sampled: the default top_p is for temperatures above 0. Raises OptionError."""
    chosen = TEMPERATURE if temperature is None else temperature
    usual = None if chosen == 0 else TOP_P
    return Sampling(chosen, top_k, usual if top_p is DEFAULT else top_p)


@dataclass(frozen=True)
class ContextWindow:
    """What a reply is made from. source: the ids that are read; turns: how many of the last turns they are of;
    truncated: whether the oldest pieces of these turns were left out."""

    source: list[int]
    turns: int
    truncated: bool


class Chatter(Seq2SeqModel):
    """A model directory of the task `chat`, ready to reply.

        chatter = recurra.load("chatter")
        chatter.reply(["Hello!", "Hi, how are you?", "Fine. Where do you live?"], seed=1)

    Safe to call from several threads.
    """

    def rank(self, turns: Sequence[str], replies: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each of `replies` fits the last of `turns`: [N], the larger the better.

        About the log of how much likelier these turns make it than others do. Only differences count.
        Raises OptionError where every turn or a reply is empty, and for a model that was trained by an earlier version.
        """
        if not self.shape.match:
            raise OptionError("This model was trained by a version that could not rank replies. Train it again.")
        answers = list(several(replies, "replies"))
        check_texts(answers, "replies")
        for number, answer in enumerate(answers):
            if not answer.strip():
                raise OptionError(f"Item {number} of replies is empty. Leave it out: an empty reply says nothing.")
        source = self.context_window(turns).source
        asked, given = self.match_vectors([source], [self.subwords.encode(reply) for reply in answers])
        return np.asarray(given.astype(np.float64) @ asked[0].astype(np.float64))

    def reply(
        self,
        turns: Sequence[str],
        *,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | Default | None = DEFAULT,
        seed: int | None = None,
        beam: int | None = None,
    ) -> str:
        """Return a reply to the last of `turns`, which are in order, by two speakers alternately.

        Only as many of the last turns count as the model was trained to read; empty turns are skipped. The reply is
        sampled: for temperature (default 0.7), top_k and top_p (default 0.9; None for no limit) see `Sampling`. seed:
        the same one gives the same reply, None another each time. beam: the beam width of a search for the likeliest
        reply instead, which is safer but less varied.
        Raises OptionError where every turn is empty, for values out of range, and for a beam beside any option of
        sampling.
        """
        window = self.context_window(turns)
        return "".join(
            self.pieces(window, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, beam=beam),
        )

    def context_window(self, turns: Sequence[str]) -> ContextWindow:
        """Return what the model reads of `turns`. Raises OptionError where every turn is empty."""
        if isinstance(turns, str):
            raise OptionError("Give the turns of a dialogue as a list of texts; got one text. Put it into a list.")
        turns = list(several(turns, "turns"))
        check_texts(turns, "turns")
        last = [index for index, turn in enumerate(turns) if turn.strip()][-self.shape.context :]
        if not last:
            raise OptionError("There is nothing to reply to: every turn is empty.")
        encoded = [self.subwords.encode(turn) if turn.strip() else [] for turn in turns[last[0] :]]
        source, read, count = self.source(encoded), 0, 0
        for ids in reversed(encoded):
            if len(ids) and read < len(source):
                read, count = read + len(ids) + 1, count + 1
        return ContextWindow(source, count, read > len(source) or count < len(last))

    def pieces(
        self,
        window: ContextWindow,
        *,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | Default | None = DEFAULT,
        seed: int | None = None,
        beam: int | None = None,
    ) -> Iterator[str]:
        """Return the reply that `reply` gives in pieces as they are written; joined they are the whole.

        A piece may be empty. A search yields a single piece, when it has ended. Raises OptionError, at once, for values
        out of range, and for a beam beside any option of sampling.
        """
        if beam is None:
            return self._sampled(window.source, sampling_of(temperature, top_k, top_p), seeded(seed))
        options = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        unset = {"top_p": DEFAULT}
        given = [name for name, value in options.items() if value is not unset.get(name)]
        if given:
            raise OptionError(beam_conflict(given))
        self.search(beam)  # checks it before the first piece is requested
        return self._searched(window.source, beam)

    def replies(self, sources: Sequence[Sequence[int]], *, seed: int) -> list[str]:
        """Return a sampled reply to each source, as `source` makes them. Each has a seed of its own, made of `seed`."""
        sampling = Sampling(TEMPERATURE, None, TOP_P)
        return [
            "".join(self._sampled(source, sampling, np.random.default_rng((seed, number))))
            for number, source in enumerate(sources)
        ]

    def likeliest(self, sources: Sequence[Sequence[int]]) -> list[str]:
        """Return the reply to each source that beam search finds."""
        return [self.subwords.decode(one.ids).strip() for one in self.write(sources, self.search())]

    def score(self, sources: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> list[Scored]:
        """Return how likely each reply is after its source, both as ids; replies are cut to the longest length."""
        limit = self.shape.max_tokens
        return self.score_ids([(source, reply[:limit]) for source, reply in zip(sources, replies, strict=True)])

    def match_vectors(
        self, sources: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a vector for each source and one for each reply, [N, M] and [K, M], both given as ids.

        The product of two is their match. Replies are cut to the longest length.
        """
        limit = self.shape.max_tokens
        asked, _ = self.vectors(sources)
        _, given = self.vectors([[BEGIN, *reply[:limit]] for reply in replies])
        return asked, given

    def source(self, turns: Sequence[Sequence[int]]) -> list[int]:
        """Return what the model reads of encoded turns: see `source_of`."""
        return source_of(turns, self.shape.context, self.shape.max_tokens)

    def _searched(self, source: Sequence[int], beam: int) -> Iterator[str]:
        (written,) = self.write([source], self.search(beam))
        yield self.subwords.decode(written.ids).strip()

    def _sampled(self, source: Sequence[int], sampling: Sampling, rng: np.random.Generator) -> Iterator[str]:
        """Yield the text of each piece as it is sampled, without white space at the ends of the whole."""
        memory = self.session.read([source])
        state, last = self.session.begin(1), np.full((1, 1), BEGIN, dtype=np.int64)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a piece may end within a character
        pending, begun = "", False  # pending: white space that is written once text follows it
        for _ in range(self.shape.max_tokens):
            logits, _, state = self.session.logits(last, memory, state)
            scores = logits[0, 0].copy()
            scores[[BEGIN, SELF, OTHER]] = -np.inf
            last[0, 0] = number = sampling.draw(scores, rng)
            if number == END:
                break
            pending += decoder.decode(self.subwords.bytes_of(number))
            text = pending if begun else pending.lstrip()
            ready = text.rstrip()
            pending, begun = text[len(ready) :], begun or bool(ready)
            yield ready
        rest = pending + decoder.decode(b"", final=True)
        yield (rest if begun else rest.lstrip()).rstrip()


def source_of(turns: Sequence[Sequence[int]], context: int, most: int) -> list[int]:
    """Return the ids that a model reads: of the last `context` encoded turns, each after its mark, the last `most`.

    The speakers alternate. An empty turn counts as its speaker's, and is not read.
    """
    marked = [(SELF if (len(turns) - index) % 2 == 0 else OTHER, turn) for index, turn in enumerate(turns) if len(turn)]
    ids = [number for mark, turn in marked[-context:] for number in (mark, *turn)]
    return ids[-most:]


def from_artefact(source: Artefact, threads: int | None = None) -> Chatter:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    session, subwords = parts_of(source, SPECIALS)
    if session.shape.context < 1:
        raise ArtefactError(
            f"{source.path}: its manifest does not state how many turns the model reads. Train it again."
        )
    return Chatter(session, subwords, manifest=source.manifest, threads=threads)
