"""scikit-learn: TF-IDF of words and pairs of words with logistic regression, as one pipeline."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from peers.engines import feed
from peers.task import Task
from peers.worker import Round

PACKAGES: tuple[str, ...] = ("scikit-learn", "numpy", "scipy")


def set_up(threads: int) -> None:
    """Nothing: it uses one thread, and its products the number that the environment states."""


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    pipeline = _pipeline(inputs)
    if task.kind == "latency":
        return feed.one_by_one(task, lambda text: pipeline.predict_proba([text]), inputs)
    return feed.repeated(task, pipeline.predict_proba, feed.texts(inputs)["long"])


@cache
def _pipeline(inputs: Path) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, max_iter=1000))
    content = feed.texts(inputs)
    return pipeline.fit(content["long"], content["labels"])
