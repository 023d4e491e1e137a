"""Choose a model's precision: single, or int8 weights where these are faster and as accurate."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.engines.engine import Engine, Sequences
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.objective import Objective
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.link import LINKS
from recurra.many_to_one.options import Quantise
from recurra.text.tokenizer import Tokenizer

LEAST_BYTES = 2**20
"""A smaller graph is small and fast enough in single precision."""

MOST_LOST = 0.001
"""The accuracy that int8 may lose on the validation rows: 0.1 point."""

TELLING_ROWS = 1_000
"""With fewer rows, 0.1 point is less than one row, so that int8 must predict each of them as single precision does."""

MOST_MOVED = 0.05
"""The most by which a probability may move: a graph that moves one further is another model."""

TIMED_ROWS, TIMES = 400, 3

SLOWER = "int8 is not faster here"


@dataclass(frozen=True)
class Choice:
    """A graph, and the figures that it was chosen by: see `choose`."""

    graph: bytes
    figures: dict[str, Any]


def choose(
    graph: bytes,
    sequences: Sequences,
    targets: NDArray[Any],
    objective: Objective,
    *,
    quantise: Quantise = "auto",
    exact: Engine | None = None,
    threads: int | None = None,
    tokenizer: Tokenizer | None = None,
    members: int = 1,
) -> Choice:
    """Return `graph`, or the same with int8 weights, after measuring both on the validation rows.

    sequences: N rows of ids, or encodings by `tokenizer`; targets: [N, ..], in the form of the objective, which judges
    both; members: of an ensemble. quantise: `never`
    takes `graph` without measuring, `always` takes int8 even where it is slower. exact: the engine that answers here in
    place of `graph`.
    figures: `precision` and `reason`; where both were measured also `fp32_engine`, `rows`, `predictions_changed`,
    `probability_moved_most`, and for fp32 and int8 `accuracy`, `tokens_per_second` (of processor time) and `bytes`.
    """
    if quantise == "never":
        return Choice(graph, {"precision": "fp32", "reason": "int8 was not requested"})
    small = quantised(graph) if len(graph) >= LEAST_BYTES else None
    if small is None:
        few = len(graph) < LEAST_BYTES
        reason = "the graph is small as it is" if few else "int8 is for LSTMs that read both ways"
        return Choice(graph, {"precision": "fp32", "reason": reason})
    link = LINKS[objective.link]
    of_model: dict[str, Any] = {"members": members, "link": link}
    if tokenizer is not None:
        of_model |= {"ids": tokenizer.size, "subwords": tokenizer.subwords}
        of_model["features"] = 0 if tokenizer.features is None else tokenizer.features.width
    plain_session = exact or GraphSession(graph, threads, **of_model)
    small_session = GraphSession(small, threads, **of_model)
    plain, rounded = plain_session.run(sequences)[1], small_session.run(sequences)[1]
    plain_rate, small_rate = _rates([plain_session, small_session], sequences)
    accuracy, small_accuracy = (objective.quality(answers, targets) for answers in (plain, rounded))
    changed = objective.changed(plain, rounded)
    moved = float(np.abs(plain - rounded).max()) / objective.unit
    reason = _against(len(targets), accuracy - small_accuracy, changed, moved, small_rate / plain_rate)
    if quantise == "always" and reason == SLOWER:
        reason = ""
    figures = {
        "precision": "fp32" if reason else "int8",
        "reason": reason or f"int8 is {'smaller' if quantise == 'always' else 'faster'} and as accurate",
        "fp32_engine": plain_session.name,
        "rows": len(targets),
        "predictions_changed": changed,
        "probability_moved_most": moved,
        "fp32": {"accuracy": accuracy, "tokens_per_second": round(plain_rate), "bytes": len(graph)},
        "int8": {"accuracy": small_accuracy, "tokens_per_second": round(small_rate), "bytes": len(small)},
    }
    return Choice(graph if reason else small, figures)


def _against(rows: int, lost: float, changed: int, moved: float, speed: float) -> str:
    """Return the reason against int8, or "". lost: accuracy; moved: probability; speed: int8's over fp32's."""
    if not moved <= MOST_MOVED:  # also where it is not a number
        return f"int8 moves a probability by {moved:.3f}, more than {MOST_MOVED:g}"
    if lost > MOST_LOST + 1e-12:
        return f"int8 loses {100 * lost:.2f} points of accuracy, more than {100 * MOST_LOST:g}"
    if rows < TELLING_ROWS and changed:
        return f"int8 changes {changed} of {rows} predictions, too few rows to know whether that matters"
    return "" if speed > 1 else SLOWER


def _rates(sessions: list[Engine], sequences: Sequences) -> list[float]:
    """Return the tokens per second of processor time of each session, best of some interleaved passes."""
    some = sequences[:TIMED_ROWS]
    tokens = sum(map(len, some))
    taken = [float("inf")] * len(sessions)
    for _ in range(TIMES):
        for index, session in enumerate(sessions):
            started = time.process_time()
            session.run(some)
            taken[index] = min(taken[index], time.process_time() - started)
    return [tokens / max(seconds, 1e-9) for seconds in taken]
