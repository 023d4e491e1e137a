"""fastText: the mean of vectors of words and pairs of words, and a linear classifier."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from peers.engines import feed
from peers.task import Task
from peers.worker import Round

PACKAGES: tuple[str, ...] = ("fasttext-wheel",)


def set_up(threads: int) -> None:
    import fasttext  # noqa: F401 (an environment without it is found out here)


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Its Python wrapper fails with NumPy 2, so the compiled model behind it is asked, one text at a time."""
    model = _model(inputs, threads)

    def answer(text: str) -> object:
        return model.f.predict(text.replace("\n", " ") + "\n", 2, 0.0, "strict")

    if task.kind == "latency":
        return feed.one_by_one(task, answer, inputs)
    return feed.repeated(task, lambda texts: [answer(text) for text in texts], feed.texts(inputs)["long"])


@cache
def _model(inputs: Path, threads: int) -> Any:
    import fasttext

    content = feed.texts(inputs)
    lines = inputs / "fasttext.txt"
    with lines.open("w", encoding="utf-8") as file:
        for text, label in zip(content["long"], content["labels"], strict=True):
            file.write(f"__label__{label} {' '.join(text.split())}\n")
    return fasttext.train_supervised(str(lines), wordNgrams=2, epoch=5, lr=0.5, dim=100, thread=threads, verbose=0)
