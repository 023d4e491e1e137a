"""What comes after training: the average with a regression, the factor of the n-grams, and the temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.evaluation.calibration import PRIOR, fit_temperature
from recurra.tasks.classify.engines.onnx import GraphSession
from recurra.tasks.classify.learn.blend import Regression, blend
from recurra.tasks.classify.learn.examples import Examples
from recurra.tasks.classify.learn.graph import build
from recurra.tasks.classify.learn.network import ClassifierNetwork
from recurra.tasks.classify.learn.ngram_fit import choose_scale
from recurra.tasks.classify.learn.objective import Classification
from recurra.text.tokenizer import Encoding


@dataclass(frozen=True)
class Finished:
    """What was chosen for a network on the validation rows.

    blended: what `blend` returned, None where there is no regression; scale: what the n-grams were multiplied by;
    temperature: what the logits are to be divided by; valid: rows, accuracy and log loss of the logits before that.
    """

    blended: dict[str, Any] | None
    scale: float
    temperature: float
    valid: dict[str, Any]


@dataclass(frozen=True)
class Finish:
    """Finishes trained networks of one run, which are on the CPU, in place.

    valid: the validation rows; encodings: the same as they will be read; regression: on n-grams that learnt beside the
    network, None where there are none.
    """

    objective: Classification
    valid: Examples
    encodings: Sequence[Encoding]
    regression: Regression | None
    threads: int

    def __call__(self, network: ClassifierNetwork) -> Finished:
        valid = self.valid
        blended = None
        if self.regression is not None:
            blended = blend(network, self.regression, valid, threads=self.threads)
        scale = choose_scale(network, valid) if network.ngrams is not None else 1.0
        network.eval()
        logits = torch.from_numpy(_unscaled(network, self.encodings))
        answers = self.objective.log_probabilities(logits).double().numpy()
        temperature = fit_temperature(answers, valid.targets, PRIOR) if self.objective.calibrate else 1.0
        return Finished(
            blended,
            scale,
            temperature,
            {
                "rows": len(valid),
                "accuracy": float((answers.argmax(1) == valid.targets).mean()),
                "log_loss": float(-answers[np.arange(len(answers)), valid.targets].mean()),
            },
        )


def _unscaled(network: ClassifierNetwork, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
    """Return the logits [N, outputs] that the exported graph will give at temperature 1."""
    shape = network.shape
    graph = GraphSession(
        build(shape, network.exported()), ids=shape.vocabulary, subwords=shape.subwords, members=shape.members
    )
    return graph.run(encodings)[0]
