"""What the server does with a model that answers texts with numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recurra.errors import ArtefactError
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.many_to_one.http.rows import feature_facts, trial_texts
from recurra.many_to_one.http.served_texts import ServedTexts
from recurra.tasks.regress.http import explain, predict
from recurra.tasks.regress.intervals import stated
from recurra.tasks.regress.model import TextRegressor

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


def _trial(model: TextRegressor) -> dict[str, Any]:
    """Return answers to an empty text, a short and a longer one. Raises ArtefactError for what is no answer."""
    texts = trial_texts(model, TRIAL_TEXTS)
    values, intervals = model.predict(texts), model.predict_interval(texts)
    if values.shape != (len(TRIAL_TEXTS),) or not np.isfinite([*values, *intervals.ravel()]).all():
        raise ArtefactError("its answers are not a number for each text")
    return {"values": values, "intervals": intervals}


def _facts(model: TextRegressor) -> dict[str, Any]:
    assert model.intervals is not None  # for the type checker: it was loaded
    intervals = stated(model.intervals)
    return {
        "columns": list(model.tokenizer.columns),
        **feature_facts(model.tokenizer),
        "max_tokens": model.tokenizer.max_tokens,
        "truncate": model.tokenizer.truncate,
        "targets": {name: intervals[name] for name in ("lowest", "highest", "level")},
    }


TASK = ServedTask(
    name="regress",
    title="Text regression",
    description="answers texts with numbers",
    routes={
        "/predict": "a number for each text, with the ends of its interval",
        "/explain": "what each word contributes",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("try", "Try it"), ("batch", "Many texts"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
