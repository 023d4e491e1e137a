"""The tables of the recorded probe in docs/explanation/how-far-back.md: no figure there is typed by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recurra.kernel.layout import CELL_NAMES

NONE = "No run is recorded yet."
DIGITS = {"adding": 3, "copy": 2}


def table(part: str, run: dict[str, Any] | None) -> str:
    """Return a part of the page: "scores", "says" or "command" of probe.json, "setting" of probe_setting.json."""
    return NONE if run is None else PARTS[part](run)


def scores(run: dict[str, Any]) -> str:
    """Return the mean score of every problem, cell and length, and from how many starts it was solved."""
    found = run["metrics"]
    lengths = _lengths(found)
    heads = "| problem (score; remembering nothing) | cell |" + "".join(f" {length:,} |" for length in lengths)
    lines = [heads, "|---|---|" + "---:|" * len(lengths)]
    for problem in found["problems"]:
        name = f"{problem['title']} ({problem['score']}; {_shown(problem['name'], problem['trivial'])})"
        for cell in _cells(found):
            cells = [_score(_row(found, problem["name"], cell, length), found["seeds"]) for length in lengths]
            lines.append(f"| {name} | {CELL_NAMES[cell]} | {' | '.join(cells)} |")
            name = ""
    return "\n".join(lines)


def says(run: dict[str, Any]) -> str:
    """Return what the figures show, in sentences."""
    found = run["metrics"]
    lengths, cells = _lengths(found), _cells(found)
    lines = []
    for problem in found["problems"]:
        reached = [f"{_reach(found, problem['name'], cell)} by the {CELL_NAMES[cell]}" for cell in cells]
        lines.append(f"- **{problem['title']}** was solved from every start over {_listed(reached)}.")
    torn = [
        f"{row['problem']} over {row['length']:,} by the {CELL_NAMES[row['cell']]} "
        f"({row['solved']} of {found['seeds']})"
        for row in found["rows"]
        if 0 < row["solved"] < found["seeds"]
    ]
    if torn:
        lines.append(f"- **Starts disagree** at {_listed(torn)}: there the mean hides much: read the bars.")
    for length in (lengths[0], lengths[-1]):
        costs = {
            cell: sum(
                _row(found, each["name"], cell, length)["cpu_milliseconds_per_step"] for each in found["problems"]
            )
            / len(found["problems"])
            for cell in cells
        }
        told = [f"the {CELL_NAMES[cell]} {cost:.1f}" for cell, cost in costs.items()]
        lines.append(f"- **A step of training over {length:,} steps** takes {_listed(told)} ms of a processor.")
    return "\n".join(lines)


def command(run: dict[str, Any]) -> str:
    """Return the command with what it ran on and how long it took."""
    found = run["metrics"]
    rates = _listed([f"{rate:g} for the {CELL_NAMES[cell]}" for cell, rate in found["learning_rates"].items()])
    return (
        f"```console\n$ {run['command']}\n```\n\nAt most {found['steps']:,} steps of Adam on {found['batch']} fresh "
        f"rows each, {found['hidden']} units, gradients cut at a norm of {found['clip']:g}, learning rates {rates}; "
        f"{found['seeds']} starts, counted from {found['first_seed']}. {run['wall_seconds']:.0f} s, of which "
        f"{found['cpu_seconds']:.0f} s of processor time went to training, on {run['machine']}; load average before: "
        f"{run['load_average_before']}."
    )


def setting(run: dict[str, Any]) -> str:
    """Return what each learning rate came to on the starts that the setting was chosen on."""
    found = run["metrics"]
    rates = sorted({row["learning_rate"] for row in found["rates"]})
    lines = ["| cell |" + "".join(f" {rate:g} |" for rate in rates), "|---|" + "---:|" * len(rates)]
    for cell, chosen in found["chosen"].items():
        learnt = {row["learning_rate"]: row["learnt"] for row in found["rates"] if row["cell"] == cell}
        cells = [f"**{_share(learnt[rate])}**" if rate == chosen else _share(learnt[rate]) for rate in rates]
        lines.append(f"| {CELL_NAMES[cell]} | {' | '.join(cells)} |")
    lengths = _listed([f"{length:,}" for length in found["lengths"]])
    said = (
        f"How much of the three problems was learnt over {lengths} steps, from 0 % for remembering nothing to 100 % "
        f"for no mistake, in at most {found['steps']:,} steps of training: means over {found['seeds']} starts, counted "
        f"from {found['first_seed']}."
    )
    return "\n".join([*lines, "", f"{said} `{run['command']}`."])


PARTS = {"scores": scores, "says": says, "command": command, "setting": setting}


def _shown(problem: str, score: float) -> str:
    return f"{score:.{DIGITS[problem]}f}" if problem in DIGITS else _share(score)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _score(row: dict[str, Any], seeds: int) -> str:
    text = _shown(row["problem"], row["score"])
    if row["solved"] == seeds:
        return f"**{text}**"
    return f"{text} ({row['solved']} of {seeds})" if row["solved"] else text


def _reach(found: dict[str, Any], problem: str, cell: str) -> str:
    """Return the longest length up to which all are solved from every start."""
    reached = "none of these lengths"
    for length in _lengths(found):
        if _row(found, problem, cell, length)["solved"] < found["seeds"]:
            break
        reached = f"{length:,} steps"
    return reached


def _row(found: dict[str, Any], problem: str, cell: str, length: int) -> dict[str, Any]:
    return next(row for row in found["rows"] if (row["problem"], row["cell"], row["length"]) == (problem, cell, length))


def _lengths(found: dict[str, Any]) -> list[int]:
    return sorted({row["length"] for row in found["rows"]})


def _cells(found: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["cell"] for row in found["rows"]))


def _listed(words: Iterable[str]) -> str:
    first, last = list(words)[:-1], list(words)[-1]
    return f"{', '.join(first)} and {last}" if first else last
