"""Numbers and categories of a row as one vector of fixed width, by what the training rows had: NumPy and plain JSON.

A number is standardised by the mean and the standard deviation of the training rows (and kept within `FURTHEST` of
them), and has a second place for whether it is missing; missing, it is the mean. A category has a place for each of
the commonest values, one for all others that training had, and one for missing, each less its share of the training
rows: so a value that training never had, all of whose places are 0, is an average row. So is a missing cell in a column
where training had none, for which no weight was learnt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recurra.data.feature_cells import number_in, spelled
from recurra.errors import ArtefactError

FURTHEST = 10.0
"""Standard deviations from the mean, beyond which a number is taken for one there."""
MOST_CATEGORIES = 50
"""Values of a column that have a place of their own."""
AT_ONCE = 4_096
"""Rows of which vectors are made at a time, so that only what is made in the end grows with the rows."""
MOST_COLUMNS, MOST_VALUES = 200, 1_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NumberFeature:
    """A column of numbers. mean, std: of those of the training rows; missing: the share of rows without one."""

    name: str
    mean: float
    std: float
    missing: float

    kind = "number"
    width = 2

    @property
    def frequencies(self) -> tuple[float, ...]:
        """The share of the training rows that each place says something of."""
        return (1.0, self.missing)

    def code(self, cell: object) -> float:
        """Return the number in a cell; NaN where it is missing or infinite. Raises ValueError for what is none."""
        value = spelled(cell)
        return math.nan if value is None else number_in(value)

    def row(self, code: float) -> Sequence[float]:
        """Return the places of one code: what `places` gives, sooner."""
        if math.isnan(code):
            return (0.0, 1 - self.missing if self.missing else 0.0)
        return (min(max((code - self.mean) / self.std, -FURTHEST), FURTHEST), -self.missing)

    def places(self, codes: Floats) -> Floats:
        """Return the places of codes [N, width]."""
        missing = np.isnan(codes)
        standard = (np.where(missing, self.mean, codes) - self.mean) / self.std
        told = missing - self.missing if self.missing else np.zeros(len(codes))
        return np.stack([np.clip(standard, -FURTHEST, FURTHEST), told], axis=1)

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "kind": "number", "mean": self.mean, "std": self.std, "missing": self.missing}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        mean, std, missing = (float(plain[name]) for name in ("mean", "std", "missing"))
        if not (math.isfinite(mean) and math.isfinite(std) and std > 0 and 0 <= missing <= 1):
            raise ValueError(f"the numbers of the feature {plain['name']!r} are out of range")
        return cls(str(plain["name"]), mean, std, missing)


@dataclass(frozen=True)
class CategoryFeature:
    """A column of categories. values: the K commonest of the training rows, the commonest first; shares: of the rows
    that have each of them, one of the other values, and none [K + 2]."""

    name: str
    values: tuple[str, ...]
    shares: tuple[float, ...]

    kind = "category"

    @property
    def width(self) -> int:
        return len(self.values) + 2

    @property
    def frequencies(self) -> tuple[float, ...]:
        """The share of the training rows that each place says something of."""
        return self.shares

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """By each value as `spelled` has it, which models of earlier versions may have in two spellings; the commoner
        one counts."""
        known = [(spelled(value) or value, number) for number, value in reversed(list(enumerate(self.values)))]
        return {value.casefold(): number for value, number in known} | dict(known)

    @property
    def has_others(self) -> bool:
        """Whether training had further values, which are one."""
        return self.shares[-2] > 0

    def code(self, cell: object) -> float:
        """Return the number of a cell's value, K for another one, K + 1 where it is missing, K + 2 for what training
        never had, be it a value or that there is none. Case counts only where two values differ by it alone."""
        value = spelled(cell)
        if value is None:
            return len(self.values) + (1 if self.shares[-1] else 2)
        number = self._numbers.get(value, self._numbers.get(value.casefold()))
        return len(self.values) + (0 if self.has_others else 2) if number is None else number

    @cached_property
    def _rows(self) -> list[list[float]]:
        rows: list[list[float]] = self.places(np.arange(self.width + 1, dtype=np.float64)).tolist()
        return rows

    def row(self, code: float) -> Sequence[float]:
        """Return the places of one code: what `places` gives, sooner."""
        return self._rows[int(code)]

    def places(self, codes: Floats) -> Floats:
        """Return the places of codes [N, width]."""
        found = np.zeros((len(codes), self.width))
        known = codes < self.width
        found[known] = -np.array(self.shares)
        found[np.flatnonzero(known), codes[known].astype(np.int64)] += 1
        return found

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "kind": "category", "values": list(self.values), "shares": list(self.shares)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        values, shares = plain["values"], plain["shares"]
        sound = (
            isinstance(values, list)
            and all(isinstance(value, str) for value in values)
            and len(set(values)) == len(values) <= MOST_VALUES
            and isinstance(shares, list)
            and len(shares) == len(values) + 2
            and all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares)
        )
        if not sound:
            raise ValueError(f"the values of the feature {plain['name']!r} are out of range")
        return cls(str(plain["name"]), tuple(values), tuple(map(float, shares)))


Feature = NumberFeature | CategoryFeature


@dataclass(frozen=True)
class FeatureEncoder:
    """Encodes the cells of some columns, C of them, as a vector of F numbers."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def width(self) -> int:
        """F."""
        return sum(feature.width for feature in self.features)

    @cached_property
    def slots(self) -> dict[str, slice]:
        """The places of each column among the F."""
        ends = np.cumsum([0, *(feature.width for feature in self.features)]).tolist()
        return {feature.name: slice(ends[i], ends[i + 1]) for i, feature in enumerate(self.features)}

    @cached_property
    def rarity(self) -> NDArray[np.float32]:
        """1 - log(frequency) of each place [F]: the inverse document frequency, as words have it. 1 for a number, and
        for a place that no training row has."""
        shares = np.array([share for feature in self.features for share in feature.frequencies])
        return (1 - np.log(np.where(shares > 0, shares, 1.0))).astype(np.float32)

    def codes(self, cells: Sequence[object]) -> list[float]:
        """Return a row's cells as numbers [C], from which `dense` makes the vector.

        Raises ValueError, which begins with the column, for a cell of a column of numbers that is none.
        """
        found = []
        for feature, cell in zip(self.features, cells, strict=True):
            try:
                found.append(feature.code(cell))
            except ValueError as error:
                raise ValueError(f"{feature.name!r} holds {error}") from None
        return found

    def lenient(self, cells: Sequence[object]) -> list[float]:
        """Return the same, where what is no number counts as missing."""
        found = []
        for feature, cell in zip(self.features, cells, strict=True):
            try:
                found.append(feature.code(cell))
            except ValueError:
                found.append(feature.code(None))
        return found

    def vector(self, codes: Iterable[float]) -> NDArray[np.float32]:
        """Return the vector [F] of one row's codes."""
        rows = (feature.row(code) for feature, code in zip(self.features, codes, strict=True))
        return np.array([place for row in rows for place in row], dtype=np.float32)

    def dense(self, codes: Floats) -> NDArray[np.float32]:
        """Return the vectors [N, F] of codes [N, C]."""
        found = np.empty((len(codes), self.width), dtype=np.float32)
        for start in range(0, len(codes), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            for place, feature in enumerate(self.features):
                found[rows, self.slots[feature.name]] = feature.places(codes[rows, place])
        return found

    def encode(self, cells: Sequence[object]) -> NDArray[np.float32]:
        """Return the vector [F] of a row's cells. Raises ValueError as `codes` does."""
        return self.vector(self.codes(cells))

    def plain(self) -> list[dict[str, Any]]:
        """Return plain JSON values, which `of` reads."""
        return [feature.plain() for feature in self.features]

    @classmethod
    def of(cls, plain: object) -> Self:
        """Return the encoder of `plain()`. Raises ArtefactError for anything else."""
        kinds: dict[str, type[NumberFeature] | type[CategoryFeature]] = {
            "number": NumberFeature,
            "category": CategoryFeature,
        }
        try:
            if not isinstance(plain, list) or not 1 <= len(plain) <= MOST_COLUMNS:
                raise ValueError("there is no list of them")
            features: list[Feature] = [kinds[part["kind"]].of(part) for part in plain]
            if len({feature.name for feature in features}) < len(features):
                raise ValueError("two have one name")
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise ArtefactError(
                f"The features in tokenizer.json are damaged: {error}. Train the model again."
            ) from None
        return cls(tuple(features))
