"""The JSON of a model directory, read strictly: no NaN, no number beyond a float, no key twice."""

from __future__ import annotations

import json
import math
from typing import Any

from recurra.errors import ArtefactError


def sound_json(name: str, content: bytes) -> Any:
    """Return the JSON value in a file. Raises ArtefactError for what is no JSON, NaN and doubled keys among it."""
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise ArtefactError(
            f"{name} is not sound JSON ({error}); the model is damaged. Copy it again, or train it again."
        ) from None


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large for a number")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return plain


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
