"""The options of the task `translate`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from recurra.options.decoding import DecodingOverrides, LengthPenalty
from recurra.options.network import Dropout, Embedding, Hidden
from recurra.options.reading import TableOptions, Target
from recurra.options.training import TASK, Batch, LearningRate, Valid
from recurra.seq2seq.options import Seq2SeqOptions

_TARGET_FILE: Any = Field(description="File whose line n is the translation of line n of DATA, instead of columns.")


class SourceOptions(TableOptions):
    """Where the texts to translate are."""

    source: Annotated[
        str | None, Field(description="Column with the texts to translate. Guessed where it is obvious.")
    ] = None


class ParallelOptions(SourceOptions):
    """Where the texts and their translations are."""

    target: Target = None
    target_file: Annotated[str | None, _TARGET_FILE] = None


class TranslateOptions(ParallelOptions, Seq2SeqOptions):
    """What `recurra train --task translate` takes."""

    task: Annotated[Literal["translate"], TASK] = "translate"
    hidden: Hidden = 192
    embedding: Embedding = 256
    dropout: Dropout = 0.3
    batch: Batch = 64
    learning_rate: LearningRate = 3e-3
    valid: Valid = 0.03
    length_penalty: LengthPenalty = 0.4
    test_target_file: Annotated[
        str | None,
        Field(description="File whose line n is the translation of line n of --test, instead of columns."),
    ] = None

    @model_validator(mode="after")
    def _test_as_data(self) -> TranslateOptions:
        if self.test_target_file is not None and self.test is None:
            raise ValueError("--test-target-file goes with --test, the file of the held-out texts")
        if self.test is not None and (self.target_file is None) != (self.test_target_file is None):
            raise ValueError("give --target-file and --test-target-file both, or neither: --test is read as DATA is")
        return self


class TranslateEvaluateOptions(ParallelOptions, DecodingOverrides):
    """What `recurra evaluate` takes for a translator."""


class TranslatePredictOptions(SourceOptions, DecodingOverrides):
    """What `recurra predict` takes for a translator."""
