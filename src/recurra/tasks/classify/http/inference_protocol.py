"""The Open Inference Protocol (version 2, REST) for a classifier, so that existing clients work.

One input tensor, `text` (BYTES, [N] or [N, 1]); four outputs: `label` (BYTES, [N]), `probabilities` (FP64, [N, K]),
`truncated` and `nothing_known` (BOOL, [N]).
Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.errors import HTTPError, quoted
from recurra.http.inference_protocol import PREFIX, TAGS, ProtocolError, check_name, json_response
from recurra.http.model_reloader import ServedModel
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.http.text_limits import check_texts
from recurra.tasks.classify.http.classifier import Predictions, ServedClassifier
from recurra.tasks.classify.http.predict import TOO_MANY
from recurra.tasks.classify.http.schemas import InferRequest, InferResponse, ModelMetadata, Tensor

TEXT = "text"
VERSION_LENGTH = 12
"""Characters of the manifest's digest that name a model's version."""

OUTPUTS: dict[str, Callable[[Predictions], dict[str, Any]]] = {
    "label": lambda predictions: {
        "datatype": "BYTES",
        "shape": [len(predictions.encodings)],
        "data": [
            predictions.model.label_names[best]
            for best in predictions.model.model.decision.chosen(predictions.probabilities).tolist()
        ],
    },
    "probabilities": lambda predictions: {
        "datatype": "FP64",
        "shape": list(predictions.probabilities.shape),
        "parameters": {"labels": orjson.dumps(predictions.model.label_names).decode()},
        "data": predictions.probabilities.ravel().tolist(),
    },
    "truncated": lambda predictions: {
        "datatype": "BOOL",
        "shape": [len(predictions.encodings)],
        "data": [encoding.truncated for encoding in predictions.encodings],
    },
    "nothing_known": lambda predictions: {
        "datatype": "BOOL",
        "shape": [len(predictions.encodings)],
        "data": [encoding.nothing_known for encoding in predictions.encodings],
    },
}
"""Output tensors by name. `labels` of the probabilities is a JSON list of the columns' names, since parameters of the
protocol are plain strings."""


def router(classifier: ServedClassifier) -> APIRouter:
    """Return the routes of a model that labels texts."""
    routes = APIRouter(prefix=PREFIX, tags=TAGS)
    service = classifier.service

    def current_model(name: str) -> ServedModel:
        check_name(service, name)
        return service.current_model()

    @routes.get(
        "/models/{name}",
        response_model=ModelMetadata,
        response_model_exclude_none=True,
        responses=error_schemas(404, model=ProtocolError),
        summary="Model metadata",
    )
    async def model_metadata(name: str) -> Response:
        model = current_model(name)
        classes = len(model.labels)
        return json_response(
            {
                "name": service.name,
                "versions": [_version(model)],
                "platform": "onnxruntime_onnx",
                "inputs": [{"name": TEXT, "datatype": "BYTES", "shape": [-1]}],
                "outputs": [
                    {"name": "label", "datatype": "BYTES", "shape": [-1]},
                    {"name": "probabilities", "datatype": "FP64", "shape": [-1, classes]},
                    {"name": "truncated", "datatype": "BOOL", "shape": [-1]},
                    {"name": "nothing_known", "datatype": "BOOL", "shape": [-1]},
                ],
            }
        )

    @routes.post(
        "/models/{name}/infer",
        response_model=InferResponse,
        responses=error_schemas(404, *COMPUTE, model=ProtocolError),
        openapi_extra=body_schema(InferRequest, service.options),
        summary="Label texts",
    )
    async def infer(name: str, request: Request) -> Response:
        current_model(name)
        body = parse_request(InferRequest, await read_json(request, service.options.max_body))
        texts = _texts(body.inputs)
        check_texts(service.options, texts, f"{TEXT}.data", TOO_MANY)
        outputs = [output.name for output in body.outputs] if body.outputs else list(OUTPUTS)
        for output in outputs:
            if output not in OUTPUTS:
                raise HTTPError(422, "output", f"There is no output {quoted(output)}; there are {', '.join(OUTPUTS)}.")
        predictions = await classifier.predict(texts, request.receive)
        return json_response(
            {
                "model_name": service.name,
                "model_version": _version(predictions.model),
                **({} if body.id is None else {"id": body.id}),
                "outputs": [{"name": output, **OUTPUTS[output](predictions)} for output in outputs],
            }
        )

    return routes


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
            422, "shape", f"The shape of {TEXT!r} is for {shape[0]:,} texts and its data hold {len(texts):,}."
        )
    return texts


def _version(model: ServedModel) -> str:
    return model.digest[:VERSION_LENGTH]
