"""What comes after training: the average with a regression, the factor of the n-grams, and the temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import PRIOR
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.blend import Regression, blend
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import choose_scale
from recurra.many_to_one.learn.objective import Objective
from recurra.text.tokenizer import Encoding


@dataclass(frozen=True)
class Finished:
    """What was chosen for a network on the validation rows.

    blended: what `blend` returned, None where there is no regression; scale: what the n-grams were multiplied by;
    temperature: what the logits are to be divided by; valid: rows, and the figures of the answers before that.
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

    objective: Objective
    valid: Examples
    encodings: Sequence[Encoding]
    regression: Regression | None
    threads: int

    def __call__(self, network: ManyToOneNetwork) -> Finished:
        valid = self.valid
        blended = None
        if self.regression is not None:
            blended = blend(network, self.regression, valid, self.objective, threads=self.threads)
        scale = choose_scale(self.objective, network, valid) if network.ngrams is not None else 1.0
        self.objective.finish(network)
        network.eval()
        logits = _unscaled(network, self.encodings).astype(np.float64)
        temperature = self.objective.temperature(logits, valid, PRIOR) if self.objective.calibrate else 1.0
        answers = network.shape.answer.exact(logits)
        return Finished(blended, scale, temperature, {"rows": len(valid), **self.objective.figures(answers, valid)})


def _unscaled(network: ManyToOneNetwork, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
    """Return the logits [N, O] that the exported graph will give at temperature 1."""
    shape = network.shape
    graph = GraphSession(
        build(shape, network.exported()),
        ids=shape.vocabulary,
        subwords=shape.subwords,
        members=shape.members,
        link=shape.answer,
        features=shape.feature_inputs,
    )
    return graph.run(encodings)[0]


def figures_of(valid: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures in `Finished.valid` by name, without what counts rows and unknown words."""
    return {name: float(value) for name, value in valid.items() if name not in ("rows", "unknown_rate")}
