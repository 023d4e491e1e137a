"""The cells beside the texts of many rows, and the encoder that the training rows of them give.

Memory grows by four bytes a cell and by each different value.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.feature_cells import number_in, spelled
from recurra.data.feature_encoder import (
    MOST_CATEGORIES,
    MOST_COLUMNS,
    CategoryFeature,
    Feature,
    FeatureEncoder,
    Floats,
    NumberFeature,
)
from recurra.errors import DataError, OptionError, brief
from recurra.options.columns import Kind

MOSTLY = 0.5
"""Share of the values from which a column that also holds others is rather one of numbers."""
FEWEST_COUNT = 2
"""Training rows that a category needs for a place of its own."""

_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ].*)?|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}")


class FeatureTable:
    """Rows of cells of named columns. kinds: what some of the columns hold, where it is said.

    Raises OptionError for too many columns.
    """

    def __init__(self, names: Sequence[str], kinds: Mapping[str, Kind] | None = None) -> None:
        if len(names) > MOST_COLUMNS:
            raise OptionError(f"--features names {len(names):,} columns; at most {MOST_COLUMNS} are read.")
        self.names = tuple(names)
        self._kinds = dict(kinds or {})
        self._values: list[dict[str, int]] = [{} for _ in names]
        self._codes = [array("i") for _ in names]

    def __len__(self) -> int:
        return len(self._codes[0])

    def add(self, cells: Sequence[object], row: int) -> None:
        """Take the cells of the next row. row: its number, for errors. Raises DataError for a cell that holds a list or
        the like."""
        for name, cell, values, codes in zip(self.names, cells, self._values, self._codes, strict=True):
            try:
                value = spelled(cell)
            except ValueError as error:
                raise DataError(f"The feature {name!r} holds {error}, in row {row:,}.") from None
            codes.append(-1 if value is None else values.setdefault(value, len(values)))

    def fit(self, training: NDArray[np.bool_]) -> tuple[FeatureEncoder, list[str]]:
        """Return the encoder of the `training` rows [N], and what people should know of it in sentences.

        Raises DataError for a column that tells nothing there, and for one that may be of either kind.
        """
        features, found = [], []
        for place, name in enumerate(self.names):
            codes = np.frombuffer(self._codes[place], dtype=np.int32)[training]
            counts = np.bincount(codes[codes >= 0], minlength=len(self._values[place]))
            spellings = list(self._values[place])
            feature, said = _fitted(name, self._kinds.get(name), spellings, counts, int((codes < 0).sum()))
            features.append(feature)
            found.append(said)
        return FeatureEncoder(tuple(features)), [f"Features beside the text: {'; '.join(found)}."]

    def codes(self, encoder: FeatureEncoder) -> Floats:
        """Return what `encoder.lenient` gives for each row [N, C]."""
        columns = []
        for feature, values, codes in zip(encoder.features, self._values, self._codes, strict=True):
            of_value = [*map(_lenient(feature), values), feature.code(None)]  # the last is that of -1
            columns.append(np.array(of_value)[np.frombuffer(codes, dtype=np.int32)])
        return np.stack(columns, axis=1)


def _lenient(feature: Feature) -> Callable[[str], float]:
    def code(value: str) -> float:
        try:
            return feature.code(value)
        except ValueError:
            return math.nan

    return code


def _fitted(
    name: str, kind: Kind | None, spellings: list[str], counts: NDArray[np.int64], missing: int
) -> tuple[Feature, str]:
    """Return the feature of a column and what is told of it. counts: how many training rows have each value."""
    rows, told = int(counts.sum()) + missing, f"{name!r} is a "
    share = f", {missing / rows:.0%} missing" if missing else ""
    here = np.flatnonzero(counts)
    numbers = np.array([_number(spelling) for spelling in spellings])
    readable = ~np.isnan(numbers)
    of_rows = counts[readable].sum() / max(1, rows - missing)
    infinite = int(counts[np.isinf(numbers)].sum())
    numbers[np.isinf(numbers)] = np.nan
    if not len(here):
        raise DataError(
            f"The feature {name!r} is empty in all {rows:,} training rows, so it tells nothing. Leave it out."
        )
    if kind is None:
        kind = _kind(name, [spellings[i] for i in here], counts[here], readable[here], float(of_rows))
    if kind == "category":
        if len(here) == 1 and not missing:
            raise _constant(name, rows, spellings[here[0]])
        return _categories(name, spellings, counts, missing, told, share)
    held = np.flatnonzero((counts > 0) & ~np.isnan(numbers))
    if not len(held):
        raise DataError(
            f"The feature {name!r} holds no number in any training row, such as {brief(spellings[here[0]])}. Give "
            f"`--features {name}:category`, or correct the column."
        )
    unreadable = rows - missing - int(counts[held].sum())
    weights = counts[held] / counts[held].sum()
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(weights @ numbers[held])
        std = float(np.sqrt(weights @ np.square(numbers[held] - mean)))
    if not (math.isfinite(mean) and math.isfinite(std)):
        raise DataError(f"The numbers of the feature {name!r} are too large to be compared. Divide them by their unit.")
    gaps = (missing + unreadable) / rows
    if std <= 1e-12 * abs(mean) or std == 0:
        if not gaps:
            raise _constant(name, rows, spellings[held[0]])
        std = 1.0
    other = unreadable - infinite
    more = "".join(
        f", {count:,} {what}, which count as missing"
        for count, what in ((infinite, "infinite"), (other, "without a number"))
        if count
    )
    return NumberFeature(name, mean, std, gaps), f"{told}number{share}{more}"


def _kind(
    name: str, spellings: list[str], counts: NDArray[np.int64], readable: NDArray[np.bool_], share: float
) -> Kind:
    """Return what a column holds. share: of its values that are numbers. Raises DataError where that is not clear."""
    if readable.all():
        return "number"
    commas = np.array([bool(_COMMA.fullmatch(spelling)) for spelling in spellings])
    if (commas | readable).all():
        example = spellings[int(np.flatnonzero(commas)[0])]
        raise DataError(
            f"The feature {name!r} holds numbers with a decimal comma, such as {brief(example)}. Write them with a "
            f"point; or, if they are none, give `--features {name}:category`."
        )
    if share >= MOSTLY:
        example = spellings[int(np.flatnonzero(~readable)[0])]
        raise DataError(
            f"The feature {name!r} holds numbers in {share:.0%} of its training rows and in others none, such as "
            f"{brief(example)}. Give `--features {name}:number`, where those count as missing, or {name}:category."
        )
    return "category"


def _categories(
    name: str, spellings: list[str], counts: NDArray[np.int64], missing: int, told: str, share: str
) -> tuple[Feature, str]:
    rows, different = int(counts.sum()) + missing, int((counts > 0).sum())
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], spellings[i]))
    chosen = [i for i in order[:MOST_CATEGORIES] if counts[i] >= FEWEST_COUNT or different <= 2]
    others = int(counts.sum() - counts[chosen].sum())
    shares = [*(counts[chosen] / rows).tolist(), others / rows, missing / rows]
    said = f"{told}category of {different:,} values{share}"
    if others:
        said += f", of which {len(chosen):,} have a place of their own"
        said += f"; the others, in {others / rows:.0%} of the rows, are one"
    if sum(bool(_DATE.fullmatch(spellings[i])) for i in order) > different / 2:
        said += " (they look like dates, of which only equal ones are alike: make a number of the year or the month)"
    elif different == rows - missing > FEWEST_COUNT:
        said += " (each row has its own, which tells nothing of another row)"
    return CategoryFeature(name, tuple(spellings[i] for i in chosen), tuple(shares)), said


def _constant(name: str, rows: int, value: str) -> DataError:
    return DataError(
        f"The feature {name!r} is {brief(value)} in all {rows:,} training rows, so it tells nothing. Leave it out."
    )


def _number(text: str) -> float:
    """Return the number that a text is, an infinity for one that is infinite, NaN for none."""
    try:
        value = number_in(text)
    except ValueError:
        return math.nan
    return math.inf if math.isnan(value) and text.strip("+-").lower() != "nan" else value
