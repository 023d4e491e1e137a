"""A text that arrives in pieces: the running answer, from a state whose size does not grow.

    session = model.session()
    for chunk in arriving:
        running = session.feed(chunk)      # as if everything fed so far had been given to predict at once
        print(running.label, running.probabilities)
    answer = session.finish()

The state holds the recurrent states of each layer, what the pooling needs of the past, and the few last characters that
more text could still change (`Tokenizer.stable_length`). It can be written down as plain JSON and taken up later, or
elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.many_to_one.engines.onnx import State
from recurra.many_to_one.ngram_stream import NgramStream
from recurra.many_to_one.parts import ModelParts
from recurra.text.tokenizer import UNKNOWN

TOKENS_PER_RUN = 1024
"""Tokens that one run of the graph reads; a longer chunk takes several runs and no more memory."""

LARGEST_INTEGER = 2**53
"""Up to here every whole number is a double."""

LARGEST_STATE = 1.001
"""The most that a recurrent state can be, which is 1, with room for rounding."""

VERSION = 1
_FIELDS = ("version", "model", "tokens", "held_back", "finished", "arrays", "answer")


@dataclass(frozen=True)
class Running:
    """The answer to all that a session was fed.

    label: the most probable class, or what the model chooses instead, None where it abstains. probabilities: [K]
    float64, in the order of `classes`. tokens: how many were read.
    """

    label: Any
    probabilities: NDArray[np.float64]
    classes: tuple[Any, ...]
    tokens: int

    def to_dict(self) -> dict[str, Any]:
        """Return {"label", "probability", "probabilities": {label: p}, "tokens"} of plain values."""
        named = dict(zip(map(str, self.classes), self.probabilities.tolist(), strict=True))
        return {
            "label": self.label,
            "probability": float(self.probabilities.max()),
            "probabilities": named,
            "tokens": self.tokens,
        }


class StreamSession:
    """Reads one text in pieces; made by `Classifier.session`. For one thread; a model may have any number of sessions.

    After each `feed` the answer is the one that `predict_proba` gives for all that was fed, in one piece, but for
    rounding, as long as that is not longer than the model's `max_tokens`. A stream is never cut: it reads on.
    """

    def __init__(self, model: ModelParts) -> None:
        """Raises OptionError, with the way out, for a model that cannot read a stream."""
        _check_streams(model)
        self._model = model
        self._tokenizer = model.tokenizer
        self._state: State = {}
        self._ngrams = None if model.ngrams is None else NgramStream(model.ngrams)
        self._answer: NDArray[np.float32] | None = None  # [1, K]
        self._tokens = 0
        self._pending = ""
        self._finished = False
        self._restored = False

    @property
    def tokens(self) -> int:
        """How many tokens were read, without those of an unfinished word."""
        return self._tokens

    def feed(self, chunk: str) -> Running:
        """Read on and return the answer to all that was fed so far, a word that has not ended yet included.

        chunk: any piece of the text, cut anywhere between two characters. Time and memory go with its length, not with
        that of the stream. Raises OptionError for what is no str, and after `finish`.
        """
        if not isinstance(chunk, str):
            raise OptionError(f"A chunk must be a str; got {type(chunk).__name__}.")
        if self._finished:
            raise OptionError("This session is finished. Start another one with model.session().")
        text = self._pending + chunk
        ready = self._tokenizer.stable_length(text)
        self._read(text[:ready])
        self._pending = self._tokenizer.shorten_tail(text[ready:])
        return self.prediction()

    def finish(self) -> Running:
        """End the text, and with it its last word; return the answer to all of it."""
        self._read(self._pending)
        self._pending, self._finished = "", True
        return self.prediction()

    def prediction(self) -> Running:
        """Return the answer to all that was fed so far, without reading on; to the empty text at the start."""
        ids, unknown = self._tokenizer.ids_and_unknown(self._pending, begun=self._tokens > 0)
        answer = self._answer
        if len(ids) or answer is None:
            last = ids if len(ids) else np.array([UNKNOWN], dtype=np.int32)  # as a whole text without tokens
            beside = None if self._ngrams is None else self._ngrams.after(last, unknown)
            answer, _ = self._advanced(last, unknown, beside)
        probabilities = answer[0].astype(np.float64)
        probabilities /= probabilities.sum()
        if not np.isfinite(probabilities).all():
            raise OptionError("The state that this session began with was damaged: it leads to no answer.")
        classes = tuple(self._model.classes_.tolist())
        (label,) = self._model.decided(probabilities[None]).tolist()
        return Running(label, probabilities, classes, self._tokens + len(ids))

    def _read(self, text: str) -> None:
        """Take in the tokens of `text`."""
        ids, unknown = self._tokenizer.ids_and_unknown(text, begun=self._tokens > 0)
        words = iter(unknown)
        for start in range(0, len(ids), TOKENS_PER_RUN):
            piece = ids[start : start + TOKENS_PER_RUN]
            its = list(islice(words, int((piece == UNKNOWN).sum())))
            beside = None if self._ngrams is None else self._ngrams.read(piece, its)
            self._answer, self._state = self._advanced(piece, its, beside)
        self._tokens += len(ids)

    def _advanced(
        self, ids: NDArray[np.int32], unknown: Sequence[str], beside: NDArray[np.float64] | None
    ) -> tuple[NDArray[np.float32], State]:
        """Return (the probabilities [1, K] after `ids`, the state then).

        unknown: the unknown words among them, in lower case; beside: what the n-grams of all of the text add.
        """
        opened, novel = self._model.tokenizer.opened(ids, unknown)
        try:
            (_, answer), state = self._model.graph.advance(opened.astype(np.int64), self._state, beside, novel)
        except ArtefactError:
            if not self._restored:
                raise
            raise OptionError("The state that this session began with was damaged: it leads to no answer.") from None
        return answer, state

    def state(self) -> dict[str, Any]:
        """Return all that this session knows as plain JSON values, of a size that does not grow with the stream.

        `held_back` is the end of the text that may still change; no other text is in the state.
        """
        return {
            "version": VERSION,
            "model": self._model.digest,
            "tokens": self._tokens,
            "held_back": self._pending,
            "finished": self._finished,
            "arrays": {name: array.ravel().tolist() for name, array in self._state.items()},
            "answer": None if self._answer is None else self._answer[0].tolist(),
            **({} if self._ngrams is None else {"ngrams": self._ngrams.state()}),
        }

    @classmethod
    def restored(cls, model: ModelParts, plain: Mapping[str, Any]) -> Self:
        """Return the session whose `state` was `plain`.

        Raises OptionError for the state of a session with another model, and for a damaged one.
        """
        session = cls(model)
        session._restored = True
        fields = {*_FIELDS, *(() if model.ngrams is None else ("ngrams",))}
        if not isinstance(plain, Mapping) or plain.keys() != fields:
            raise OptionError(
                "The state of a session must be what StreamSession.state() returned, with all its fields."
            )
        version = plain["version"]
        if type(version) is not int or version != VERSION:
            named = version if type(version) is int and abs(version) < LARGEST_INTEGER else "of another kind"
            raise OptionError(f"The state of a session has version {named}; this Recurra knows {VERSION}.")
        if plain["model"] != model.digest:
            raise OptionError(
                "The state is of a session with another model. Load the model that it began with, or start a new "
                "session with model.session()."
            )
        tokens, pending = plain["tokens"], plain["held_back"]
        sound = (
            type(tokens) is int
            and 0 <= tokens <= LARGEST_INTEGER
            and isinstance(pending, str)
            and model.tokenizer.shorten_tail(pending) == pending
            and model.tokenizer.stable_length(pending) == 0
            and type(plain["finished"]) is bool
            and (tokens > 0) == (plain["answer"] is not None) == bool(plain["arrays"])
        )
        if not sound:
            raise OptionError("The state of a session is damaged: its fields do not fit each other.")
        if model.ngrams is not None:
            session._ngrams = NgramStream.restored(model.ngrams, plain["ngrams"])
        session._tokens, session._pending, session._finished = tokens, pending, plain["finished"]
        if tokens:
            shapes = model.graph.state
            if not isinstance(plain["arrays"], Mapping) or plain["arrays"].keys() != shapes.keys():
                raise OptionError("The state of a session is damaged: its arrays are not those of the model.")
            session._state = {name: _array(plain["arrays"][name], like) for name, like in shapes.items()}
            session._answer = _array(plain["answer"], np.zeros((1, len(model.classes_)), dtype=np.float32))
            if not (_possible(session._state, tokens) and _are_probabilities(session._answer)):
                raise OptionError("The state of a session is damaged: no text leads to the numbers in it.")
        return session


def _check_streams(model: ModelParts) -> None:
    if model.tokenizer.columns:
        raise OptionError(
            f"This model cannot read a stream: a row of it has several columns ({', '.join(model.tokenizer.columns)}), "
            "and a stream is one text. Give whole rows to predict, or train a model of one column."
        )
    if model.tokenizer.fill:
        raise OptionError(
            "This model cannot read a stream: it was trained on texts padded in front to one length, and the "
            "length of a stream is not known before its end. Train one without --fill, and with --direction forward."
        )
    if model.graph.state:
        return
    if model.manifest is not None and model.manifest.network.get("direction") == "forward":
        raise OptionError("This model was written by a Recurra that could not stream yet. Train it again.")
    raise OptionError(
        "This model cannot read a stream: it reads each text in both directions, and so from its end. "
        "Train one with --direction forward."
    )


def _array(plain: Any, like: NDArray[np.generic]) -> NDArray[Any]:
    """Return numbers as an array of the shape and type of `like`. Raises OptionError where they do not fit."""
    if not (isinstance(plain, Sequence) and len(plain) == like.size and all(map(_is_number, plain))):
        raise OptionError("The state of a session is damaged: an array does not have the numbers that the model needs.")
    if like.dtype.kind == "i" and not all(type(value) is int for value in plain):
        raise OptionError("The state of a session is damaged: a count in it is no whole number.")
    with np.errstate(over="ignore"):
        array = np.array(plain, dtype=np.float64).astype(like.dtype).reshape(like.shape)
    if not np.isfinite(array).all():
        raise OptionError("The state of a session is damaged: a number in it is too large.")
    return array


def _possible(state: State, tokens: int) -> bool:
    """Return whether arrays can be those after `tokens` tokens: outputs of a tanh, and sums and counts of them.

    Those of an ensemble's members have the same last words in their names.
    """
    for name, array in state.items():
        kind = name.rpartition(".")[2]
        mass = float(np.ravel(state[name.removesuffix(kind) + "mass"])[0]) if kind in ("mass", "weighted") else 0.0
        most = {"h": 1.0, "largest": 1.0, "sum": float(tokens), "weighted": mass, "mass": float(tokens)}.get(kind)
        if most is not None and not np.abs(array).max() <= most * LARGEST_STATE:
            return False
        if (kind == "count" and (array != tokens).any()) or (kind == "mass" and mass <= 0):
            return False
    return True


def _are_probabilities(answer: NDArray[Any]) -> bool:
    total = float(answer.sum(dtype=np.float64))
    return bool(answer.min() >= 0) and abs(total - 1) < LARGEST_STATE - 1


def _is_number(value: Any) -> bool:
    return math.isfinite(value) if type(value) is float else type(value) is int and abs(value) <= LARGEST_INTEGER
