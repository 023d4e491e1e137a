"""A trained classifier: texts in, labels and probabilities out."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.onnx_file import read_onnx
from recurra.options.arguments import described, several
from recurra.storage import model_directory
from recurra.storage.model_directory import Label, Manifest
from recurra.storage.parts import mismatch, tokenizer_text
from recurra.tasks.classify.engines.choice import engine_of
from recurra.tasks.classify.engines.engine import Answer, Engine
from recurra.tasks.classify.engines.onnx import GraphSession, check_classifier
from recurra.tasks.classify.ngrams import NgramModel
from recurra.tasks.classify.shape import ClassifierShape, shape_of
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import UNKNOWN, Encoding, Tokenizer

if TYPE_CHECKING:
    from recurra.tasks.classify.explain import Explanation
    from recurra.tasks.classify.stream import StreamSession

TEXTS_IN_MEMORY = 4096
"""Texts that are in memory at one time."""

TEXTS_PER_RUN = 512
"""Texts that one thread runs while the next are encoded."""

Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Predictions:
    """Answers for N texts, in their order.

    labels [N]; probabilities [N, K] float64, each row sums to 1; logits [N, outputs] float32;
    tokens [N] int64, before truncation; truncated [N] bool; read [N] int64, tokens after truncation; unknown [N] int64,
    those of them that are not in the vocabulary; nothing_known [N] bool: the text has no token, or none that is read is
    in the vocabulary, so that the answer says nothing of it.
    """

    labels: NDArray[Any]
    probabilities: NDArray[np.float64]
    logits: NDArray[np.float32]
    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    unknown: NDArray[np.int64]
    read: NDArray[np.int64]
    nothing_known: NDArray[np.bool_]


class Classifier:
    """A model directory, ready to answer.

        model = recurra.load("model")
        model.predict(["A wonderful film."])        # array(['positive'], dtype='<U8')
        model.predict_proba(["A wonderful film."])  # [rows, classes], columns as in model.classes_

    Texts may be a list, a tuple, a NumPy array, a pandas or polars Series, or any other iterable of str.
    Safe to call from several threads.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        graph: bytes,
        labels: Sequence[Label],
        *,
        manifest: Manifest | None = None,
        threads: int | None = None,
        engine: Engine | None = None,
        network: ClassifierShape | None = None,
        where: str = model_directory.MODEL,
    ) -> None:
        """graph: what `learn.graph.build` wrote; manifest: of the directory that the parts come from, if any.

        where: the file of the graph, for errors.
        engine: computes the answers instead of the graph, which is then opened for streams alone.
        Raises ArtefactError where the parts are not of one model.
        """
        self.manifest = manifest
        self.tokenizer = tokenizer
        self.classes_: NDArray[Any] = classes_array(labels)
        self._graph, self._threads, self._where, self._network = graph, threads, where, network
        self.engine: Engine = self.graph if engine is None else engine
        self.digest = manifest.digest if manifest else _digest(graph, tokenizer, labels)
        """Differs from that of every other model, so that one model does not continue another's stream or file."""
        if self.engine.classes != len(labels):
            raise mismatch(f"model.onnx answers for {self.engine.classes} classes and there are {len(labels)} labels")

    def predict(self, texts: Iterable[str]) -> NDArray[Any]:
        """Return the most probable label of each text [rows]."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(texts).argmax(axis=1)]
        return labels

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of each class [rows, classes], columns as in `classes_`.

        Raises OptionError where `texts` is one text instead of several, or an item is not a str.
        """
        parts = [self._answer(chunk, row)[2] for row, chunk in _chunks(texts, TEXTS_IN_MEMORY)]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes_)))

    def predict_iter(self, texts: Iterable[str], chunk: int = TEXTS_IN_MEMORY) -> Iterator[Predictions]:
        """Yield answers for `chunk` texts at a time, reading no further ahead: memory is bounded by the chunk."""
        for row, items in _chunks(texts, chunk):
            encodings, logits, probabilities = self._answer(items, row)
            yield Predictions(
                labels=self.classes_[probabilities.argmax(axis=1)],
                probabilities=probabilities,
                logits=logits,
                tokens=np.array([encoding.tokens for encoding in encodings], dtype=np.int64),
                truncated=np.array([encoding.truncated for encoding in encodings], dtype=np.bool_),
                unknown=np.array([encoding.unknown for encoding in encodings], dtype=np.int64),
                read=np.array([encoding.read for encoding in encodings], dtype=np.int64),
                nothing_known=np.array([encoding.nothing_known for encoding in encodings], dtype=np.bool_),
            )

    def try_out(self) -> None:
        """Answer a text without words, whole and as a stream. Raises ArtefactError where the parts cannot."""
        self.predict_proba([""])
        if "graph" in self.__dict__ and self.graph.state:
            self.graph.advance(np.array([UNKNOWN]), {})

    def encode(self, texts: Iterable[str]) -> list[Encoding]:
        """Return each text as the network reads it: ids, tokens before truncation, unknown ones."""
        return [encoding for row, chunk in _chunks(texts, TEXTS_IN_MEMORY) for encoding in self._encoded(chunk, row)]

    def explain(self, text: str, target: Label | None = None) -> Explanation:
        """Return what each word and each sentence of `text` contributes to the answer.

            model = recurra.load("model")
            explanation = model.explain("A wonderful film.")
            for word in explanation.top(3):
                print(word.text, word.contribution)

        The contribution of a word is how far the log-odds of the label fall when it is hidden: positive where the word
        speaks for the label. `to_dict()` returns plain values. See `recurra.tasks.classify.explain.Explanation`.

        target: the label to explain, as it is in `classes_` or as text (None: the predicted one).
        Raises OptionError where `text` is no str or `target` no label of the model.
        """
        from recurra.tasks.classify.explain import explain

        return explain(self, text, target)

    def session(self, state: Mapping[str, Any] | None = None) -> StreamSession:
        """Return a session that reads one text in pieces, and answers after each: `model.session().feed("A wonder")`.

        The answer after each piece is that to the whole text so far; the session's size does not grow. It is for one
        thread; a model may have many. See `recurra.tasks.classify.stream.StreamSession`.

        state: what `StreamSession.state()` returned, to continue from it (None: an empty text).
        Raises OptionError for a model that reads both ways, and for a state of another model.
        """
        from recurra.tasks.classify.stream import StreamSession

        return StreamSession(self) if state is None else StreamSession.restored(self, state)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a model is not pickled: give the other process its directory, and recurra.load(...) it there")

    @cached_property
    def graph(self) -> GraphSession:
        """The graph on ONNX Runtime, opened at the first use."""
        return GraphSession(
            self._graph,
            self._threads,
            ids=self.tokenizer.size,
            subwords=self.tokenizer.subwords,
            members=1 if self._network is None else self._network.members,
            name=self._where,
        )

    @cached_property
    def temperature(self) -> float:
        """What the logits are divided by."""
        return float(self._constants["temperature"].reshape(-1)[0])

    @cached_property
    def ngrams(self) -> NgramModel | None:
        """The linear model of n-grams beside the network; None where there is none."""
        if self._network is None or not self._network.ngrams:
            return None
        return NgramModel.of(self._network, self._constants)

    @cached_property
    def _constants(self) -> Mapping[str, NDArray[Any]]:
        """The constants of the graph, which lie in its bytes."""
        return read_onnx(self._graph, self._where).graph.constants

    def _encoded(self, texts: list[object], first: int) -> list[Encoding]:
        """Return the encodings of texts, of which the first is item `first` of the caller's."""
        encodings = []
        for row, text in enumerate(texts, first):
            if not isinstance(text, str):
                raise OptionError(f"Item {row} of texts is {described(text)}; every item must be a str.")
            encodings.append(self.tokenizer.encode(text))
        return encodings

    def _answer(self, texts: list[object], first: int) -> tuple[list[Encoding], Logits, NDArray[np.float64]]:
        """Encode and run texts: of many, the threads run one piece while this one encodes the next."""
        if len(texts) <= TEXTS_PER_RUN:
            encodings = self._encoded(texts, first)
            logits, probabilities = self.engine.run(encodings)
            return encodings, logits, exact(probabilities)
        encodings = []
        answers: list[Future[Answer]] = []
        with ThreadPoolExecutor(self.engine.threads, thread_name_prefix="recurra-run") as ahead:
            for start in range(0, len(texts), TEXTS_PER_RUN):
                piece = self._encoded(texts[start : start + TEXTS_PER_RUN], first + start)
                answers.append(ahead.submit(self.engine.run, piece, shared=False))
                encodings += piece
        parts = [answer.result() for answer in answers]
        logits = np.concatenate([part[0] for part in parts])
        return encodings, logits, exact(np.concatenate([part[1] for part in parts]))


