"""How much each column beside the texts counts: permutation importance on held-out rows.

The cells of one column are dealt out to other rows, so that they fit neither the text nor the answer any more, and the
rows are answered again; what is lost is what the column was worth to the model (Breiman, 2001: Random forests). The
same is done with the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.given import Given
from recurra.many_to_one.model import TextModel
from recurra.text.tokenizer import Encoding

REPEATS = 5
MOST_ROWS = 2_000
"""Held-out rows that are answered again, at most."""
THE_TEXT = "the text"


def importance(
    model: TextModel,
    rows: Iterable[Given],
    quality: Callable[[NDArray[np.float64], NDArray[np.intp]], float],
    *,
    measure: str,
    seed: int,
) -> dict[str, Any]:
    """Return measure, rows, value, that of the rows as they are, and columns: name, kind, loss and spread of each.

    quality: from answers [n, K] and the rows that they are for, numbers [n] among those given, to a figure of which
    more is better. loss: the mean over REPEATS of how much of it is lost; spread: the standard deviation over them.
    """
    given = list(rows)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(given))[:MOST_ROWS])
    kept = model.encode([given[row] for row in chosen])

    def value(changed: list[Encoding]) -> float:
        return quality(model.link.settled(model.engine.run(changed)[1]), chosen)

    encoder = model.tokenizer.features
    assert encoder is not None  # for the type checker: the model reads columns
    whole, columns = value(kept), []
    kinds = {feature.name: feature.kind for feature in encoder.features}
    for name, places in [*encoder.slots.items(), (THE_TEXT, None)]:
        lost = []
        for _ in range(REPEATS):
            order = rng.permutation(len(kept))
            others = [kept[row] for row in order]
            lost.append(whole - value([_dealt(one, other, places) for one, other in zip(kept, others, strict=True)]))
        columns.append(
            {
                "name": name,
                "kind": "" if places is None else kinds[name],
                "loss": float(np.mean(lost)),
                "spread": float(np.std(lost)),
            }
        )
    return {"measure": measure, "rows": len(kept), "value": whole, "columns": columns}


def _dealt(one: Encoding, other: Encoding, places: slice | None) -> Encoding:
    """Return a row with one column of another row, or with its text (None)."""
    assert one.features is not None and other.features is not None  # for the type checker
    if places is None:
        return replace(other, features=one.features)
    features = one.features.copy()
    features[places] = other.features[places]
    return replace(one, features=features)
