"""The options that say how much rows count."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from recurra.errors import OptionError, brief, did_you_mean
from recurra.options.base import Options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BALANCED = "balanced"
FORMS = "balanced, LABEL=WEIGHT (several with commas between them), or a JSON object such as '{\"spam\": 5}'"

Weight = Annotated[str | None, Field(description="Column with how much each row counts in training, a number above 0.")]
ClassWeight = Annotated[
    str | None,
    Field(
        description="How much rows of each class count: balanced (in inverse proportion to their number), or "
        "LABEL=WEIGHT,... (others: 1)."
    ),
]


class WeightOptions(Options):
    """By which number rows count."""

    weight: Weight = None


def class_weights(given: str, labels: Sequence[str], counts: Sequence[int]) -> dict[str, float]:
    """Return the weight of each label. given: as in `ClassWeight`; counts: training rows of each label.

    "balanced" is n / (K n_k), as scikit-learn has it. Raises OptionError for what is no weight, or of no label.
    """
    if given.strip() == BALANCED:
        rows = sum(counts)
        return {label: rows / (len(labels) * max(1, count)) for label, count in zip(labels, counts, strict=True)}
    stated = _stated(given)
    for label, weight in stated.items():
        if label not in labels:
            raise OptionError(
                f"--class-weight {brief(given)}: no training row has the label {label!r}."
                f"{did_you_mean(label, labels)} Labels: {', '.join(map(str, labels[:20]))}"
                f"{', ...' if len(labels) > 20 else ''}."
            )
        if not (math.isfinite(weight) and weight > 0):
            raise OptionError(f"--class-weight {brief(given)}: the weight of {label!r} must be a number above 0.")
    return {label: stated.get(label, 1.0) for label in labels}


def weights_of_rows(
    targets: NDArray[np.int64], weights: NDArray[np.float64] | None, by_label: Mapping[str, float] | None
) -> NDArray[np.float64] | None:
    """Return how much each row counts [N], or None where all count alike.

    targets: [N], index of the label, -1 for none; weights: of a column; by_label: of `class_weights`, in the order of
    the labels. Both multiply.
    """
    import numpy as np  # the options do without

    if weights is None and by_label is None:
        return None
    whole = np.ones(len(targets)) if weights is None else weights.astype(np.float64)
    if by_label is None:
        return whole
    each = np.array([*by_label.values(), 1.0])  # the last one is that of -1
    return np.asarray(whole * each[targets])


def _stated(given: str) -> dict[str, float]:
    """Return the weights that are written out. Raises OptionError for another form."""
    text = given.strip()
    if text.startswith("{"):
        try:
            plain = json.loads(text)
        except ValueError:
            plain = None
        if isinstance(plain, dict) and plain and all(type(weight) in (int, float) for weight in plain.values()):
            return {label: float(weight) for label, weight in plain.items()}
        raise OptionError(f"--class-weight cannot be {brief(given)}: it is {FORMS}.")
    found: dict[str, float] = {}
    for part in text.split(","):
        label, sign, weight = part.rpartition("=")
        try:
            number = float(weight)
        except ValueError:
            sign = ""
        if not sign or not label.strip():
            raise OptionError(f"--class-weight cannot be {brief(given)}: it is {FORMS}.")
        found[label.strip()] = number
    return found
