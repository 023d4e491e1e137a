"""The options of the task `chat`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from recurra.options.decoding import BeamOverride
from recurra.options.network import Dropout, Hidden, MaxTokens
from recurra.options.reading import EncodingOptions
from recurra.options.sampling import SamplingOptions, Temperature, TopP
from recurra.options.training import TASK, Ema, LearningRate, Valid
from recurra.seq2seq.options import LabelSmoothing, Seq2SeqOptions

_TURNS: Any = Field(description="Key of a dialogue's turns, which are in order.")


class ChatOptions(Seq2SeqOptions):
    """What `recurra train --task chat` takes."""

    task: Annotated[Literal["chat"], TASK] = "chat"
    hidden: Hidden = 128
    dropout: Dropout = 0.3
    learning_rate: LearningRate = 6e-3
    ema: Ema = 0.999
    valid: Valid = 0.05
    max_tokens: MaxTokens = 64
    label_smoothing: LabelSmoothing = 0.0
    turns: Annotated[str, _TURNS] = "turns"
    context: Annotated[int, Field(ge=1, le=100, description="Last turns that a reply is made from.")] = 3


class DialogueOptions(EncodingOptions):
    """What `recurra evaluate` takes for a chat model."""

    turns: Annotated[str | None, _TURNS] = None
    training_data: Annotated[
        str | None,
        Field(
            description="The dialogues that the model was trained on: for the baseline, the reply to the nearest of "
            "their turns, and for scores without dialogues that nearly repeat one of them."
        ),
    ] = None


class TalkOptions(SamplingOptions):
    """What `recurra chat` takes besides the model."""

    temperature: Temperature = 0.7
    top_p: TopP = 0.9
    beam: BeamOverride = None
