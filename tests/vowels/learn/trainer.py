"""Train a counter of vowels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.split import holdout
from recurra.data.tables.readers import open_table
from recurra.data.tables.stated import dialect_of
from recurra.report.card import model_card
from recurra.report.page import ReportPage, render
from recurra.report.quantity import Quantity
from recurra.report.verdict import Verdict
from recurra.training.control import RunControl
from recurra.training.split import Parts, share_in_words
from recurra.training.trainer import Trainer
from vowels.learn.fit import VowelRows, fit_counter
from vowels.model import VowelCounter, read_row, scores
from vowels.options import VowelOptions


class VowelTrainer(Trainer[VowelOptions]):
    """A table with the columns `text` and `vowels`."""

    summary_scores = ("mean_absolute_error", "mean_absolute_error_ci95", "rows")
    loss_unit = ""

    def read(self) -> dict[str, Any]:
        options, fingerprint = self.options, Fingerprint()
        dialect = dialect_of(options)
        table = open_table(self.context.data, dialect, options.bad_rows, self.context.rejects)
        self._rows = [read_row(row) for batch in table.batches(["text", "vowels"]) for row in batch]
        for row in self._rows:
            fingerprint.add(*row)
        every = np.arange(len(self._rows))
        test = holdout(np.zeros_like(every), every, options.split, options.seed)
        valid = np.zeros_like(test)
        valid[every[~test][holdout(every[~test] * 0, every[~test], options.valid, options.seed + 1)]] = True
        how = share_in_words(options.split, "texts", "repeats", options.seed)
        self._parts = Parts(~(test | valid), valid, test, how)
        name = Path(self.context.data).name
        return {"name": name, "how": name, "fingerprint": fingerprint.hexdigest(), "rows": len(self._rows)}

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._parts.counts(), self._parts.digest_bytes()

    def heading(self) -> str:
        return f"Training {self.options.cell.upper()}({self.options.hidden}) to count vowels"

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        parts = (VowelRows.of(self._rows, part) for part in (self._parts.train, self._parts.valid))
        self._fitted = fit_counter(*parts, self.options, control)
        return self._fitted.history

    def evaluate(self) -> dict[str, Any]:
        model = VowelCounter(self._fitted.shape, self._fitted.graph)
        held_out = [self._rows[row] for row in np.flatnonzero(self._parts.test)]
        truth = [number for _, number in held_out]
        mean = float(np.mean([self._rows[row][1] for row in np.flatnonzero(~self._parts.test)]))
        baseline = {"name": "the mean", **scores([mean] * len(truth), truth)} if self.options.baseline else None
        test = scores(model.count(text for text, _ in held_out), truth)
        return {"test": test, "baseline": baseline, "config": self.config()}

    def tokenizer_json(self) -> str:
        return '{"kind": "bytes"}'

    def report(self, metrics: Mapping[str, Any]) -> str:
        return render(metrics, _page(metrics))

    def card(self, metrics: Mapping[str, Any]) -> str:
        return model_card(metrics, _page(metrics), use="`recurra predict . TEXT`")


def _page(metrics: Mapping[str, Any]) -> ReportPage:
    error = Quantity("Mean absolute error", "How far it is off.", higher_is_better=False, digits=2, unit="vowels")
    good = not metrics["baseline"] or (
        metrics["test"]["mean_absolute_error"] < metrics["baseline"]["mean_absolute_error"]
    )
    return ReportPage(
        title=f"{metrics['data']['name']} vowel counter",
        verdict=Verdict("good", "It counts.", (), ()) if good else Verdict("bad", "It does not count.", (), ()),
        quantities={"mean_absolute_error": error},
    )
