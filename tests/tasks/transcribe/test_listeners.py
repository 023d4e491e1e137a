"""What hears one piece: the same words in any number of parts, and how often a piece is heard again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.storage import model_directory
from recurra.tasks.transcribe.listeners import EVERY, SHARE, ForwardListener, RepeatedListener
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.stream import Listener
from recurra.tasks.transcribe.timing import words_of
from support.live_models import write_transcriber
from support.speech import spoken

RATE = 8000


def opened(folder: Path, direction: str) -> Transcriber:
    return Transcriber.from_artefact(model_directory.read(write_transcriber(folder / "model", 3, direction)))


def heard_at_once(model: Transcriber, samples: NDArray[np.float32]) -> Any:
    (scored,) = model.log_probabilities([model.front_end(samples)])
    return words_of(model.decoder(scored), model.alphabet, model.front_end, 7.0)


def test_parts_give_the_words_of_the_piece(tmp_path: Path) -> None:
    samples = spoken("bad idea do oboe aid", 3)
    forward, both = opened(tmp_path / "f", "forward"), opened(tmp_path / "b", "both")
    for model in (forward, both):
        listener: Listener = (
            ForwardListener(model.front_end, model.alphabet, model.decoder, model._advanced)
            if model is forward
            else RepeatedListener(
                model.front_end, model.alphabet, model.decoder, lambda steps: both.log_probabilities([steps])[0]
            )
        )
        texts = []
        for part in np.array_split(samples, 9):
            listener.hear(part)
            texts.append(listener.text())
        words, whole = listener.words(7.0, 99.0), heard_at_once(model, samples)
        assert [word.text for word in words] == [word.text for word in whole] and len(words) > 1
        assert [word.start for word in words] == pytest.approx([word.start for word in whole])
        assert len(set(texts)) > 3 and words[0].start > 7


def test_a_piece_is_heard_again_less_often_the_longer_it_is(tmp_path: Path) -> None:
    model, lengths = opened(tmp_path, "both"), []

    def score(steps: NDArray[np.float32]) -> NDArray[np.float32]:
        lengths.append(len(steps))
        return np.zeros((0, len(model.alphabet)), np.float32)

    listener = RepeatedListener(model.front_end, model.alphabet, model.decoder, score)
    for _ in range(300):
        listener.hear(np.zeros(RATE // 10, np.float32))
    seconds = np.array([model.front_end.seconds(steps) for steps in lengths])
    assert np.diff(seconds).min() >= EVERY - 0.05
    assert (np.diff(seconds) >= SHARE * seconds[1:] - 0.1).all()
    assert seconds.sum() < 10 * 30
