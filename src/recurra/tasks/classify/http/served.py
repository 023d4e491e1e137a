"""What the server does with a model that labels texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.http.served_task import ServedTask
from recurra.tasks.classify.http import explain, inference_protocol, predict, score, websocket
from recurra.tasks.classify.model import Model


def _facts(model: Model) -> dict[str, Any]:
    network = model.manifest.network if model.manifest else {}
    return {
        "max_tokens": model.tokenizer.max_tokens,
        "truncate": model.tokenizer.truncate,
        "streams": network.get("direction") == "forward",
    }


TASK = ServedTask(
    name="classify",
    does="labels texts",
    work={
        "/predict": "labels and probabilities",
        "/explain": "what each word contributes",
        "/score": "a CSV with its answers",
        "/stream": "the running answer to a text that arrives in pieces, over a WebSocket",
        "/v2/models/{name}/infer": "the same as /predict, by the Open Inference Protocol",
    },
    routers=(predict.router, explain.router, score.router, websocket.router, inference_protocol.models),
    facts=_facts,
    tabs=(("try", "Try it"), ("model", "The model"), ("score", "Score a file")),
    folder=Path(__file__).parents[1],
)
