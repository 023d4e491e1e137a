"""What the server does with a model that labels texts."""

from __future__ import annotations

from typing import Any

from recurra.runtime.model import Model
from recurra.serve import explain, inference_protocol, predict, score, stream
from recurra.serve.task import ServedTask


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
    routers=(predict.router, explain.router, score.router, stream.router, inference_protocol.models),
    facts=_facts,
    tabs=(("try", "Try it"), ("model", "The model"), ("score", "Score a file")),
)
