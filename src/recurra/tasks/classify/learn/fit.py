"""From a corpus with chosen training and validation rows to a trained classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.fit import fit_text
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.objective import Objective
from recurra.many_to_one.learn.order import Order
from recurra.many_to_one.learn.soft_labels import SoftLabels
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.options import ModelOptions
from recurra.storage.base import Base
from recurra.training.control import UNATTENDED, RunControl


def fit_classifier(
    corpus: Corpus,
    targets: NDArray[np.int64],
    classes: int,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: ModelOptions,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    soft: SoftLabels | None = None,
    base: Base | Trained | None = None,
    control: RunControl = UNATTENDED,
) -> FittedText:
    """Train a classifier: see `fit_text`. targets: [N] index of each row's label, below `classes`, in their order."""
    objective: Objective = Classification(classes, options.calibrate)
    if getattr(options, "ordered", False):  # cells are compared without
        objective = Order(classes, options.calibrate)
    return fit_text(
        corpus,
        targets,
        objective,
        training,
        validation,
        options,
        sample_weight=sample_weight,
        soft=soft,
        base=base,
        control=control,
    )
