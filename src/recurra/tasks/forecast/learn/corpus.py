"""What is learnt from: histories read, their last horizon held out, and looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.catalog import resolve
from recurra.tasks.forecast.division import Division, divide, undivided
from recurra.tasks.forecast.forecast_file import ForecastFile, fingerprint, read_file, some
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.options import ForecastOptions
from recurra.training.trainer import RunContext

FEW = 20
"""With fewer series held out the intervals are wide, which a finding says."""


@dataclass(frozen=True)
class Corpus:
    """file: the series as they were read. division: what is learnt from and what is held out. season: steps. names:
    of the covariates by kind. findings: what people should know of them, in sentences. facts: "data" of metrics.json.
    """

    file: ForecastFile
    division: Division
    season: int
    names: dict[str, list[str]]
    findings: list[str] = field(repr=False)
    facts: dict[str, Any] = field(repr=False)


def read_corpus(options: ForecastOptions, context: RunContext) -> Corpus:
    """Return the series of a run.

    Raises ReadError, ColumnError, DataError and OptionError for data that cannot be read or forecast.
    """
    source = resolve(context.data, holds="series")
    context.reporter.info(f"Reading {context.data}.")
    test = options.test or (None if source.test is None else str(source.test))
    names = options.covariates()
    found = read_file(source.path, options, context.reporter, covariates=names, test=test, rejects=context.rejects)
    division = divide(found, options.horizon, test) if context.holds_out else undivided(found)
    season = options.season or found.frequency.season
    lengths = np.array([len(history) for history in division.learnt])
    return Corpus(
        found,
        division,
        season,
        names,
        [*found.notes, *division.notes, *_findings(division, names, season)],
        {
            "name": Path(context.data).name,
            "how": source.how if source.test else f"the file {Path(context.data).name}",
            "fingerprint": fingerprint(found.histories, found.starts, found.frequency),
            "training_fingerprint": fingerprint(division.learnt, found.starts, found.frequency),
            "rows": len(found.histories),
            "season": season,
            "steps": {"least": int(lengths.min()), "median": float(np.median(lengths)), "most": int(lengths.max())},
            "missing_values": int(sum(np.isnan(history.values).sum() for history in found.histories)),
            "covariates": names,
            **found.said,
        },
    )


def _findings(division: Division, names: dict[str, list[str]], season: int) -> list[str]:
    """Return what people should know of the series before they are learnt from, in sentences."""
    findings = []
    learnt = division.learnt
    short = [history.name or "" for history in learnt if len(history) < 2 * season]
    if season > 1 and short:
        findings.append(
            f"{some(short)} shorter than two seasons of {season:,} steps, of which no season can be learnt."
        )
    flat = [history.name or "" for history in learnt if np.ptp(history.values[np.isfinite(history.values)]) == 0]
    if flat:
        findings.append(f"{some(flat)} the same at every step: nothing can be learnt of them.")
    same = Counter(history.values.tobytes() for history in learnt)
    if repeats := sum(same.values()) - len(same):
        findings.append(f"{repeats:,} series repeat another one, value for value.")
    findings += _telling(learnt, names)
    if 0 < (held := len(division.held_out)) < FEW:
        findings.append(
            f"{held:,} series {'is' if held == 1 else 'are'} judged, on one horizon each: the intervals are wide, and "
            "small differences mean nothing."
        )
    return findings


def _telling(learnt: list[History], names: dict[str, list[str]]) -> list[str]:
    """Return a sentence for each covariate that is the value itself, which nobody knows before, or never changes."""
    findings = []
    for kind in ("past", "future"):
        for place, name in enumerate(names.get(kind, ())):
            of_all = [(history.values, getattr(history, kind)[: len(history), place]) for history in learnt]
            known = np.concatenate([beside[np.isfinite(beside)] for _, beside in of_all])
            every = sum(len(beside) for _, beside in of_all)
            if len(known) < every:
                findings.append(
                    f"The covariate '{name}' is missing at {every - len(known):,} of {every:,} steps, where it is "
                    "taken to be its mean."
                )
            if not len(known) or np.ptp(known) == 0:
                findings.append(f"The covariate '{name}' is the same everywhere, and tells nothing.")
            elif all(np.array_equal(values, beside, equal_nan=True) for values, beside in of_all):
                findings.append(
                    f"The covariate '{name}' is the series itself"
                    + (": if it is not known before its time, the scores are an illusion." if kind == "future" else ".")
                )
    return findings
