"""What a search has found: the best options, the table of trials, and what mattered."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recurra.options.base import flag
from recurra.tuning.metric import Figure
from recurra.tuning.space import Space, rounded
from recurra.tuning.study import DEFAULTS, EPOCHS, MESSAGE, SECONDS, counted

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

SHOWN = 10
"""Trials in metrics.json: the best."""
FEWEST_FOR_IMPORTANCE = 4
"""Finished trials before it is said what mattered."""


def outcome(study: Study, figure: Figure, space: Space, *, seconds: float, validation_rows: int) -> dict[str, Any]:
    """Return "tuning" of metrics.json: metric, higher_is_better, validation_rows, trials, pruned, failed, best (trial,
    value, options), defaults (its value), importance, top and seconds (of all trials together)."""
    trials = counted(study)
    states = [trial.state.name for trial in trials]
    best, first = study.best_trial, next(trial for trial in trials if DEFAULTS in trial.user_attrs)
    if first.value is not None and best.value is not None and not figure.better(best.value, first.value):
        best = first  # of equals, the plain one
    finished = sorted(
        (trial for trial in trials if trial.state.name == "COMPLETE"),
        key=lambda trial: -_value(trial) if figure.higher_is_better else _value(trial),
    )
    return {
        "metric": figure.name,
        "higher_is_better": figure.higher_is_better,
        "validation_rows": validation_rows,
        "trials": len(trials),
        "pruned": states.count("PRUNED"),
        "failed": states.count("FAIL"),
        "best": {"trial": best.number, "value": best.value, "options": {} if best is first else rounded(best.params)},
        "defaults": {"trial": first.number, "value": first.value, "options": rounded(first.params)},
        "space": {name: values.plain() for name, values in space.items()},
        "importance": importance(study, space, len(finished)),
        "top": [
            {"trial": trial.number, "value": trial.value, "options": rounded(trial.params)}
            for trial in finished[:SHOWN]
        ],
        "seconds": seconds,
    }


def _value(trial: FrozenTrial) -> float:
    assert trial.value is not None  # for the type checker: the trial is finished
    return trial.value


def importance(study: Study, space: Space, finished: int) -> dict[str, float]:
    """Return the share of the differences between trials that each option explains, the largest first; {} where there
    are too few of them, or no differences.

    fANOVA (Hutter, Hoos and Leyton-Brown, 2014, "An Efficient Approach for Assessing Hyperparameter Importance").
    """
    if finished < FEWEST_FOR_IMPORTANCE:
        return {}
    import optuna

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=list(space))
    except (ValueError, RuntimeError):  # all trials are equally good, or too few have all the options
        return {}
    shares = {name: float(value) for name, value in found.items() if math.isfinite(value)}
    return dict(sorted(shares.items(), key=lambda share: -share[1]))


def trials_csv(study: Study, figure: Figure, space: Space) -> bytes:
    """Return the table of all trials: number, state, the figure, epochs, seconds, every option, and why it failed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", "state", figure.name, "epochs", "seconds", *space, "message"])
    for trial in counted(study):
        attributes = trial.user_attrs
        values = [rounded(trial.params).get(name, "") for name in space]
        seconds = attributes.get(SECONDS)
        state = "default" if DEFAULTS in attributes else trial.state.name.lower()
        writer.writerow(
            [
                trial.number,
                state,
                "" if trial.value is None else repr(trial.value),
                attributes.get(EPOCHS, ""),
                "" if seconds is None else f"{seconds:.1f}",
                *values,
                attributes.get(MESSAGE, ""),
            ]
        )
    return text.getvalue().encode()


def told(found: Mapping[str, Any]) -> list[str]:
    """Return in sentences how a search went."""
    best, defaults, name = found["best"], found["defaults"], found["metric"].replace("_", " ")
    pruned = f", {found['pruned']} of them pruned early" if found["pruned"] else ""
    failed = f", {found['failed']} failed" if found["failed"] else ""
    sentences = [f"{found['trials']} trial{'s' * (found['trials'] != 1)}{pruned}{failed}."]
    if best["options"]:
        sentences.append(
            f"Best: trial {best['trial']}, with a {name} of {best['value']:.4g} on {found['validation_rows']:,} "
            f"validation rows, against {defaults['value']:.4g} with the options as given."
        )
        sentences.append(
            "The best of many is in part luck: the held-out rows, which no trial has seen, show what it is worth."
        )
    else:
        sentences.append(
            f"No trial was better than the options as given: their {name} is {defaults['value']:.4g} on "
            f"{found['validation_rows']:,} validation rows."
        )
    if found["importance"]:
        shares = [f"{flag(option)} {100 * share:.0f} %" for option, share in list(found["importance"].items())[:3]]
        sentences.append(f"What mattered: {', '.join(shares)} of the differences between trials.")
    return sentences


def importance_png(shares: Mapping[str, float], values: Sequence[float], figure: Figure) -> bytes:
    """Return a PNG: on the left how much of the differences each option explains, on the right the figure of each
    finished trial in turn, and the best so far."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing
    from matplotlib.ticker import MaxNLocator

    drawing = Drawing(figsize=(9, 3.8), dpi=144, layout="constrained")
    FigureCanvasAgg(drawing)
    left, right = drawing.subplots(1, 2)
    names = list(shares)[::-1]
    left.barh([flag(name) for name in names], [100 * shares[name] for name in names], color="#0b62a8")
    left.set_xlabel("Share of the differences explained (%)")
    if not names:
        left.text(0.5, 0.5, "Too few finished trials to say what mattered.", ha="center", transform=left.transAxes)
        left.set_yticks([])
    so_far, line = None, []
    for value in values:
        so_far = value if so_far is None or figure.better(value, so_far) else so_far
        line.append(so_far)
    places = range(1, len(values) + 1)
    right.plot(places, values, "o", color="#8a8f98", markersize=4, label="a trial")
    right.step(places, line, where="post", color="#0b62a8", label="best so far")
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_xlabel("Finished trials")
    right.set_ylabel(f"Validation {figure.name.replace('_', ' ')}")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="png")
    return buffer.getvalue()
