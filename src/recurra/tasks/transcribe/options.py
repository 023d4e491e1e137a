"""The options of the task `transcribe`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from recurra.options.base import Options, flag
from recurra.options.decoding import BeamOverride
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import Dropout, Hidden, Layers, ReadDirection, RecurrentCell
from recurra.options.training import TASK, Batch, Ema, Keep, LearningRate, Patience, TaskOptions
from recurra.tasks.transcribe.utterance_options import UtteranceOptions

ANY_WORDS = "none"
"""A word list that lists nothing: any word may be written."""
AUTO = "auto"

LOWEST_RATE, HIGHEST_RATE = 4_000, 48_000
"""The sample rates that a network may read, in samples a second."""

Normalisation = Literal["words", "none"]
"""How a transcript is normalised: `words` keeps lower-case words alone, `none` every character but runs of spaces."""

WEIGHT, WORD_BONUS = 0.5, 1.0
"""Of a language model, and of each word beside it."""

_WORD_LIST: Any = Field(
    min_length=1,
    description="Words that may be written: a text file with one a line, or none for any (auto: those of the "
    "transcripts where they are few and each occurs often, else any).",
)

SubtitleFormat = Literal["srt", "vtt"]


class DecodingOptions(Options):
    """How text is found in what the network heard."""

    beam: BeamOverride = None
    word_list: Annotated[str | None, _WORD_LIST] = None
    language_model: Annotated[
        str | None,
        Field(
            description="N-gram language model over words: an ARPA file (.arpa, .arpa.gz), or a text file from whose "
            "lines one is estimated."
        ),
    ] = None
    language_weight: Annotated[
        float, Field(ge=0, le=10, description="Weight of the language model's log-probability beside the network's.")
    ] = WEIGHT
    word_bonus: Annotated[
        float, Field(ge=-20, le=20, description="Added to the log-probability for each word, with a language model.")
    ] = WORD_BONUS

    @model_validator(mode="after")
    def _a_weight_is_of_a_model(self) -> Self:
        for name in ("language_weight", "word_bonus"):
            if self.language_model is None and name in self.model_fields_set:
                raise ValueError(f"{flag(name)} goes with a language model; give one with --language-model")
        return self


class TranscribeOptions(UtteranceOptions, HoldoutOptions, TaskOptions):
    """What `recurra train --task transcribe` takes."""

    task: Annotated[Literal["transcribe"], TASK] = "transcribe"
    cell: RecurrentCell = "lstm"
    layers: Layers = 2
    hidden: Hidden = 128
    direction: ReadDirection = "both"
    dropout: Dropout = 0.3
    batch: Batch = 16
    learning_rate: LearningRate = 3e-3
    patience: Patience = None
    ema: Ema = 0.99
    keep: Keep = "last"
    word_list: Annotated[str | None, _WORD_LIST] = None
    normalise: Annotated[
        Normalisation,
        Field(
            description="Transcripts as lower-case words without punctuation, or none: as they are. The score compares "
            "both sides in this form."
        ),
    ] = "words"
    sample_rate: Annotated[
        int | None,
        Field(
            ge=LOWEST_RATE,
            le=HIGHEST_RATE,
            description="Samples a second that the network reads, to which all recordings are converted (default: that "
            "of most recordings, 16,000 at most).",
        ),
    ] = None
    mels: Annotated[
        int | None,
        Field(
            ge=8,
            le=256,
            description="Log-mel energies of a frame of 25 ms (default: 26, above 8,000 samples a second 40).",
        ),
    ] = None
    stack: Annotated[int, Field(ge=1, le=16, description="Frames of 10 ms that make one step of the network.")] = 3
    augment: Annotated[
        bool,
        Field(description="Vary tempo, voice, spectrum and noise of the recordings in training, and join some."),
    ] = True


class TranscribeEvaluateOptions(UtteranceOptions, DecodingOptions):
    """What `recurra evaluate` takes for a transcriber."""


class TranscribeTextOptions(DecodingOptions):
    """What goes with recordings given one by one."""

    subtitles: Annotated[
        SubtitleFormat | None, Field(description="Write subtitles of a recording instead of its text.")
    ] = None


class TranscribePredictOptions(UtteranceOptions, TranscribeTextOptions):
    """What `recurra predict` takes for a transcriber."""
