"""A trained model that answers whole texts, whatever the answer is: what the models of several tasks share."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.onnx_file import read_onnx
from recurra.many_to_one.engines.choice import engine_of
from recurra.many_to_one.engines.engine import Answer, Engine
from recurra.many_to_one.engines.onnx import GraphSession, check_network_graph
from recurra.many_to_one.given import CellRow, Given, from_json, item_of, names_read, rows_of
from recurra.many_to_one.link import LINKS
from recurra.many_to_one.ngrams import NgramModel
from recurra.many_to_one.shape import ManyToOneShape, shape_of
from recurra.storage import model_directory
from recurra.storage.model_directory import Artefact, Label, Manifest
from recurra.storage.parts import mismatch, tokenizer_text
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import UNKNOWN, Encoding, Tokenizer

if TYPE_CHECKING:
    from recurra.many_to_one.stream import StreamSession

TEXTS_IN_MEMORY = 4096
"""Texts that are in memory at one time."""

TEXTS_PER_RUN = 512
"""Texts that one thread runs while the next are encoded."""

Logits = NDArray[np.float32]

AnyModel = TypeVar("AnyModel", bound="TextModel")


@dataclass(frozen=True, kw_only=True)
class Read:
    """How N texts were read, in their order.

    tokens [N] int64, before truncation; truncated [N] bool; read [N] int64, tokens after truncation; unknown [N] int64,
    those of them that are not in the vocabulary; nothing_known [N] bool: the text has no token, or none that is read is
    in the vocabulary, so that the answer says nothing of it.
    """

    tokens: NDArray[np.int64]
    truncated: NDArray[np.bool_]
    unknown: NDArray[np.int64]
    read: NDArray[np.int64]
    nothing_known: NDArray[np.bool_]


@dataclass(frozen=True)
class Answered:
    """N texts with their answers. logits [N, O] float32; answers [N, K] float64, as the link of the model makes them;
    read: how they were read."""

    logits: Logits
    answers: NDArray[np.float64]
    read: Read


class TextModel:
    """A model directory whose answer to a text is one row of numbers, ready to answer. A task derives its own.

    task: as in the manifest; shape: that its networks have. Texts may be a list, a tuple, a NumPy array, a pandas or
    polars Series, or any other iterable of str; those of a model of several columns a table of pandas or polars, or an
    iterable of mappings. Safe to call from several threads.
    """

    task: ClassVar[str]
    shape: ClassVar[type[ManyToOneShape]]

    def __init__(
        self,
        tokenizer: Tokenizer,
        graph: bytes,
        labels: Sequence[Label],
        *,
        manifest: Manifest | None = None,
        threads: int | None = None,
        engine: Engine | None = None,
        network: ManyToOneShape | None = None,
        where: str = model_directory.MODEL,
    ) -> None:
        """graph: what `learn.graph.build` wrote; manifest: of the directory that the parts come from, if any.

        labels: one for each number of an answer; none where the answer is a number itself. where: the file of the
        graph, for errors.
        engine: computes the answers instead of the graph, which is then opened for streams alone.
        Raises ArtefactError where the parts are not of one model.
        """
        self.manifest = manifest
        self.tokenizer = tokenizer
        self.classes_: NDArray[Any] = classes_array(labels)
        self.link = LINKS["softmax"] if network is None else network.answer
        self._graph, self._threads, self._where, self._network = graph, threads, where, network
        self.engine: Engine = self.graph if engine is None else engine
        self.digest = manifest.digest if manifest else _digest(graph, tokenizer, labels)
        """Differs from that of every other model, so that one model does not continue another's stream or file."""
        expected = 0 if network is not None and network.link == "identity" else self.engine.classes
        if expected != len(labels):
            raise mismatch(f"model.onnx answers for {expected} classes and there are {len(labels)} labels")

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> Self:
        """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        network, tokenizer = shape_of(source, cls.task, cls.shape), tokenizer_from_json(tokenizer_text(source))
        if tokenizer.size != network.vocabulary:
            raise mismatch(f"tokenizer.json has {tokenizer.size:,} ids and the network {network.vocabulary:,}")
        if tokenizer.subwords != network.subwords:
            raise mismatch(
                f"tokenizer.json has {tokenizer.subwords:,} buckets of character n-grams and the network "
                f"{network.subwords:,}"
            )
        stated_columns = source.manifest.data.get("texts")
        if tokenizer.columns and (not isinstance(stated_columns, list) or tuple(stated_columns) != tokenizer.columns):
            raise mismatch(f"tokenizer.json reads {list(tokenizer.columns)} and manifest.json states {stated_columns}")
        if (0 if tokenizer.features is None else tokenizer.features.width) != network.feature_inputs:
            raise mismatch(f"tokenizer.json does not encode the {network.feature_inputs:,} features of the network")
        where = str(source.path / model_directory.MODEL)
        temperature = check_network_graph(source.files[model_directory.MODEL], network, where)  # opened or not
        stated = source.manifest.metrics.get("temperature")
        if isinstance(stated, float) and not math.isclose(temperature, stated, rel_tol=1e-6):
            raise mismatch(
                f"model.onnx divides by the temperature {temperature:.6g} and manifest.json states {stated:.6g}"
            )
        model = cls(
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
        if (model.engine.outputs, model.engine.classes) != (network.logits, network.classes):
            raise mismatch("model.onnx and manifest.json differ in the number of outputs")
        return model

    def answers(self, texts: Iterable[Given]) -> NDArray[np.float64]:
        """Return the answer to each text [N, K], as the link of the model makes it.

        Raises OptionError where `texts` is one text instead of several, or an item is not a str.
        """
        parts = [self._answer(chunk, row)[2] for row, chunk in self._chunks(texts, TEXTS_IN_MEMORY)]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.empty((0, self.engine.classes))

    def answer_iter(self, texts: Iterable[Given], chunk: int = TEXTS_IN_MEMORY) -> Iterator[Answered]:
        """Yield answers for `chunk` texts at a time, reading no further ahead: memory is bounded by the chunk."""
        for row, items in self._chunks(texts, chunk):
            encodings, logits, answers = self._answer(items, row)
            yield Answered(logits, answers, read_as(encodings))

    def chosen(self, answers: NDArray[Any]) -> NDArray[np.int64]:
        """Return the index of the label [N] that answers [N, K] lead to: the most probable one."""
        return np.asarray(answers.argmax(axis=1), dtype=np.int64)

    def decided(self, answers: NDArray[Any]) -> NDArray[Any]:
        """Return the label [N] that answers [N, K] lead to."""
        labels: NDArray[Any] = self.classes_[self.chosen(answers)]
        return labels

    def try_out(self) -> None:
        """Answer a text without words, whole and as a stream. Raises ArtefactError where the parts cannot."""
        features = self.tokenizer.features
        if features is not None:
            self.answers([CellRow("", {})])
            return
        self.answers([""])
        if "graph" in self.__dict__ and self.graph.state:
            self.graph.advance(np.array([UNKNOWN]), {})

    def encode(self, texts: Iterable[Given]) -> list[Encoding]:
        """Return each text as the network reads it: ids, tokens before truncation, unknown ones."""
        chunks = self._chunks(texts, TEXTS_IN_MEMORY)
        return [encoding for row, chunk in chunks for encoding in self._encoded(chunk, row)]

    def rows(self, texts: Iterable[str]) -> Iterable[Any]:
        """Return what is answered of texts from a command line: the texts, or of a model of several columns the rows
        that they are as JSON objects, for which it raises OptionError where one is none."""
        columns = names_read(self.tokenizer)
        return (
            (from_json(text, columns, f"Text {number}") for number, text in enumerate(texts, 1)) if columns else texts
        )

    def row(self, text: str) -> Any:
        """Return what one text of a command line is: see `rows`."""
        return next(iter(self.rows([text])))

    def session(self, state: Mapping[str, Any] | None = None) -> StreamSession:
        """Return a session that reads one text in pieces, and answers after each: `model.session().feed("A wonder")`.

        The answer after each piece is that to the whole text so far; the session's size does not grow. It is for one
        thread; a model may have many. See `recurra.many_to_one.stream.StreamSession`.

        state: what `StreamSession.state()` returned, to continue from it (None: an empty text).
        Raises OptionError for a model that reads both ways, and for a state of another model.
        """
        from recurra.many_to_one.stream import StreamSession

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
            link=self.link,
            features=0 if self._network is None else self._network.feature_inputs,
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

    def _chunks(self, texts: Iterable[Any], size: int) -> Iterator[tuple[int, list[object]]]:
        """Yield (number of the first item, up to `size` items)."""
        if size < 1:
            raise OptionError(f"chunk must be at least 1; got {size}.")
        iterator, row = iter(rows_of(texts, names_read(self.tokenizer))), 0
        while chunk := list(islice(iterator, size)):
            yield row, chunk
            row += len(chunk)

    def _encoded(self, texts: list[object], first: int) -> list[Encoding]:
        """Return the encodings of texts, of which the first is item `first` of the caller's."""
        return [self.encoding(text, f"Item {row} of texts") for row, text in enumerate(texts, first)]

    def encoding(self, item: object, where: str = "The row") -> Encoding:
        """Return one text, or one row of a model of columns, as the network reads it. where: what an error calls it.

        Raises OptionError for an item of another kind.
        """
        read = item_of(item, self.tokenizer, where)
        if isinstance(read, str):
            return self.tokenizer.encode(read)
        return replace(self.tokenizer.encode(read.text), features=read.features)

    def _answer(self, texts: list[object], first: int) -> tuple[list[Encoding], Logits, NDArray[np.float64]]:
        """Encode and run texts: of many, the threads run one piece while this one encodes the next."""
        if len(texts) <= TEXTS_PER_RUN:
            encodings = self._encoded(texts, first)
            logits, answers = self.engine.run(encodings)
            return encodings, logits, self.link.settled(answers)
        encodings = []
        pending: list[Future[Answer]] = []
        with ThreadPoolExecutor(self.engine.threads, thread_name_prefix="recurra-run") as ahead:
            for start in range(0, len(texts), TEXTS_PER_RUN):
                piece = self._encoded(texts[start : start + TEXTS_PER_RUN], first + start)
                pending.append(ahead.submit(self.engine.run, piece, shared=False))
                encodings += piece
        parts = [answer.result() for answer in pending]
        logits = np.concatenate([part[0] for part in parts])
        return encodings, logits, self.link.settled(np.concatenate([part[1] for part in parts]))


def read_as(encodings: Sequence[Encoding]) -> Read:
    """Return how texts with these encodings were read."""
    return Read(
        tokens=np.array([encoding.tokens for encoding in encodings], dtype=np.int64),
        truncated=np.array([encoding.truncated for encoding in encodings], dtype=np.bool_),
        unknown=np.array([encoding.unknown for encoding in encodings], dtype=np.int64),
        read=np.array([encoding.read for encoding in encodings], dtype=np.int64),
        nothing_known=np.array([encoding.nothing_known for encoding in encodings], dtype=np.bool_),
    )


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
