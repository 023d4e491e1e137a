"""What the server does with a model that gives several labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.many_to_one.http.rows import feature_facts, trial_texts
from recurra.many_to_one.http.served_texts import ServedTexts
from recurra.tasks.multilabel.http import explain, predict
from recurra.tasks.multilabel.label_columns import separator_of
from recurra.tasks.multilabel.model import MultilabelClassifier

TRIAL_TEXTS = ("", "a film that is 中 e\u0301 <br /> good.", "not so good, but long " * 8)


def start(service: Service) -> Backend:
    """Start the batcher, and return the routes that use it."""
    texts = ServedTexts(service)
    return Backend(
        routers=(predict.router(texts), explain.router(texts)),
        queue=lambda: texts.batcher.waiting,
        retry_after=texts.batcher.retry_after,
        close=texts.batcher.close,
    )


def _trial(model: MultilabelClassifier) -> dict[str, Any]:
    """Return answers to an empty text, a short and a longer one. Raises ArtefactError for what is no answer; that the
    probabilities are such, the engine checks itself."""
    encodings = model.encode(trial_texts(model, TRIAL_TEXTS))
    logits, probabilities = model.engine.run(encodings)
    if probabilities.shape != (len(encodings), len(model.classes_)) or len(logits) != len(encodings):
        raise ArtefactError("its answers do not have a row for each text and a column for each label")
    return {
        "logits": logits,
        "probabilities": probabilities,
        "labels": model.classes_.tolist(),
        "thresholds": model.thresholds,
    }


def _facts(model: MultilabelClassifier) -> dict[str, Any]:
    return {
        "columns": list(model.tokenizer.columns),
        **feature_facts(model.tokenizer),
        "max_tokens": model.tokenizer.max_tokens,
        "truncate": model.tokenizer.truncate,
        "thresholds": model.thresholds.tolist(),
        "separator": separator_of(model),
    }


TASK = ServedTask(
    name="multilabel",
    title="Several labels a text",
    description="gives texts any number of labels",
    routes={
        "/predict": "labels, probabilities and thresholds",
        "/explain": "what each word contributes to a label",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("try", "Try it"), ("batch", "Many texts"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
