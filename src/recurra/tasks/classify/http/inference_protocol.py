"""The Open Inference Protocol (version 2, REST) for a classifier, so that existing clients work.

One input tensor, `text` (BYTES, [N] or [N, 1]), or of a model of several columns one for each, by its name; four
outputs: `label` (BYTES, [N]), `probabilities` (FP64, [N, K]), `truncated` and `nothing_known` (BOOL, [N]).
Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.errors import HTTPError, quoted
from recurra.http.inference_protocol import PREFIX, TAGS, ProtocolError, check_name, json_response
from recurra.http.model_reloader import ServedModel
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.many_to_one.given import names_read
from recurra.many_to_one.http.rows import checked_rows
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
                "inputs": [{"name": name, "datatype": "BYTES", "shape": [-1]} for name in _names(model)],
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
        model = current_model(name)
        body = parse_request(InferRequest, await read_json(request, service.options.max_body))
        rows = _rows(body.inputs, _names(model), single=not names_read(model.model.tokenizer))
        texts = checked_rows(model.model, service.options, rows, f"{TEXT}.data", TOO_MANY)
        outputs = [output.name for output in body.outputs] if body.outputs else list(OUTPUTS)
        for output in outputs:
            if output not in OUTPUTS:
                raise HTTPError(422, "output", f"There is no output {quoted(output)}; there are {', '.join(OUTPUTS)}.")
        predictions = await classifier.predict(texts, request.receive, model)
        return json_response(
            {
                "model_name": service.name,
                "model_version": _version(predictions.model),
                **({} if body.id is None else {"id": body.id}),
                "outputs": [{"name": output, **OUTPUTS[output](predictions)} for output in outputs],
            }
        )

    return routes


def _names(model: ServedModel) -> tuple[str, ...]:
    """Return the names of the input tensors."""
    return names_read(model.model.tokenizer) or (TEXT,)


def _rows(inputs: list[Tensor], names: Sequence[str], *, single: bool) -> list[Any]:
    """Return the texts of the one input tensor, or the rows that the tensors of all columns make.

    Raises HTTPError 422.
    """
    by_name = {tensor.name: tensor for tensor in inputs}
    if len(inputs) != len(names) or by_name.keys() != set(names):
        got = ", ".join(quoted(tensor.name) for tensor in inputs[:5]) or "none"
        wanted = ", ".join(map(repr, names))
        expected = f"One input tensor named {wanted} is" if len(names) == 1 else f"Input tensors named {wanted} are"
        raise HTTPError(422, "inputs", f"{expected} expected; got {got}.")
    columns = [_texts(by_name[name], name) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise HTTPError(422, "shape", "The input tensors are for different numbers of rows.")
    return columns[0] if single else [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _texts(tensor: Tensor, name: str) -> list[str]:
    """Return the texts of one input tensor. Raises HTTPError 422."""
    if tensor.datatype != "BYTES":
        raise HTTPError(422, "datatype", f"The datatype of {name!r} is BYTES; got {quoted(tensor.datatype)}.")
    if "binary_data_size" in (tensor.parameters or {}):
        raise HTTPError(422, "binary", "Tensors are taken as JSON; the binary data extension is not supported.")
    shape = tensor.shape
    if len(shape) not in (1, 2) or min(shape) < 1 or shape[1:] not in ([], [1]):
        raise HTTPError(422, "shape", f"The shape of {name!r} is [N] or [N, 1] with N of at least 1.")
    texts = [item for row in tensor.data for item in (row if isinstance(row, list) else (row,))]
    if not all(isinstance(text, str) for text in texts):
        raise HTTPError(422, "data", f"The data of {name!r} are strings.")
    if len(texts) != shape[0]:
        raise HTTPError(
            422, "shape", f"The shape of {name!r} is for {shape[0]:,} texts and its data hold {len(texts):,}."
        )
    return texts


def _version(model: ServedModel) -> str:
    return model.digest[:VERSION_LENGTH]
