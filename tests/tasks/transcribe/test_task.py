"""The task as the commands know it: what it can do, and with which classes."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.tasks.registry import get_task
from recurra.tasks.transcribe.options import TranscribeEvaluateOptions, TranscribeOptions
from recurra.tasks.transcribe.shape import TranscriberShape
from support.random_transcribers import made

TASK = get_task("transcribe")


def test_it_can_do_what_the_commands_ask_for() -> None:
    assert TASK.name == "transcribe" and TASK.options is TranscribeOptions
    assert TASK.evaluate_options is TranscribeEvaluateOptions and TASK.shape() is TranscriberShape
    assert all(TASK.can(verb) for verb in ("evaluate", "predict", "explain"))
    assert TASK.next_command("m") == "recurra predict m RECORDING.wav"
    assert TASK.trainer().__name__ == "TranscribeTrainer" and TASK.served().name == "transcribe"


def test_a_model_is_tried_out() -> None:
    _, model = made()
    TASK.try_out(model)


def test_options_of_others_are_refused() -> None:
    assert TASK.accepted({"word_list": "none"}, TASK.evaluate_options) == {"word_list": "none"}
    with pytest.raises(OptionError, match="--top does not go with a model of the task transcribe"):
        TASK.accepted({"top": 3}, TASK.evaluate_options)