def from_artefact(source: model_directory.Artefact, threads: int | None = None) -> Classifier:
    """Return the classifier of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    network, tokenizer = shape_of(source), tokenizer_from_json(tokenizer_text(source))
    if tokenizer.size != network.vocabulary:
        raise mismatch(f"tokenizer.json has {tokenizer.size:,} ids and the network {network.vocabulary:,}")
    if tokenizer.subwords != network.subwords:
        raise mismatch(
            f"tokenizer.json has {tokenizer.subwords:,} buckets of character n-grams and the network "
            f"{network.subwords:,}"
        )
    where = str(source.path / model_directory.MODEL)
    temperature = check_classifier(source.files[model_directory.MODEL], network, where)  # opened or not
    stated = source.manifest.metrics.get("temperature")
    if isinstance(stated, float) and not math.isclose(temperature, stated, rel_tol=1e-6):
        raise mismatch(f"model.onnx divides by the temperature {temperature:.6g} and manifest.json states {stated:.6g}")
    model = Classifier(
        tokenizer,
        source.files[model_directory.MODEL],
        source.manifest.labels,
        manifest=source.manifest,
        threads=threads,
        engine=engine_of(source, network, threads),
        network=network,
        where=where,
    )
    if network.direction == "forward":
        model.graph  # noqa: B018 (streams will need it: a graph that cannot be opened is an error now)
    if (model.engine.outputs, model.engine.classes) != (network.outputs, network.classes):
        raise mismatch("model.onnx and manifest.json differ in the number of outputs")
    return model


def exact(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities [N, K] in double precision, where each row sums to 1."""
    precise = probabilities.astype(np.float64)
    precise /= precise.sum(axis=1, keepdims=True)
    return precise


def _digest(graph: bytes, tokenizer: Tokenizer, labels: Sequence[Label]) -> str:
    """Return the digest of a model that has no manifest."""
    digest = hashlib.sha256(graph)
    digest.update(tokenizer.to_json().encode())
    digest.update(json.dumps(list(labels)).encode())
    return digest.hexdigest()


def classes_array(labels: Sequence[Label]) -> NDArray[Any]:
    """Return labels as the array NumPy makes of such values where that keeps them as they are, else as objects [K]."""
    array = np.array(labels) if len({type(label) for label in labels}) == 1 else np.array(labels, dtype=object)
    if array.tolist() != list(labels):  # NumPy strips NULs at the end of a string, and rounds what exceeds 64 bits
        array = np.array(labels, dtype=object)
    return array


def _chunks(texts: Iterable[str], size: int) -> Iterator[tuple[int, list[object]]]:
    """Yield (number of the first item, up to `size` items)."""
    if size < 1:
        raise OptionError(f"chunk must be at least 1; got {size}.")
    iterator, row = iter(several(texts)), 0
    while chunk := list(islice(iterator, size)):
        yield row, chunk
        row += len(chunk)
