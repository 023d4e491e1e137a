"""A teacher: the classifier of the labelled rows alone, whose answers are the soft labels of unlabelled texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.soft_labels import SoftLabels
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.options import ModelOptions
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.storage.base import Base
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.tasks.classify.model import Classifier
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.memory import return_freed_memory

STAGE = "teacher"
_PROBABILITIES = "probabilities"


def taught(
    corpus: Corpus,
    targets: NDArray[np.int64],
    classes: int,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: ModelOptions,
    texts: UnlabelledTexts,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    base: Base | Trained | None = None,
    control: RunControl = UNATTENDED,
    tell: Callable[[str], None] = lambda sentence: None,
) -> tuple[SoftLabels, dict[str, Any]]:
    """Train a teacher on the labelled rows, from a `base` where there is one, and let it answer the unlabelled `texts`.

    Returns the soft labels, and what is told of the teacher: hidden, members (of an ensemble), epochs, and valid,
    as of `FittedText`. Both
    are kept among the checkpoints of the run, so that a run that is resumed afterwards needs no teacher. Raises as
    `fit_classifier` does.
    """
    learning, answering = control.stage(STAGE, "1-teacher"), control.stage(STAGE, "2-soft-labels")
    if answering.resumes and answering.store is not None and (saved := answering.store.newest()):
        tensors, state = saved
        try:
            probabilities, facts = tensors[_PROBABILITIES].numpy(), state["teacher"]
            if probabilities.shape != (len(texts), classes) or not isinstance(facts, dict):
                raise ValueError("they are of other texts")
        except (LookupError, TypeError, ValueError) as error:
            raise answering.store.damaged() from error
        return SoftLabels(texts, probabilities), facts
    # how fast int8 weights are would differ from run to run, and the answers with it
    exact = options.model_copy(update={"quantise": "never"})
    fitted = fit_classifier(
        corpus, targets, classes, training, validation, exact, sample_weight=sample_weight, base=base, control=learning
    )
    tell(f"The teacher answers {len(texts):,} unlabelled texts ...")
    soft = SoftLabels(texts, _answers(fitted, texts, classes, options.threads))
    facts = {
        "hidden": fitted.shape.hidden,
        "members": fitted.shape.members,
        "epochs": fitted.epochs,
        "valid": fitted.valid,
    }
    if answering.store is not None:
        steps = 0 if learning.store is None else learning.store.newest_step()
        state = {"run": {"step": steps}, "identity": answering.identity, STAGE: facts}
        answering.store.save(steps, {_PROBABILITIES: torch.from_numpy(soft.probabilities)}, state)
    if learning.store is not None:
        learning.store.forget()
    return_freed_memory()
    return soft, facts


def _answers(fitted: FittedText, texts: UnlabelledTexts, classes: int, threads: int | None) -> NDArray[np.float32]:
    """Return the probabilities of the classes of each text [M, K] by the whole model, its temperature included."""
    model = fitted.model(Classifier, [str(label) for label in range(classes)], threads)
    answers = np.empty((len(texts), classes), dtype=np.float32)
    row = 0
    for part in model.predict_iter(iter(texts)):
        answers[row : row + len(part.probabilities)] = part.probabilities
        row += len(part.probabilities)
    return answers
