"""What the figures are held against. Every bar is a ratio or a bound within one run on one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from peers.arithmetic import rounded

Metrics = dict[str, Any]
FLAT, LINEAR = 1.25, 1.25
"""Most growth of memory over 16 times the rows, and of the cost of a token over 16 times the tokens."""


def judged(metrics: Metrics) -> list[dict[str, Any]]:
    """Return [{"bar", "figure", "wanted", "met"}] in order; figure and met are None where a part was not measured."""
    found = []
    for bar, at_least, bound, figure_of in BARS:
        try:
            figure = rounded(figure_of(metrics), 3)
        except (KeyError, ValueError, ZeroDivisionError):
            figure = None
        met = None if figure is None else figure >= bound if at_least else figure <= bound
        found.append({"bar": bar, "figure": figure, "wanted": f"{'>=' if at_least else '<='} {bound:g}", "met": met})
    return found


def _rates(rows: Sequence[dict[str, Any]], **wanted: Any) -> Iterator[float]:
    """Give the medians of the rows whose fields are as wanted; a tuple names several values, any of which will do."""
    for row in rows:
        if all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in wanted.items()):
            yield row["rate"]["median"]


def _training(metrics: Metrics, **wanted: Any) -> float:
    """Return the best median. Raises ValueError where nothing was measured."""
    return max(_rates(metrics["training"]["rows"], **wanted))


def _at_64(metrics: Metrics, engine: str, cell: str) -> float:
    return _training(metrics, engine=engine, cell=cell, batch=64, variant=("fp32", "fp32 xla"))


def _over(ours: str, peer: str, cell: str) -> Callable[[Metrics], float]:
    return lambda metrics: _at_64(metrics, ours, cell) / _at_64(metrics, peer, cell)


def _cheaper(cell: str, than: str) -> Callable[[Metrics], float]:
    """The less of the two ratios, at fp32 with batches of 64 and at the best of each."""

    def figure(metrics: Metrics) -> float:
        best = _training(metrics, engine="recurra", cell=cell) / _training(metrics, engine="recurra", cell=than)
        return min(best, _at_64(metrics, "recurra", cell) / _at_64(metrics, "recurra", than))

    return figure


def _best(metrics: Metrics) -> float:
    return _training(metrics, engine="recurra", cell="lstm") / _training(metrics, engine="keras", cell="lstm")


def _predicting(metrics: Metrics) -> float:
    rows = metrics["inference"]["rows"]
    ours, keras = (max(_rates(rows, engine=name, kind="ids", batch=256)) for name in ("recurra", "keras"))
    return ours / keras


def _latency(metrics: Metrics) -> float:
    rows = metrics["latency"]["rows"]
    return next(_only(rows, engine="recurra", variant="tutorial"))["p50_ms"]["median"]  # type: ignore[no-any-return]


def _only(rows: Sequence[dict[str, Any]], **wanted: Any) -> Iterator[dict[str, Any]]:
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    if not found:
        raise KeyError(wanted)
    return iter(found)


def _ours(metrics: Metrics) -> dict[str, Any]:
    return next(_only(metrics["wall"]["rows"], engine="recurra", variant="default"))


def _wall(metrics: Metrics) -> float:
    keras = next(_only(metrics["wall"]["rows"], engine="keras"))
    return float(_ours(metrics)["seconds"] / keras["seconds"])


def _accuracy(metrics: Metrics) -> float:
    return 100 * float(_ours(metrics)["accuracy"])


def _data_path(metrics: Metrics) -> float:
    timing = _ours(metrics)["timing"]
    return 100 * float((timing["read"] + timing["tokenise"]) / timing["total"])


def _flat(metrics: Metrics) -> float:
    rows = metrics["growth"]["rows"]
    if len(rows) < 2:
        raise ValueError("fewer than two sizes were measured")
    return float(rows[-1]["peak_mb"] / rows[0]["peak_mb"])


def _linear(metrics: Metrics) -> float:
    return float(max(row["per_token"] for row in metrics["growth"]["tokens"][1:]))


BARS: tuple[tuple[str, bool, float, Callable[[Metrics], float]], ...] = (
    ("Training, LSTM, best of each: times Keras", True, 2.5, _best),
    ("Training, LSTM, fp32, batch 64: times Keras", True, 1.4, _over("recurra", "keras", "lstm")),
    ("Training, LSTM, fp32, batch 64: times `nn.LSTM`", True, 1.5, _over("recurra", "torch", "lstm")),
    ("Training, GRU, fp32, batch 64: times `nn.GRU`", True, 3.0, _over("recurra", "torch", "gru")),
    ("Training, RNN, fp32, batch 64: times `nn.RNN`", True, 2.0, _over("recurra", "torch", "rnn")),
    ("Training: a GRU's speed in LSTMs", True, 1.0, _cheaper("gru", "lstm")),
    ("Training: an RNN's speed in GRUs", True, 1.0, _cheaper("rnn", "gru")),
    ("Inference, batch 256: times Keras `predict`", True, 2.0, _predicting),
    ("One review, text in, probability out: median, ms", False, 0.8, _latency),
    ("From CSV to evaluated model: share of Keras's time", False, round(1 / 3, 4), _wall),
    ("From CSV to evaluated model: held-out accuracy, %", True, 91.5, _accuracy),
    ("Reading and tokenising: share of a default run, %", False, 15.0, _data_path),
    ("Memory with 16 times the rows: times that of one", False, FLAT, _flat),
    ("Cost of a token with 16 times the tokens: times that of one", False, LINEAR, _linear),
)
"""Each bar: its name, whether the figure must reach it (or else stay below), the bound, and how the figure is found."""
