"""Several trained models judged on the same rows: which is better, by a paired test, and where they differ.

Of more than two models every pair is tested, and the p-values are those of Holm, 1979, "A simple sequentially rejective
multiple test procedure": the chance of one false difference among all pairs stays below 0.05. Shapes: N rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from numpy.typing import NDArray

from recurra.evaluation.comparison import Measure
from recurra.evaluation.metric import Floats


@dataclass(frozen=True)
class Judged:
    """A model on N rows. name: what it is called. run: what each row counts in the measure, [N] or [N, 3]. answers:
    [N], of objects or numbers, equal where answers are. quality: [N], higher where an answer is better."""

    name: str
    run: NDArray[Any]
    answers: NDArray[Any]
    quality: Floats


def compare_models(models: Sequence[Judged], measure: Measure) -> dict[str, Any]:
    """Return measure, models (each with name, the measure and its interval, in the given order), best (the name of the
    model with the best value), pairs and verdict.

    pairs: of each two models first, second, difference (of the first less the second), difference_ci95, p_value, test,
    better (the name of the better one, None where the difference may be chance), and of how many rows: same_answer,
    first_better, second_better, equally_good (other answers that are as good). Of more than two models the p-values are
    Holm's. verdict: in a sentence or two.
    """
    rows = len(models[0].answers)
    scored: list[dict[str, Any]] = [
        {
            "name": model.name,
            measure.name: measure.value(model.run),
            f"{measure.name}_ci95": list(measure.interval([model.run])),
        }
        for model in models
    ]
    pairs = [_pair(one, two, measure) for one, two in combinations(models, 2)]
    for pair, p_value in zip(pairs, holm([pair["p_value"] for pair in pairs]), strict=True):
        pair["p_value"] = p_value
        ahead = (pair["difference"] > 0) == measure.higher_is_better
        pair["better"] = None if p_value >= 0.05 else pair["first" if ahead else "second"]
    best = (max if measure.higher_is_better else min)(scored, key=lambda model: model[measure.name])["name"]
    found = {"measure": measure.name, "rows": rows, "models": scored, "best": best, "pairs": pairs}
    return found | {"verdict": verdict(found, measure)}


def _pair(one: Judged, two: Judged, measure: Measure) -> dict[str, Any]:
    tested = measure.paired([one.run], [two.run])
    differ = one.answers != two.answers
    ahead, behind = differ & (one.quality > two.quality), differ & (one.quality < two.quality)
    return {
        "first": one.name,
        "second": two.name,
        **{name: tested[name] for name in ("difference", "difference_ci95", "p_value", "test")},
        "same_answer": int((~differ).sum()),
        "first_better": int(ahead.sum()),
        "second_better": int(behind.sum()),
        "equally_good": int((differ & ~ahead & ~behind).sum()),
    }


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values so adjusted that comparing each with 0.05 errs in any of them with that chance at most."""
    adjusted, least, count = [0.0] * len(p_values), 0.0, len(p_values)
    for place, index in enumerate(sorted(range(count), key=lambda i: p_values[i])):
        least = max(least, min(1.0, (count - place) * p_values[index]))
        adjusted[index] = least
    return adjusted


def verdict(found: dict[str, Any], measure: Measure) -> str:
    """Return in words which model is better on these rows. found: as `compare_models` makes it."""
    best, values = found["best"], {model["name"]: model[measure.name] for model in found["models"]}
    rows = f"{found['rows']:,} row{'s' if found['rows'] > 1 else ''}"
    if len(found["pairs"]) == 1:
        (pair,) = found["pairs"]
        first, second = pair["first"], pair["second"]
        if pair["same_answer"] == found["rows"]:
            return f"{first} and {second} give the same answer to each of the {rows}."
        other = second if best == first else first
        ends = sorted(abs(end) if pair["better"] else end for end in pair["difference_ci95"])
        between = f"95 % interval {measure.gap(ends[0]).removesuffix(' points')} to {measure.gap(ends[1])}"
        test = f"{pair['test']}, {_chance(pair['p_value'])}"
        gap = measure.gap(pair["difference"])
        beside = f"{measure.title} {measure.shown(values[best])} against {measure.shown(values[other])}"
        if pair["better"] and pair["difference_ci95"][0] * pair["difference_ci95"][1] > 0:
            return f"{best} is better than {other}: {beside}, a difference of {gap} ({between}; {test})."
        if pair["better"]:
            return f"{best} is better than {other}: {beside}, a difference of {gap} ({test})."
        return (
            f"Which of {first} and {second} is better cannot be told from these {rows}: {beside}, and a difference of "
            f"{gap} may be chance ({test})."
        )
    beaten: list[str] = []
    unsure: list[str] = []
    for pair in found["pairs"]:
        if best in (pair["first"], pair["second"]):
            other = pair["second"] if pair["first"] == best else pair["first"]
            (beaten if pair["better"] == best else unsure).append(other)
    how = f"{found['pairs'][0]['test']}, p-values of {len(found['pairs'])} pairs after Holm"
    said = []
    if beaten:
        said.append(f"{best} is better than {_listed(beaten)} on these {rows}")
    if unsure:
        said.append(f"{'that it is' if beaten else f'that {best} is'} better than {_listed(unsure)} may be chance")
    whole = "; ".join(said)
    return f"{whole if beaten else whole[0].upper() + whole[1:]} ({how})."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _chance(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
