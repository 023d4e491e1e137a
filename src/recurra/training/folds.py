"""Cross-validation: a model for each fold, judged on it, before the model of all rows is trained."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from recurra.terminal.counts import counted
from recurra.terminal.folds import scores_in_words
from recurra.terminal.progress import Reporter
from recurra.training.control import RunControl
from recurra.training.memory import return_freed_memory
from recurra.training.split import Fold
from recurra.training.trainer import Answers, Trainer

FOLD = "fold"


def cross_validate(final: Trainer[Any], options: Any, control: RunControl) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train a model for each fold, and let it answer the rows that are held out.

    final: the trainer of the model of all rows, which has read them; options: as they were given to it. What a fold
    has answered is kept among the checkpoints, so that a run that is resumed does not train it again.

    Returns the answers of all folds by name, "fold" among them, and "folds" of metrics.json: scores (a list of those of
    each fold), mean and sd of each score that the manifest has, and the same of the baseline.
    """
    of: int = options.folds
    found: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    for number in range(of):
        answers, facts = _fold(final, options, Fold(number, of), control)
        found.append({**answers, FOLD: np.full(len(answers["row"]), number)})
        scores.append(facts)
        rows, shown = counted(facts["rows"], "row"), scores_in_words(facts["scores"])
        final.context.reporter.info(f"Fold {number + 1} of {of}: {rows} held out, {shown}")
    pooled = {name: np.concatenate([each[name] for each in found]) for name in found[0]}
    order = np.argsort(pooled["row"], kind="stable")
    names, of_baseline = (list(scores[0][key]) for key in ("scores", "baseline"))
    facts = {
        "folds": of,
        "each": scores,
        "scores": {name: _spread([each["scores"][name] for each in scores]) for name in names},
        "baseline": {name: _spread([each["baseline"][name] for each in scores]) for name in of_baseline},
    }
    return {name: values[order] for name, values in pooled.items()}, facts


def _fold(final: Trainer[Any], options: Any, fold: Fold, control: RunControl) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers to the rows of one fold, and its scores: as they were kept, or by a model that is trained."""
    name = f"fold {fold.number + 1} of {fold.of}"
    folder = f"0-fold-{fold.number:03d}"
    learning, answering = control.stage(name, f"{folder}-a-training"), control.stage(name, f"{folder}-b-answers")
    if answering.resumes and answering.store is not None and (saved := answering.store.newest()):
        tensors, state = saved
        try:
            return {each: tensor.numpy() for each, tensor in tensors.items()}, dict(state[FOLD])
        except (LookupError, TypeError, ValueError) as error:
            raise answering.store.damaged() from error
    context = replace(final.context, fold=fold, reporter=Reporter(quiet=True), timing=type(final.context.timing)())
    with type(final)(options, context) as trainer:
        trainer.read()
        trainer.split()
        trainer.fit(learning)
        held = dict(trainer.held_out())
        judged = trainer.judged(held)
        facts = {
            "rows": len(held["row"]),
            "scores": _scores(trainer, judged["test"]),
            "baseline": _scores(trainer, judged["baseline"] or {}),
        }
    if answering.store is not None:
        steps = 0 if learning.store is None else learning.store.newest_step()
        state = {"run": {"step": steps}, "identity": answering.identity, FOLD: facts}
        tensors = {each: torch.from_numpy(np.ascontiguousarray(values)) for each, values in held.items()}
        answering.store.save(steps, tensors, state)
    if learning.store is not None:
        learning.store.forget()
    return_freed_memory()
    return held, facts


def _scores(trainer: Trainer[Any], test: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of the manifest that some scores have, without intervals and counts."""
    names = [name for name in trainer.summary_scores if name != "rows" and not name.endswith("_ci95")]
    return {name: float(test[name]) for name in names if isinstance(test.get(name), int | float)}


def _spread(values: list[float]) -> dict[str, Any]:
    """Return the mean of a score over the folds, its standard deviation, and the values."""
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "values": values}


def out_of_fold_csv(trainer: Trainer[Any], held: Answers) -> bytes:
    """Return the file of out-of-fold answers: the fold of each held-out row, and what the task says of it."""
    columns = {"fold": (held[FOLD] + 1).tolist(), **trainer.out_of_fold(held)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode("utf-8", "replace")
