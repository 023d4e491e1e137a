"""From a series as it was read to the frames that the network takes: missing values filled, and marked where asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recurra.data.series.missing import fill, masks
from recurra.errors import ArtefactError, DataError, brief
from recurra.options.series import Missing
from recurra.tasks.series.shape import SeriesShape

Floats = NDArray[np.float32]
LARGEST = 1e30
"""Numbers beyond it cannot be standardised in single precision."""
TOO_LARGE = "A series has infinite values, or numbers beyond 1e30."


class SeriesInputs(BaseModel):
    """How series become frames; what a model keeps of it is in tokenizer.json.

    channels: the C names. missing: what is done with missing values. masked: channels with a mark beside them, by their
    places. means: [C], of each in the training set, for values of which nothing better is known.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    format: Literal["recurra-series-1"] = "recurra-series-1"
    channels: list[str] = Field(min_length=1)
    missing: Missing
    masked: list[int]
    means: list[float]

    @classmethod
    def of(cls, channels: Sequence[str], series: Sequence[Floats], missing: Missing) -> SeriesInputs:
        """Return the inputs for training series [T_n, C] with NaN where values are missing.

        Raises DataError where values are missing and are to be refused.
        """
        whole = np.concatenate(series)
        known = np.isfinite(whole)
        counts = np.maximum(known.sum(axis=0), 1)
        means = np.where(known, whole, 0).sum(axis=0, dtype=np.float64) / counts
        masked = np.flatnonzero(~known.all(axis=0)).tolist() if missing == "mask" else []
        for values in series if missing == "refuse" else ():
            fill(values, missing, means, channels=channels)
        return cls(channels=list(channels), missing=missing, masked=masked, means=means.tolist())

    def frames(self, series: ArrayLike) -> Floats:
        """Return the frames [T, V] of a series [T, C], or [T] of one channel; NaN is a missing value.

        Raises DataError for a series without a value, of other channels, with values that are not numbers or infinite,
        and for missing values that are to be refused.
        """
        values = checked(series, len(self.channels))
        if np.isnan(values).all():
            raise DataError("A series has no value, all of its steps are missing: there is nothing to answer.")
        if self.missing == "refuse" and (gaps := np.isnan(values)).any():
            step, channel = np.argwhere(gaps)[0]
            raise DataError(
                f"A series has a missing value (step {step + 1:,} of {len(values):,}, channel "
                f"{brief(self.channels[channel])}), which this model refuses: it was trained with --missing refuse. "
                "Fill it in the data, or train with --missing mask."
            )
        filled = fill(values, self.missing, np.array(self.means, dtype=np.float32), channels=self.channels)
        return np.concatenate([filled, masks(values, self.masked)], axis=1)

    def to_json(self) -> str:
        """Return the content of tokenizer.json."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, content: bytes, shape: SeriesShape) -> SeriesInputs:
        """Return what `to_json` wrote. Raises ArtefactError for anything else, or what is of another network."""
        try:
            inputs = cls.model_validate_json(content)
        except ValidationError as error:
            raise ArtefactError(
                f"tokenizer.json is not that of a model of series: {error.errors()[0]['msg']}."
            ) from None
        count, masked = len(inputs.channels), inputs.masked
        if (
            (count, len(masked), len(inputs.means)) != (shape.channels, shape.masks, shape.channels)
            or any(not 0 <= channel < count for channel in masked)
            or len(set(masked)) != len(masked)
        ):
            raise ArtefactError("tokenizer.json and the network in manifest.json are of different channels.")
        return inputs


def checked(series: ArrayLike, channels: int | None = None) -> Floats:
    """Return a series as float32 [T, C], T >= 1; NaN where a value is missing. Raises DataError for anything else."""
    try:
        values = np.asarray(series, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            "A series must be numbers [steps] or [steps, channels], all steps of the same channels."
        ) from None
    if values.ndim == 1 and channels in (None, 1):
        values = values[:, None]
    if values.ndim == 1:
        raise DataError(
            f"This model reads series of {channels} channels, [steps, {channels}]; this one is a list of numbers, not "
            "of frames."
        )
    if values.ndim != 2 or values.shape[1] == 0:
        raise DataError(f"A series must have the shape [steps, channels], not {list(values.shape)}.")
    if channels is not None and values.shape[1] != channels:
        raise DataError(f"This model reads series of {channels} channels; this one has {values.shape[1]}.")
    if not len(values):
        raise DataError("A series has no values.")
    if (np.abs(values, where=~np.isnan(values), out=np.zeros_like(values)) > LARGEST).any():
        raise DataError(TOO_LARGE)
    return values.astype(np.float32)
