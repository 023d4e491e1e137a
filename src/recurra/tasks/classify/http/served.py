"""What the server does with a model that labels texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.tasks.classify.http import explain, inference_protocol, predict, score, websocket
from recurra.tasks.classify.http.classifier import ServedClassifier
from recurra.tasks.classify.model import Classifier


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


def _facts(model: Classifier) -> dict[str, Any]:
    network = model.manifest.network if model.manifest else {}
    return {
        "max_tokens": model.tokenizer.max_tokens,
        "truncate": model.tokenizer.truncate,
        "streams": network.get("direction") == "forward",
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
    facts=_facts,
    tabs=(("try", "Try it"), ("model", "The model"), ("score", "Score a file")),
    folder=Path(__file__).parents[1] / "page",
)
