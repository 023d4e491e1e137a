"""The Open Inference Protocol (version 2, REST), so that existing clients work.

One input tensor, `text` (BYTES, [N] or [N, 1]); three outputs: `label` (BYTES, [N]), `probabilities` (FP64, [N, K])
and `truncated` (BOOL, [N]). Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.errors import HTTPError, quoted
from recurra.http.model_reloader import Served
from recurra.http.schemas import (
    WORK,
    InferRequest,
    InferResponse,
    Live,
    ModelMetadata,
    ProtocolError,
    Ready,
    ServerMetadata,
    Tensor,
    accepted,
    body_schema,
    refusals,
)
from recurra.http.service import Answers, Service
from recurra.http.text_limits import check_texts
from recurra.storage.version import VERSION

TAGS: list[str | Enum] = ["Open Inference Protocol"]

TEXT = "text"
VERSION_LENGTH = 12
"""Characters of the manifest's digest that name a model's version."""

OUTPUTS: dict[str, Callable[[Answers], dict[str, Any]]] = {
    "label": lambda answers: {
        "datatype": "BYTES",
        "shape": [len(answers.encodings)],
        "data": [answers.served.names[best] for best in answers.probabilities.argmax(axis=1).tolist()],
    },
    "probabilities": lambda answers: {
        "datatype": "FP64",
        "shape": list(answers.probabilities.shape),
        "parameters": {"labels": orjson.dumps(answers.served.names).decode()},
        "data": answers.probabilities.ravel().tolist(),
    },
    "truncated": lambda answers: {
        "datatype": "BOOL",
        "shape": [len(answers.encodings)],
        "data": [encoding.truncated for encoding in answers.encodings],
    },
}
"""Output tensors by name. `labels` of the probabilities is a JSON list of the columns' names, since parameters of the
protocol are plain strings."""


def router(service: Service) -> APIRouter:
    """Return the routes that every server has: whether it lives, whether it is ready."""
    routes = APIRouter(prefix="/v2", tags=TAGS)

    @routes.get("", response_model=ServerMetadata, responses=refusals(model=ProtocolError), summary="Server metadata")
    async def server_metadata() -> Response:
        return _json({"name": "recurra", "version": VERSION, "extensions": []})

    @routes.get("/health/live", response_model=Live, responses=refusals(model=ProtocolError), summary="Liveness")
    async def live() -> Response:
        return _json({"live": True})

    @routes.get("/health/ready", response_model=Ready, responses=_not_ready(), summary="Readiness")
    async def ready() -> Response:
        return _json({"ready": service.ready}, 200 if service.ready else 503)

    @routes.get(
        "/models/{name}/ready", response_model=Ready, responses=_not_ready(404), summary="Readiness of the model"
    )
    async def model_ready(name: str) -> Response:
        _check_name(service, name)
        return _json({"name": service.name, "ready": service.ready}, 200 if service.ready else 503)

    return routes


def models(service: Service) -> APIRouter:
    """Return the routes of a model that labels texts."""
    routes = APIRouter(prefix="/v2", tags=TAGS)
    refused = refusals(404, model=ProtocolError)

    def served(name: str) -> Served:
        _check_name(service, name)
        return service.served()

    @routes.get(
        "/models/{name}",
        response_model=ModelMetadata,
        response_model_exclude_none=True,
        responses=refused,
        summary="Model metadata",
    )
    async def model_metadata(name: str) -> Response:
        model = served(name)
        classes = len(model.labels)
        return _json(
            {
                "name": service.name,
                "versions": [_version(model)],
                "platform": "onnxruntime_onnx",
                "inputs": [{"name": TEXT, "datatype": "BYTES", "shape": [-1]}],
                "outputs": [
                    {"name": "label", "datatype": "BYTES", "shape": [-1]},
                    {"name": "probabilities", "datatype": "FP64", "shape": [-1, classes]},
                    {"name": "truncated", "datatype": "BOOL", "shape": [-1]},
                ],
            }
        )

    @routes.post(
        "/models/{name}/infer",
        response_model=InferResponse,
        responses=refusals(404, *WORK, model=ProtocolError),
        openapi_extra=body_schema(InferRequest, service.options),
        summary="Label texts",
    )
    async def infer(name: str, request: Request) -> Response:
        served(name)
        given = accepted(InferRequest, await read_json(request, service.options.max_body))
        texts = _texts(given.inputs)
        check_texts(service, texts, f"{TEXT}.data")
        wanted = [output.name for output in given.outputs] if given.outputs else list(OUTPUTS)
        for output in wanted:
            if output not in OUTPUTS:
                raise HTTPError(422, "output", f"There is no output {quoted(output)}; there are {', '.join(OUTPUTS)}.")
        answers = await service.answer(texts, request.receive)
        return _json(
            {
                "model_name": service.name,
                "model_version": _version(answers.served),
                **({} if given.id is None else {"id": given.id}),
                "outputs": [{"name": output, **OUTPUTS[output](answers)} for output in wanted],
            }
        )

    return routes


def _check_name(service: Service, name: str) -> None:
    if name != service.name:
        raise HTTPError(404, "model", f"There is no model {quoted(name)} here; its name is {quoted(service.name)}.")


def _texts(inputs: list[Tensor]) -> list[str]:
    """Return the texts of the one input tensor. Raises HTTPError 422."""
    if len(inputs) != 1 or inputs[0].name != TEXT:
        names = ", ".join(quoted(tensor.name) for tensor in inputs[:5]) or "none"
        raise HTTPError(422, "inputs", f"One input tensor named {TEXT!r} is expected; got {names}.")
    tensor = inputs[0]
    if tensor.datatype != "BYTES":
        raise HTTPError(422, "datatype", f"The datatype of {TEXT!r} is BYTES; got {quoted(tensor.datatype)}.")
    if "binary_data_size" in (tensor.parameters or {}):
        raise HTTPError(422, "binary", "Tensors are taken as JSON; the binary data extension is not supported.")
    shape = tensor.shape
    if len(shape) not in (1, 2) or min(shape) < 1 or shape[1:] not in ([], [1]):
        raise HTTPError(422, "shape", f"The shape of {TEXT!r} is [N] or [N, 1] with N of at least 1.")
    texts = [item for row in tensor.data for item in (row if isinstance(row, list) else (row,))]
    if not all(isinstance(text, str) for text in texts):
        raise HTTPError(422, "data", f"The data of {TEXT!r} are strings.")
    if len(texts) != shape[0]:
        raise HTTPError(
            422, "shape", f"The shape of {TEXT!r} says {shape[0]:,} texts and its data hold {len(texts):,}."
        )
    return texts


def _version(served: Served) -> str:
    return served.digest[:VERSION_LENGTH]


def _not_ready(*more: int) -> dict[int | str, dict[str, Any]]:
    return refusals(*more, model=ProtocolError) | {503: {"model": Ready, "description": "Not ready."}}


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
