"""With --ema the average of the weights is what is validated and kept, and a run that was stopped ends the same."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from recurra.cli.train import train
from recurra.errors import InterruptedTraining
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter
from recurra.training.averaging import WeightAverage

SENTENCES = [f"the {('good', 'bad')[n % 2]} film number w{n} was v{n % 7}" for n in range(48)]
DATA = {
    "classify": ("rows.csv", ["text,label", *(f"{text},{('yes', 'no')[n % 2]}" for n, text in enumerate(SENTENCES))]),
    "tag": (
        "tagged.conllu",
        [
            line
            for text in SENTENCES
            for line in (
                *(
                    f"{n}\t{word}\t_\t{('DET', 'NOUN', 'ADJ')[n % 3]}" + "\t_" * 6
                    for n, word in enumerate(text.split(), 1)
                ),
                "",
            )
        ],
    ),
    "translate": ("pairs.tsv", ["source\ttarget", *(f"{text}\t{text.upper()}" for text in SENTENCES)]),
}

OBJECTIVES = {
    "classify": "recurra.many_to_one.learn.classification.Classification",
    "tag": "recurra.tasks.tag.learn.objective.Tagging",
    "translate": "recurra.seq2seq.learn.objective.Translation",
}
SMALL: dict[str, Any] = {
    "hidden": 4, "embedding": 4, "epochs": 3, "batch": 4, "threads": 1, "precision": "fp32", "baseline": False,
    "keep": "last", "patience": None, "ema": 0.9, "learning_rate": 0.02, "split": 0.3, "valid": 0.3,
}  # fmt: skip
FURTHER: dict[str, dict[str, Any]] = {"classify": {"quantise": "never"}, "tag": {}, "translate": {"vocabulary": 280}}


class Watched:
    """What a run did with its average. validated: how often the objective measured inside of `applied`; average, own:
    the averaged weights and the network's own after the last step."""

    def __init__(self, patch: pytest.MonkeyPatch, task: str, stop_at: int | None = None) -> None:
        self.validated, self.inside = 0, False
        self.average: dict[str, NDArray[Any]] = {}
        self.own: dict[str, NDArray[Any]] = {}
        update, applied = WeightAverage.update, WeightAverage.applied
        module, _, name = OBJECTIVES[task].rpartition(".")
        objective = getattr(importlib.import_module(module), name)
        validate = objective.validate

        def watched_update(average: WeightAverage, step: int) -> None:
            update(average, step)
            self.average = {name: value.numpy().copy() for name, value in average.tensors().items()}
            names = zip(average.tensors(), average._weights, strict=True)
            self.own = {name: weight.detach().numpy().copy() for name, weight in names}

        @contextmanager
        def watched_applied(average: WeightAverage) -> Iterator[None]:
            with applied(average):
                self.inside = True
                try:
                    yield
                finally:
                    self.inside = False

        def watched_validate(*given: Any, **named: Any) -> Any:
            self.validated += self.inside
            if self.inside and self.validated == stop_at:
                raise KeyboardInterrupt
            return validate(*given, **named)

        patch.setattr(WeightAverage, "update", watched_update)
        patch.setattr(WeightAverage, "applied", watched_applied)
        patch.setattr(objective, "validate", watched_validate)


def run(task: str, data: Path, out: Path, *, resume: bool = False) -> dict[str, Any]:
    options = task_options({"task": task, **SMALL, **FURTHER[task]})
    return train(str(data), out, options, resume=resume, reporter=Reporter(quiet=True))


@pytest.mark.parametrize("task", OBJECTIVES)
def test_the_average_is_validated_and_kept(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, lines = DATA[task]
    data = tmp_path / name
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        watched = Watched(patch, task)
        run(task, data, tmp_path / "whole")
    assert watched.validated == SMALL["epochs"]
    kept = load_file(tmp_path / "whole" / "weights.safetensors")
    recurrent = [name for name in watched.average if name.endswith("weight_hh") and name in kept]
    assert recurrent, "the names of the kept weights are those of the network"
    for name in recurrent:
        np.testing.assert_allclose(kept[name], watched.average[name], rtol=1e-6, atol=1e-7)
        assert np.abs(kept[name] - watched.own[name]).max() > 1e-4, "and not those of the last step"
    with monkeypatch.context() as patch:
        Watched(patch, task, stop_at=2)
        with pytest.raises(InterruptedTraining):
            run(task, data, tmp_path / "stopped")
    run(task, data, tmp_path / "stopped", resume=True)
    for name, expected in kept.items():
        found = load_file(tmp_path / "stopped" / "weights.safetensors")[name]
        np.testing.assert_array_equal(found, expected, err_msg=name)
