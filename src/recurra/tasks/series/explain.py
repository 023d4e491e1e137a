"""What each channel and each stretch of time of a series contributes to an answer, by occlusion: hide it, and compare.

A series is cut into some 32 windows, a long one into fewer (see `plan`), which the notes of an answer say. In one
channel at a time, and in all of them together, a window and its two neighbours are replaced by the channel's mean in
training, and the series is answered again. The contribution of the window is by how much the log-odds of the label
fall, or the number. What a whole channel contributes is measured by replacing all of it.

A straight line between the ends of what is hidden was tried in place of the mean. It leaves levels and slow waves as
they are: of 82 series with a bump, a burst or a shifted level planted in one of 3 channels, the window that contributed
most was within it for 82 with the mean, and for 79 with the line (without neighbours for 79 and 70). Source of the
method: Zeiler and Fergus, 2014, Visualizing and understanding convolutional networks, for images.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import OptionError, brief, did_you_mean
from recurra.evaluation.calibration import softmax
from recurra.storage.model_directory import Label
from recurra.tasks.series.inputs import checked
from recurra.tasks.series.model import SeriesModel

WINDOWS = 32
"""Most windows of a series; one of fewer steps has as many as steps."""
MOST_CHANNELS = 16
"""Channels whose windows are hidden one by one: those that contribute most, of more."""
AFFORDED = 300_000
"""Frames that are answered to explain a series, about: some seconds. Of longer ones fewer windows are hidden."""
FEWEST_WINDOWS, FEWEST_CHANNELS = 8, 4
"""Windows that are hidden however long a series is; channels that are looked at before there are more windows."""
WIDE = 128
"""Channels with which a frame takes about twice the time of one with a single channel."""
TOGETHER = 2**14
"""Values of series that are answered together."""
LEAST = 0.005
"""Log-odds: contributions nearer to 0 are shown as none."""
LEAST_SHARE = 1e-3
"""Of the greatest contribution to a number: smaller ones are shown as none."""

Floats = NDArray[np.float64]
Series = NDArray[np.float32]
Hidden = tuple[slice, NDArray[np.int64]]
"""Steps and channels."""


@dataclass(frozen=True)
class Explanation:
    """What an answer was derived from.

    name: of the series; others: how many there are beside it in its file. channels: C names; values: [T, C], NaN where
    one is missing. answer: the model's label or number. target: the label that is explained; None for a number.
    probabilities: of the labels by their names, none for a number. score: the log-odds of the target, or the number.
    windows: [W, 2], the steps from the first to before the last of each. hidden: [C], by how much the score falls
    without a channel. shown: the K channels whose windows were hidden, by their places. contributions: [K, W], of each
    of their windows; together: [W], of the windows in all channels. Positive: it speaks for the label, or makes the
    number larger.
    """

    name: str
    channels: tuple[str, ...]
    values: Series
    answer: Label
    target: Label | None
    probabilities: dict[str, float]
    score: float
    windows: NDArray[np.int64]
    hidden: Floats
    shown: NDArray[np.int64]
    contributions: Floats
    together: Floats
    others: int = 0

    @property
    def whose(self) -> str:
        """What falls without what contributes, in words."""
        return "the number" if self.target is None else f"the log-odds of {self.target}"

    @property
    def least(self) -> float:
        """What contributes less is shown as nothing; more than 0."""
        if self.target is not None:
            return LEAST
        found = np.concatenate([self.hidden, self.together, self.contributions.ravel()])
        return max(LEAST_SHARE * float(np.abs(found).max()), np.finfo(float).tiny)

    @property
    def notes(self) -> list[str]:
        """What must be said of the explanation, a sentence each."""
        said = []
        if self.others:
            said.append(f"The file has {self.others + 1:,} series, of which the first is explained.")
        if len(self.windows) < min(WINDOWS, len(self.values)):
            said.append(
                f"The series is long, {len(self.values):,} steps: {len(self.windows)} windows were hidden instead of "
                f"{WINDOWS}. Explain a part of it to see more."
            )
        if len(self.shown) < len(self.channels):
            said.append(
                f"Of {len(self.channels):,} channels, the windows of the {len(self.shown)} that contribute most as a "
                "whole were looked at."
            )
        return said

    def strongest(self, top: int) -> list[tuple[int, int, float]]:
        """Return the `top` windows of single channels that contribute most: (place in `shown`, window, contribution).

        Those of no contribution are left out.
        """
        flat = self.contributions.ravel()
        order = np.argsort(-np.abs(flat), kind="stable")[:top]
        count = self.contributions.shape[1]
        return [
            (int(one) // count, int(one) % count, float(flat[one])) for one in order if abs(flat[one]) >= self.least
        ]


def explain(model: SeriesModel, series: ArrayLike, target: str | None = None, *, name: str = "") -> Explanation:
    """Explain the answer to a series [T, C], or another label than the model's own.

    target: the name of a label. name: of the series. Raises DataError for what is no such series, and OptionError for a
    target that is no label of the model.
    """
    *_, found = explain_in_steps(model, series, target, name=name)
    assert found is not None
    return found


def explain_in_steps(
    model: SeriesModel, series: ArrayLike, target: str | None = None, *, name: str = ""
) -> Iterator[Explanation | None]:
    """Yield None after each part of the work, and at last what `explain` returns. Raises as it does."""
    values = checked(series, len(model.inputs.channels))
    wanted = None if target is None else label_row(model, target)
    logits = model.outputs([values])
    row = (int(logits[0].argmax()) if wanted is None else wanted) if model.classifies else None
    score = float(_scores(logits, row)[0])
    means = np.array(model.inputs.means, dtype=np.float32)
    steps, count = values.shape
    most_windows, most_channels = plan(steps, count)
    edges = np.linspace(0, steps, most_windows + 1).round().astype(np.int64)
    windows = np.column_stack([edges[:-1], edges[1:]])

    def falls(hidden: Iterable[Hidden]) -> Generator[None, None, Floats]:
        found = []
        for part in _batches(values, means, hidden):
            found.append(model.outputs(part))
            yield
        return score - _scores(np.concatenate(found), row)

    every, whole = np.arange(count), slice(None)
    alone = yield from falls((whole, every[channel : channel + 1]) for channel in range(count))
    shown = np.sort(np.argsort(-np.abs(alone), kind="stable")[:most_channels])
    spans = [slice(int(edges[max(0, at - 1)]), int(edges[min(at + 2, len(windows))])) for at in range(len(windows))]
    each = yield from falls((span, shown[place : place + 1]) for place in range(len(shown)) for span in spans)
    together = each if count == 1 else (yield from falls((span, every) for span in spans))
    probabilities = softmax(logits)[0].tolist() if model.classifies else []
    yield Explanation(
        name=name,
        channels=tuple(model.inputs.channels),
        values=values,
        answer=model.classes_[int(logits[0].argmax())] if model.classifies else float(logits[0, 0]),
        target=None if row is None else model.classes_[row],
        probabilities={str(label): chance for label, chance in zip(model.classes_, probabilities, strict=True)},
        score=score,
        windows=windows,
        hidden=alone,
        shown=shown,
        contributions=each.reshape(len(shown), len(windows)),
        together=together,
    )


def plan(steps: int, channels: int) -> tuple[int, int]:
    """Return how many windows a series is cut into, and in how many of its channels they are hidden one by one."""
    most, together = min(channels, MOST_CHANNELS), int(channels > 1)
    answers = AFFORDED // frames_in(steps, channels) - 1 - channels
    usual = min(WINDOWS, answers // (min(most, FEWEST_CHANNELS) + together))
    windows = min(steps, max(FEWEST_WINDOWS, usual))
    return windows, max(1, min(most, answers // windows - together))


def frames_in(steps: int, channels: int) -> int:
    """Return as how many frames of a single channel a series counts, by the time that its answer takes."""
    return steps * (1 + channels // WIDE)


def answers_needed(steps: int, channels: int) -> int:
    """Return how many series are answered to explain one."""
    windows, shown = plan(steps, channels)
    return 1 + channels + windows * (shown + (channels > 1))


def label_row(model: SeriesModel, target: str) -> int:
    """Return the place of a label among those of the model. Raises OptionError where it is none."""
    if not model.classifies:
        raise OptionError("This model predicts numbers, of which there is none to choose. Leave --target out.")
    names = [str(label) for label in model.classes_]
    if target not in names:
        raise OptionError(f"The model has no label {brief(target)}.{did_you_mean(target, names)}")
    return names.index(target)


def _batches(values: Series, means: Series, hidden: Iterable[Hidden]) -> Iterator[list[Series]]:
    """Yield a series [T, C] again and again, other steps and channels hidden each time, some of them together."""

    def series() -> Iterator[Series]:
        for steps, channels in hidden:
            changed = values.copy()
            changed[steps, channels] = means[channels]
            yield changed

    remaining, size = series(), max(1, TOGETHER // values.size)
    while batch := list(islice(remaining, size)):
        yield batch


def _scores(outputs: NDArray[np.float32], row: int | None) -> Floats:
    """Return the log-odds [N] of a label from logits [N, K]; without one, the numbers [N] in outputs [N, 1]."""
    whole = outputs.astype(np.float64)
    if row is None:
        return np.asarray(whole[:, 0])
    others = np.delete(whole, row, axis=1)
    most = others.max(axis=1)
    return np.asarray(whole[:, row] - most - np.log(np.exp(others - most[:, None]).sum(axis=1)))


def plain(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as the values of one JSON object."""
    classified = explanation.target is not None
    of_label = {
        "target": explanation.target,
        "probabilities": explanation.probabilities,
        "log_odds": round(explanation.score, 6),
    }
    return {
        "series": explanation.name,
        ("label" if classified else "number"): explanation.answer,
        **(of_label if classified else {}),
        "steps": len(explanation.values),
        "notes": explanation.notes,
        "channels": [
            {"channel": name, "contribution": round(float(fall), 6)}
            for name, fall in zip(explanation.channels, explanation.hidden, strict=True)
        ],
        "windows": [
            {
                "from": int(start),
                "to": int(end),
                "contribution": round(float(together), 6),
                "channels": {
                    explanation.channels[channel]: round(float(fall), 6)
                    for channel, fall in zip(explanation.shown.tolist(), falls, strict=True)
                },
            }
            for (start, end), together, falls in zip(
                explanation.windows, explanation.together, explanation.contributions.T, strict=True
            )
        ],
    }
