"""Judging a classifier: metrics with intervals, calibration, slices, a baseline and a paired test."""

from __future__ import annotations

from recurra.evaluation.baseline import Baseline, fit_baseline
from recurra.evaluation.calibration import apply_temperature, fit_temperature, reliability, softmax
from recurra.evaluation.evaluate import confident_mistakes, evaluate, per_class
from recurra.evaluation.intervals import bootstrap, wilson
from recurra.evaluation.metrics import METRICS, Metric
from recurra.evaluation.paired import mcnemar
from recurra.evaluation.slices import by_length, by_truncation

__all__ = [
    "METRICS",
    "Baseline",
    "Metric",
    "apply_temperature",
    "bootstrap",
    "by_length",
    "by_truncation",
    "confident_mistakes",
    "evaluate",
    "fit_baseline",
    "fit_temperature",
    "mcnemar",
    "per_class",
    "reliability",
    "softmax",
    "wilson",
]
