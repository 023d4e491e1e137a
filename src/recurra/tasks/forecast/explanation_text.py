"""An explanation of a forecast on the terminal: its parts by step, the smoothings, and what the network rests on."""

from __future__ import annotations

import math

import numpy as np

from recurra.tasks.forecast.explain import Explanation
from recurra.tasks.forecast.smoothing_kinds import KindWeight
from recurra.terminal.table import console as standard_output
from recurra.terminal.table import shown, table

KINDS = {
    ("trend", "none"): "no trend",
    ("trend", "damped"): "a trend that dies out",
    ("trend", "steady"): "a trend that goes on",
    ("trend", "line"): "the line from the first value to the last",
    ("season", "none"): "no season",
    ("season", "fixed"): "a season that stays",
    ("season", "changing"): "a season that changes",
    ("scale", "values"): "the values",
    ("scale", "logarithms"): "their logarithms",
    ("level", "slow"): "a slow level",
    ("level", "medium"): "a level neither slow nor fast",
    ("level", "fast"): "a fast level",
}
"""What each kind of smoothings is called."""
COVARIATES = {"past": "known up to now", "future": "known beforehand", "static": "of the series"}
"""What each kind of covariates is called."""
LARGEST, MOST_DECIMALS = 1e12, 9


def print_explanation(explanation: Explanation, top: int) -> None:
    """Print the parts of up to `top` steps, the weight of each kind of smoothings, and up to `top` contributions."""
    console = standard_output()
    console.print(f"[bold]{shown(title(explanation))}[/bold]")
    console.print(shown(summary(explanation)))
    console.print()
    rows = table("Time", "Smoothing", "Network", "Forecast", "From", "To")
    for step in some_steps(explanation, top):
        low, middle, high = (number(explanation, value) for value in explanation.quantiles[step])
        smoothing = number(explanation, explanation.smoothing[step])
        network = signed(explanation, explanation.network[step])
        rows.add_row(shown(explanation.times[step]), smoothing, network, middle, low, high)
    console.print(rows)
    console.print()
    smoothings = table("Smoothings with", "Weight", "Their forecast")
    for one in explanation.weights:
        smoothings.add_row(KINDS[one.aspect, one.kind], f"{one.weight:.1%}", said(explanation, one))
    console.print(smoothings)
    if strongest := explanation.strongest(top):
        console.print()
        parts = table("The network reads", "Contribution", "Size")
        for place, falls in strongest:
            parts.add_row(
                shown(called(explanation, place)),
                signed(explanation, float(falls.mean())),
                number(explanation, float(np.abs(falls).mean())),
            )
        console.print(parts)
    console.print()
    for note in notes(explanation):
        console.print(shown(note))


def title(explanation: Explanation) -> str:
    """Return what is explained."""
    return "The forecast" if explanation.name is None else explanation.name


def summary(explanation: Explanation) -> str:
    """Return the forecast and its two parts on average, in one sentence."""
    steps, history = len(explanation.times), len(explanation.values)
    middle, smoothing, network = (
        float(part.mean()) for part in (explanation.quantiles[:, 1], explanation.smoothing, explanation.network)
    )
    ahead = "The next step" if steps == 1 else f"The next {steps:,} steps on average"
    return (
        f"{ahead}, after {history:,}: {number(explanation, middle)}. Smoothing says {number(explanation, smoothing)}, "
        f"the network adds {signed(explanation, network)}."
    )


def notes(explanation: Explanation) -> list[str]:
    """Return what the numbers mean, and what must be said of them, a sentence or two each."""
    found = [
        "Smoothing is a weighted mean of exponential smoothings, each of which counts by how right it has been so far."
    ]
    if not explanation.share:
        found.append(
            "The network counts for nothing here: it did not make forecasts of such series better in training."
        )
    else:
        found.append(
            f"The network counts by {explanation.share:.0%} here. A contribution is by how much the forecast, on "
            "average over its steps, would fall if the network did not know those values, or if the covariate had its "
            "mean in training; its size is that of a single step, whichever way."
        )
        if not explanation.strongest(1):
            found.append("Nothing that the network reads contributes anything by itself.")
    if latest := explanation.latest:
        count = latest.end - latest.start
        values = "The last value was" if count == 1 else f"The last {count:,} values were"
        by = "" if count == 1 else " on average"
        above = "above" if latest.surprise >= 0 else "below"
        change = float(latest.change.mean())
        moved = "did not move the forecast"
        if abs(change) >= explanation.least:
            moved = f"moved the forecast by {signed(explanation, change)}"
        it = "It" if count == 1 else "They"
        found.append(
            f"{values} {number(explanation, abs(latest.surprise))}{by} {above} what would have been forecast before. "
            f"{it} {moved}" + ("." if len(explanation.times) == 1 else " on average.")
        )
    return found


def some_steps(explanation: Explanation, most: int) -> list[int]:
    """Return the steps that are shown: all, or of more than `most` some, evenly, with the first and the last."""
    count = len(explanation.times)
    chosen: list[int] = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()
    return chosen


def called(explanation: Explanation, place: int) -> str:
    """Return what a part is called that the network reads, by its number as in `Explanation.strongest`."""
    if place < len(explanation.pieces):
        return piece(explanation, place)
    kind, name = explanation.covariates[place - len(explanation.pieces)]
    return f"{name} ({COVARIATES[kind]})"


def piece(explanation: Explanation, place: int) -> str:
    """Return which steps of the history a piece has, as "2024-01 to 2024-06", or as "steps 13 to 16"."""
    start, end = (int(edge) for edge in explanation.pieces[place])
    first, last = explanation.before[start], explanation.before[end - 1]
    if isinstance(first, str):
        return first if end == start + 1 else f"{first} to {last}"
    return f"step {first:,}" if end == start + 1 else f"steps {first:,} to {last:,}"


def said(explanation: Explanation, one: KindWeight) -> str:
    """Return what smoothings of a kind forecast on average over the steps; a dash where they have no weight."""
    return "-" if one.forecast is None else number(explanation, float(one.forecast.mean()))


def number(explanation: Explanation, value: float) -> str:
    """Return a value with as many decimals as the band is told with three digits."""
    places = _decimals(explanation)
    return f"{value:.6g}" if places is None or abs(value) >= LARGEST else f"{value:z,.{places}f}"


def signed(explanation: Explanation, value: float) -> str:
    """Return a part or a contribution with its sign; 0 for what would not show."""
    if abs(value) < explanation.least:
        return "0"
    places = _decimals(explanation)
    return f"{value:+.4g}" if places is None or abs(value) >= LARGEST else f"{value:+z,.{places}f}"


def _decimals(explanation: Explanation) -> int | None:
    width = float((explanation.quantiles[:, 2] - explanation.quantiles[:, 0]).mean())
    if not width > 0:
        return None
    places = max(0, 2 - math.floor(math.log10(width)))
    return places if places <= MOST_DECIMALS else None
