"""From a corpus with chosen training and validation rows to a trained model and its thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.label_metrics import Members
from recurra.evaluation.label_thresholds import Thresholds, choose_thresholds, given_thresholds
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.fit import fit_text
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.labels import Labels
from recurra.many_to_one.learn.trained import Trained
from recurra.storage.base import Base
from recurra.storage.model_directory import Label
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import MultilabelModelOptions
from recurra.training.control import UNATTENDED, RunControl


def fit_multilabel(
    corpus: Corpus,
    members: Members,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: MultilabelModelOptions,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    base: Base | Trained | None = None,
    control: RunControl = UNATTENDED,
) -> FittedText:
    """Train such a model: see `fit_text`. members: [N, L], which labels each row has."""
    return fit_text(
        corpus,
        members.astype(np.uint8),
        Labels(members.shape[1], options.calibrate),
        training,
        validation,
        options,
        sample_weight=sample_weight,
        base=base,
        control=control,
    )


def opened(
    fitted: FittedText,
    labels: list[Label],
    corpus: Corpus,
    members: Members,
    validation: NDArray[np.bool_],
    options: MultilabelModelOptions,
) -> tuple[MultilabelClassifier, Thresholds]:
    """Return the model as it will answer once it is saved, and its thresholds: chosen on the validation rows by the
    answers of the saved graph to their texts, or given."""
    model = fitted.model(MultilabelClassifier, labels, options.threads)
    if options.threshold is not None:
        thresholds = given_thresholds(options.threshold, len(labels))
    else:
        chances = model.predict_proba(corpus.rows(np.flatnonzero(validation)))
        thresholds = choose_thresholds(chances, members[validation], options.seed)
    return model.with_thresholds(thresholds.values), thresholds
