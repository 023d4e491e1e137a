"""What the server does with a model that labels texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.many_to_one.http.rows import feature_facts, trial_texts
from recurra.tasks.classify.http import explain, inference_protocol, predict, score, websocket
from recurra.tasks.classify.http.classifier import ServedClassifier
from recurra.tasks.classify.model import Classifier

TRIAL_TEXTS = ("", "a film that is 中 e\u0301 <br /> good.", "not so good, but long " * 8)


def start(service: Service) -> Backend:
    """Start the batcher, and return the routes that use it."""
    classifier = ServedClassifier(service)
    return Backend(
        routers=(
            predict.router(classifier),
            explain.router(classifier),
            score.router(classifier),
            websocket.router(classifier),
            inference_protocol.router(classifier),
        ),
        queue=lambda: classifier.batcher.waiting,
        retry_after=classifier.batcher.retry_after,
        close=classifier.batcher.close,
    )


def _trial(model: Classifier) -> dict[str, Any]:
    """Return answers to an empty text, a short and a longer one. Raises ArtefactError for what is no answer; that the
    probabilities are such, the engine checks itself."""
    encodings = model.encode(trial_texts(model, TRIAL_TEXTS))
    logits, probabilities = model.engine.run(encodings)
    if probabilities.shape != (len(encodings), len(model.classes_)) or len(logits) != len(encodings):
        raise ArtefactError("its answers do not have a row for each text and a column for each label")
    answers: dict[str, Any] = {"logits": logits, "probabilities": probabilities, "labels": model.classes_.tolist()}
    if model.graph.state and not (model.tokenizer.fill or model.tokenizer.columns):
        session = model.session()
        answers["stream"] = [session.feed(text).to_dict() for text in TRIAL_TEXTS] + [session.state()]
    return answers


def _facts(model: Classifier) -> dict[str, Any]:
    network = model.manifest.network if model.manifest else {}
    return {
        "columns": list(model.tokenizer.columns),
        **feature_facts(model.tokenizer),
        "max_tokens": model.tokenizer.max_tokens,
        "truncate": model.tokenizer.truncate,
        "streams": network.get("direction") == "forward" and not model.tokenizer.columns,
    }


TASK = ServedTask(
    name="classify",
    title="Text classification",
    description="labels texts",
    routes={
        "/predict": "labels and probabilities",
        "/explain": "what each word contributes",
        "/score": "a CSV with its predictions",
        "/stream": "the running prediction for a text that arrives in pieces, over a WebSocket",
        "/v2/models/{name}/infer": "the same as /predict, by the Open Inference Protocol",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("try", "Try it"), ("batch", "Many texts"), ("score", "Score a file"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
