"""The options of the task `vowels`."""

from __future__ import annotations

from typing import Annotated, Literal

from recurra.options.holdout import HoldoutOptions
from recurra.options.network import Dropout, Embedding, Hidden, RecurrentOptions
from recurra.options.reading import TableOptions
from recurra.options.training import TASK, LearningRate, TaskOptions


class VowelOptions(TableOptions, HoldoutOptions, RecurrentOptions, TaskOptions):
    """What `recurra train --task vowels` takes; the columns are `text` and `vowels`."""

    task: Annotated[Literal["vowels"], TASK] = "vowels"
    hidden: Hidden = 16
    embedding: Embedding = 8
    dropout: Dropout = 0.0
    learning_rate: LearningRate = 2e-2
