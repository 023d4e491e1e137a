"""Make a base: the steps that `recurra pretrain` goes through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recurra.kernel.layout import CELL_NAMES
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.texts import Numbered, PretrainingTexts
from recurra.storage.model_directory import TOKENIZER, WEIGHTS
from recurra.training.control import RunControl
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.pretraining.fit import FittedBase


class BaseTrainer(Trainer[PretrainOptions]):
    """Texts without labels, from any readable table."""

    summary_scores = ("perplexity", "perplexity_by_counts", "rows")

    _fitted: FittedBase
    _numbered: Numbered

    def __init__(self, options: PretrainOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._texts = PretrainingTexts(context.directory, options)

    def read(self) -> dict[str, Any]:
        timing = self.context.timing
        with timing.step("read"):
            data = self._texts.read(self.context.data, self.context.reporter, self.context.rejects)
        with timing.step("tokenise"):
            self._numbered = self._texts.numbered()
        self.context.reporter.info(f"Split: {self._how()}.")
        return data

    def split(self) -> tuple[dict[str, Any], bytes]:
        texts = self._texts
        counts = {"train": len(texts.train), "valid": 0, "test": len(texts.valid)}
        return {"how": self._how(), **counts}, texts.train.tobytes() + b"\0" + texts.valid.tobytes()

    def heading(self) -> str:
        from recurra.pretraining.fit import epochs_for

        options = self.options
        epochs = epochs_for(options, len(self._texts.train))
        return (
            f"Pretraining {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}), {options.direction}, "
            f"vocabulary {self._numbered.tokenizer.size:,}, {epochs} epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.pretraining.fit import fit_base

        self._fitted = fit_base(self._texts, self._numbered, self.options, control)
        return self._fitted.history

    def evaluate(self) -> dict[str, Any]:
        held_out = self._fitted.held_out
        return {
            "test": {
                "perplexity": math.exp(held_out["nats"]),
                "perplexity_by_counts": math.exp(held_out["nats_by_counts"]),
                "rows": held_out["texts"],
            },
            "baseline": None,
            "config": self.config(),
        }

    def chosen(self) -> dict[str, Any]:
        return {"level": self._texts.level}

    def files(self, metrics: Mapping[str, Any]) -> dict[str, bytes]:
        from safetensors.numpy import save

        from recurra.report.curves import curves_png

        return {
            WEIGHTS: save(self._fitted.weights),
            TOKENIZER: self.tokenizer_json().encode(),
            "curves.png": curves_png(self._fitted.history, self.loss_unit),
            "README.md": self.card(metrics).encode("utf-8", "replace"),
        }

    def tokenizer_json(self) -> str:
        return self._numbered.tokenizer.to_json()

    def report(self, metrics: Mapping[str, Any]) -> str:
        return ""  # a base has its card alone

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.pretraining.card import base_card

        return base_card(metrics)

    def close(self) -> None:
        self._texts.close()

    def _how(self) -> str:
        texts = self._texts
        return (
            f"{len(texts.valid):,} of {len(texts.train) + len(texts.valid):,} texts held out, seed {self.options.seed}"
        )
