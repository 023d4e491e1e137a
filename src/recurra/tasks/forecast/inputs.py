"""What a model that forecasts keeps beside its network: the season, its share, and the band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recurra.errors import ArtefactError, DataError
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.shape import MOST_STEPS, ForecastShape

Floats = NDArray[np.float64]
Kind = Literal["past", "future", "static"]
KINDS: tuple[Kind, ...] = ("past", "future", "static")
Share = Annotated[float, Field(ge=0, le=1)]
LEAST_DEVIATION = 1e-6


class Covariates(BaseModel):
    """The covariates of a kind: their names and, of the training part, mean and deviation."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    names: list[str] = []
    means: list[float] = []
    deviations: list[Annotated[float, Field(gt=0)]] = []


class ForecastInputs(BaseModel):
    """What tokenizer.json keeps of a model.

    season: steps until a season comes again, 1 for none; share: how much of the network's correction counts for a
    series that was not learnt from; shares: that of each series that was, by its name; band: the factor of the distance
    of the outer quantiles from the middle one, that the interval has covered as much as it says; learnt: how much of
    that distance is the network's, the rest being the usual one, see `band.corrected`.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    format: Literal["recurra-forecast-1"] = "recurra-forecast-1"
    season: int = Field(ge=1, le=MOST_STEPS)
    share: Share = 1.0
    shares: dict[str, Share] = {}
    band: Annotated[float, Field(gt=0)] = 1.0
    learnt: Share = 1.0
    past: Covariates = Covariates()
    future: Covariates = Covariates()
    static: Covariates = Covariates()

    def share_of(self, history: History) -> float:
        """Return how much the network counts for a series."""
        return self.share if history.name is None else self.shares.get(history.name, self.share)

    def standard(self, kind: Kind, values: Floats) -> Floats:
        """Return covariates [.., N] of about mean 0 and deviation 1; those missing are 0."""
        known: Covariates = getattr(self, kind)
        standard = (values - np.array(known.means)) / np.array(known.deviations)
        return np.asarray(np.where(np.isfinite(standard), standard, 0.0))

    def check(self, history: History, ahead: int) -> None:
        """Raise DataError where a history does not have the covariates of the model. ahead: steps to be forecast."""
        for kind in KINDS:
            names: list[str] = getattr(self, kind).names
            given: Floats | None = getattr(history, kind)
            count = 0 if given is None else given.shape[-1]
            if count != len(names):
                raise DataError(
                    f"{history.called} has {count} {kind} covariates; this model reads {len(names)}"
                    + (f": {', '.join(names)}." if names else ".")
                )
        if history.future is not None and len(history.future) < len(history) + ahead:
            raise DataError(
                f"{history.called} has {len(history):,} steps and its future covariates {len(history.future):,}; "
                f"they must reach {ahead:,} steps further. Add rows after its last value, in which only they are given."
            )

    def check_ahead(self, history: History, ahead: int) -> None:
        """Raise DataError where a future covariate of one of the next steps is missing, which training has taken to be
        its mean. history: one that was checked, which `check` lets pass too."""
        if history.future is None:
            return
        missing = np.isnan(history.future[len(history) : len(history) + ahead])
        if missing.any():
            name = self.future.names[int(missing.any(axis=0).argmax())]
            raise DataError(
                f"{history.called}: the covariate {name} is missing at {int(missing.any(axis=1).sum()):,} of the "
                f"{ahead:,} steps to forecast. Give it for each of them."
            )

    def to_json(self) -> str:
        """Return the content of tokenizer.json."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, content: bytes, shape: ForecastShape) -> ForecastInputs:
        """Return what `to_json` wrote. Raises ArtefactError for anything else, or what is of another network."""
        try:
            inputs = cls.model_validate_json(content)
        except ValidationError as error:
            raise ArtefactError(
                f"tokenizer.json is not that of a model that forecasts: {error.errors()[0]['msg']}."
            ) from None
        for kind, count in (("past", shape.past), ("future", shape.future), ("static", shape.static)):
            known: Covariates = getattr(inputs, kind)
            if any(len(part) != count for part in (known.names, known.means, known.deviations)):
                raise ArtefactError("tokenizer.json and the network in manifest.json are of different covariates.")
        return inputs


def covariates(names: Sequence[str], values: Sequence[Floats]) -> Covariates:
    """Return covariates with their mean and deviation over the arrays [.., N] of all series, those missing left out."""
    if not names:
        return Covariates()
    whole = np.concatenate([array.reshape(-1, len(names)) for array in values])
    known = np.isfinite(whole)
    counts = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, whole, 0).sum(axis=0) / counts
    deviations = np.sqrt(np.square(np.where(known, whole - means, 0)).sum(axis=0) / counts)
    flat = deviations <= LEAST_DEVIATION * np.maximum(1, np.abs(means))
    return Covariates(names=list(names), means=means.tolist(), deviations=np.where(flat, 1.0, deviations).tolist())
