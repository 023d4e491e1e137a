"""A trained model that forecasts, loaded from its directory; no training framework is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import OptionError
from recurra.inference.session import open_graph
from recurra.inference.threads import WorkerPool
from recurra.options.arguments import described
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MODEL, TOKENIZER, Artefact, Manifest
from recurra.storage.parts import mismatch
from recurra.tasks.forecast.anchor import Anchor, anchored
from recurra.tasks.forecast.band import corrected
from recurra.tasks.forecast.engines import Engine, GraphEngine, KernelEngine, kernel_of
from recurra.tasks.forecast.history import History, checked
from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.shape import QUANTILES, ForecastShape
from recurra.tasks.forecast.windows import Window, window

BATCH = 256
"""Series that the network answers together."""
FAR = 128
"""Of horizons beyond it one series is read at a time: each takes memory that grows with their square."""

Floats = NDArray[np.float64]


class ForecastModel(NotebookModel):
    """A model directory of the task `forecast`, ready to answer.

        model = recurra.load("forecast-model")
        model.predict([history])  # history: [steps], NaN where a value is missing; [1, horizon, 3]

    Safe to call from several threads.
    """

    def __init__(
        self,
        shape: ForecastShape,
        inputs: ForecastInputs,
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
        self._workers = WorkerPool(threads)
        session = open_graph(graph, where, {})
        given = {value.name: value.shape[1:] for value in session.get_inputs()}
        answered = {value.name: value.shape[1:] for value in session.get_outputs()}
        wanted = {"frames": [shape.segments, shape.inputs], "known": [shape.ahead, shape.known]}
        if given != wanted or answered != {"quantiles": [shape.horizon, QUANTILES]}:
            raise mismatch("model.onnx does not have the inputs and outputs of the network in manifest.json")
        self.engine: Engine = kernel or GraphEngine(session)

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> ForecastModel:
        """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        shape = source.manifest.network_as(ForecastShape)
        return cls(
            shape,
            ForecastInputs.from_json(source.files[TOKENIZER], shape),
            source.files[MODEL],
            manifest=source.manifest,
            kernel=kernel_of(source, shape),
            threads=threads,
            where=str(source.path / MODEL),
        )

    def predict(self, histories: Iterable[ArrayLike | History], horizon: int | None = None) -> Floats:
        """Return the quantiles [N, h, 3] of 10, 50 and 90 % of the next steps of each series.

        histories: [T_n] each, T_n >= 1, NaN where a value is missing, or a `History` with a name or covariates. Where
        the last values are missing, the steps begin after them all the same.
        horizon: h, at most that of the model; None for all. An answer does not depend on the other series.
        Raises OptionError for a horizon that the model does not reach and for what is no collection of series, and
        DataError for what is no such series.
        """
        steps = self.steps(horizon)
        known = [checked(history) for history in _several(histories)]
        for history in known:
            self.inputs.check(history, steps)
        return self._answers(known)[:, :steps] if known else np.empty((0, steps, QUANTILES))

    def _answers(self, known: Sequence[History]) -> Floats:
        """Return the quantiles [N, H, 3] of checked histories.

        Where values at the end are missing, the forecast is that from the last known one, as far as it reaches; beyond,
        that of a history which is taken to have gone on as expected, with a band that is no narrower.
        """
        missing = np.array([_missing_at_end(history) for history in known])
        horizon = self.shape.horizon
        whole = [
            history.until(len(history) - back, horizon + back) if back else history
            for history, back in zip(known, missing.tolist(), strict=True)
        ]
        answers = self._in_batches(whole)
        rows = np.flatnonzero(missing)
        gone_on = self._in_batches([known[row] for row in rows.tolist()])
        for row, beyond in zip(rows, gone_on, strict=True):
            back, middle = int(missing[row]), beyond[:, 1:2]
            apart = answers[row, -1] - answers[row, -1, 1]
            wide = middle + np.stack([np.minimum(beyond[:, 0] - beyond[:, 1], apart[0]), np.zeros(horizon),
                                      np.maximum(beyond[:, 2] - beyond[:, 1], apart[2])], axis=1)  # fmt: skip
            answers[row] = np.concatenate([answers[row, min(back, horizon) :], wide[max(0, horizon - back) :]])
        return answers

    def _in_batches(self, known: Sequence[History]) -> Floats:
        batches = [known[start : start + BATCH] for start in range(0, len(known), BATCH)]
        found = [self._answer(batch) for batch in batches]
        return np.concatenate(found) if found else np.empty((0, self.shape.horizon, QUANTILES))

    def steps(self, horizon: int | None) -> int:
        """Return how many steps are forecast: `horizon`, or all for None. Raises OptionError for more than those."""
        steps = self.shape.horizon if horizon is None else horizon
        if not isinstance(steps, int) or isinstance(steps, bool):
            raise OptionError(f"horizon must be a whole number of steps; got {described(steps)}.")
        if not 1 <= steps <= self.shape.horizon:
            raise OptionError(
                f"This model forecasts up to {self.shape.horizon:,} steps, not {steps:,}. Train one with a larger "
                "--horizon."
            )
        return steps

    def window(self, history: History, anchor: Anchor) -> Window:
        """Return what the network reads at the end of a checked history. anchor: of it."""
        return window(anchor, history, len(history) - 1, self.inputs, self.shape)

    def corrections(self, windows: Sequence[Window], shares: Sequence[float]) -> Floats:
        """Return the quantiles [B, H, 3] of the error of the anchor, in units of its spread.

        shares: how much of the middle one counts, of each window.
        """
        frames, beside = (np.stack(parts) for parts in zip(*windows, strict=True))
        errors = self.engine(frames, beside).astype(np.float64)
        return corrected(errors, np.array(shares)[:, None], self.inputs.band, self.inputs.learnt)

    def _answer(self, histories: Sequence[History]) -> Floats:
        """Return the quantiles [B, H, 3] of checked histories."""

        def read(history: History) -> tuple[Floats, Floats, Window]:
            anchor = anchored(history.values, self.inputs.season, self.shape.horizon)
            return anchor.middle[-1].copy(), anchor.spread[-1].copy(), self.window(history, anchor)

        several = self.shape.horizon <= FAR
        middles, spreads, windows = zip(
            *(self._workers.map(read, histories) if several else map(read, histories)), strict=True
        )
        moved = self.corrections(windows, [self.inputs.share_of(history) for history in histories])
        return np.asarray(np.stack(middles)[:, :, None] + np.stack(spreads)[:, :, None] * moved)


def _missing_at_end(history: History) -> int:
    """Return how many values after the last known one are missing."""
    return len(history) - 1 - int(np.flatnonzero(np.isfinite(history.values))[-1])


def _several(histories: Iterable[ArrayLike | History]) -> Iterator[ArrayLike | History]:
    """Yield each of several histories. Raises OptionError for what is no collection of arrays."""
    odd = isinstance(histories, str | bytes | dict | set | frozenset | History) or hasattr(histories, "columns")
    if odd or not isinstance(histories, Iterable):
        raise OptionError(f"histories must be a list of arrays [steps]; got {described(histories)}.")
    for number, one in enumerate(histories):
        known = isinstance(one, Sequence | History) or hasattr(one, "__array__")
        if isinstance(one, str | bytes) or not known or getattr(one, "ndim", 1) == 0:
            raise OptionError(f"Item {number} of histories is {described(one)}; each must be an array [steps].")
        yield one
