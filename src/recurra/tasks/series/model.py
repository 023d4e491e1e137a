"""A trained model of series, loaded from its directory; no training framework is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import OptionError
from recurra.evaluation.calibration import softmax
from recurra.inference.batching import batches_by_length
from recurra.inference.session import open_graph
from recurra.inference.threads import WorkerPool
from recurra.options.arguments import described
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MODEL, TOKENIZER, Artefact, Label, Manifest
from recurra.storage.parts import mismatch
from recurra.tasks.series.engines import Engine, GraphEngine, KernelEngine, kernel_of
from recurra.tasks.series.inputs import SeriesInputs
from recurra.tasks.series.shape import SeriesShape

BATCH_FRAMES = 2**14
"""Frames that are answered together, padding included."""

Floats = NDArray[np.float32]


class SeriesModel(NotebookModel):
    """A model directory of the task `series`, ready to answer.

        model = recurra.load("series-model")
        model.predict([values])  # values: [steps, channels], NaN where one is missing

    Safe to call from several threads.
    """

    def __init__(
        self,
        shape: SeriesShape,
        inputs: SeriesInputs,
        labels: Sequence[Label],
        graph: bytes,
        *,
        manifest: Manifest | None = None,
        kernel: KernelEngine | None = None,
        threads: int | None = None,
        where: str = MODEL,
    ) -> None:
        """graph: what `learn.graph.build` wrote; where: its file, for errors. kernel: answers in its place.

        Raises ArtefactError where the parts are not of one model.
        """
        self.shape, self.inputs, self.manifest = shape, inputs, manifest
        self.classes_ = np.array(labels, dtype=object)
        self._workers = WorkerPool(threads)
        session = open_graph(graph, where, {})
        given = {value.name for value in session.get_inputs()}
        outputs = {value.name: value.shape for value in session.get_outputs()}
        if given != {"frames", "lengths"} or outputs.get("outputs", [None])[-1] != shape.outputs or len(outputs) != 1:
            raise mismatch("model.onnx does not have the inputs and outputs of the network in manifest.json")
        self.engine: Engine = kernel or GraphEngine(session, shape)

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> SeriesModel:
        """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        shape = source.manifest.network_as(SeriesShape)
        return cls(
            shape,
            SeriesInputs.from_json(source.files[TOKENIZER], shape),
            source.manifest.labels,
            source.files[MODEL],
            manifest=source.manifest,
            kernel=kernel_of(source, shape),
            threads=threads,
            where=str(source.path / MODEL),
        )

    @property
    def classifies(self) -> bool:
        """Whether the answers are labels; numbers otherwise."""
        return self.shape.kind == "classify"

    def predict(self, series: Iterable[ArrayLike]) -> NDArray[np.generic]:
        """Return the likeliest label, or the number, of each series, [N].

        series: [T_n, C] each, or [T_n] of one channel, T_n >= 1; NaN is a missing value. An answer does not depend on
        the other series. Raises DataError for what is no such series: see `SeriesInputs.frames`.
        """
        outputs = self.outputs(series)
        if self.classifies:
            return np.asarray(self.classes_[outputs.argmax(axis=1)])
        return outputs[:, 0].astype(np.float64)

    def predict_proba(self, series: Iterable[ArrayLike]) -> NDArray[np.float64]:
        """Return the probability [N, K] of each label, in the order of `classes_`.

        Raises OptionError for a model of numbers, and as `predict` does.
        """
        if not self.classifies:
            raise OptionError("This model predicts numbers, which have no probabilities. Use predict.")
        return softmax(self.outputs(series))

    def outputs(self, series: Iterable[ArrayLike]) -> Floats:
        """Return the outputs [N, K] of the network: logits of the labels, or one number. Raises as `predict` does."""
        frames = [self.inputs.frames(one) for one in _several(series)]
        found = np.empty((len(frames), self.shape.outputs), dtype=np.float32)
        for rows, answers in self._answers(frames):
            found[rows] = answers
        return found

    def _answers(self, frames: Sequence[Floats]) -> Iterator[tuple[NDArray[np.intp], Floats]]:
        """Yield (rows [B], outputs [B, K])."""
        lengths = np.array([len(values) for values in frames], dtype=np.int64)
        batches = list(batches_by_length(lengths, BATCH_FRAMES))

        def answer(rows: NDArray[np.intp]) -> Floats:
            padded = np.zeros((len(rows), int(lengths[rows].max()), self.shape.values), dtype=np.float32)
            for target, row in zip(padded, rows, strict=True):
                target[: lengths[row]] = frames[row]
            return self.engine(padded, lengths[rows])

        yield from zip(batches, self._workers.map(answer, batches), strict=True)


def _several(series: Iterable[ArrayLike]) -> Iterator[ArrayLike]:
    """Yield each of several series. Raises OptionError for what is no collection of arrays."""
    odd = isinstance(series, str | bytes | dict | set | frozenset) or hasattr(series, "columns")
    if odd or not isinstance(series, Iterable):
        raise OptionError(f"series must be a list of arrays [steps, channels]; got {described(series)}.")
    for number, one in enumerate(series):
        if isinstance(one, str | bytes) or not (isinstance(one, Sequence) or hasattr(one, "__array__")):
            raise OptionError(f"Item {number} of series is {described(one)}; each must be an array [steps, channels].")
        yield one
