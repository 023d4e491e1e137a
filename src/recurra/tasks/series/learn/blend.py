"""How much the network counts beside the convolutions: chosen on rows that neither has learnt from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import fit_temperature, softmax
from recurra.tasks.series.shape import Kind

SHARES = np.linspace(0, 1, 11)
PRIOR = 1.0
"""Weight of a temperature of 1 beforehand: see `fit_temperature`."""

Floats = NDArray[np.float64]


class Blend(NamedTuple):
    """What the outputs of the network and those of the convolutions are multiplied with before they are added."""

    network: float
    convolutions: float


def blend_logits(network: Floats, convolutions: Floats, targets: NDArray[np.int64]) -> Blend:
    """Return the blend of logits [N, K] with the least log loss on rows that were not learnt from. targets: [N].

    Each is first divided by the temperature that suits it.
    """
    sharpness = [1 / fit_temperature(logits, targets, PRIOR) for logits in (network, convolutions)]
    first, second = network * sharpness[0], convolutions * sharpness[1]
    rows = np.arange(len(targets))
    least = np.finfo(np.float64).tiny
    chances = (softmax(share * first + (1 - share) * second)[rows, targets] for share in SHARES)
    losses = [-np.log(np.maximum(chance, least)).mean() for chance in chances]
    share = float(SHARES[int(np.argmin(losses))])
    return Blend(share * sharpness[0], (1 - share) * sharpness[1])


def blend_numbers(network: Floats, convolutions: Floats, targets: Floats) -> Blend:
    """Return the blend of numbers [N] with the least squared error on rows that were not learnt from."""
    errors = [np.square(share * network + (1 - share) * convolutions - targets).mean() for share in SHARES]
    share = float(SHARES[int(np.argmin(errors))])
    return Blend(share, 1 - share)


def blend(network: Floats, convolutions: Floats, targets: NDArray[Any], kind: Kind) -> Blend:
    """Return the blend of outputs [N, K] on rows that were not learnt from: logits of labels, or one number each."""
    if kind == "classify":
        return blend_logits(network, convolutions, targets.astype(np.int64))
    return blend_numbers(network[:, 0], convolutions[:, 0], targets.astype(np.float64))
