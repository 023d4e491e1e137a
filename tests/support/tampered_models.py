"""Model directories that were changed by someone who makes the digests fit again: every check but that of the digests.

edit_json(model, "tokenizer.json", lambda plain: plain | {"max_tokens": 10**18})
edit_graph(model, lambda graph: ...)
for field in fields(plain): replaced(plain, field, value)
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors.numpy import load, save

from recurra.storage.model_directory import MANIFEST, MODEL, WEIGHTS, manifest_digest

MISSING = object()
"""In place of a value: the field is taken away."""

HOSTILE: dict[str, Any] = {
    "negative": -1,
    "zero": 0,
    "huge": 10**18,
    "fraction": 0.5,
    "tiny": 1e-320,
    "string": "\ud800x",
    "true": True,
    "null": None,
    "nan": float("nan"),
    "infinite": float("inf"),
    "list": [],
    "object": {},
    "nested": [[[[[{"a": [1]}]]]]],
    "missing": MISSING,
}
"""What a field of a JSON file may be replaced by."""

Field = tuple[str | int, ...]


def copied(model: Path, into: Path) -> Path:
    """Return a copy of a model directory, which may be changed."""
    shutil.copytree(model, into)
    return into


def put(model: Path, name: str, content: bytes | None) -> None:
    """Put a file into a model directory, or take it away, and make the manifest fit."""
    path = model / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    edit_manifest(model, lambda plain: plain)


def edit_manifest(model: Path, change: Callable[[Any], Any]) -> None:
    """Change the manifest, then make its digests fit. change: takes and returns plain JSON."""
    plain = json.loads((model / MANIFEST).read_text())
    here = {path.name: path.read_bytes() for path in model.iterdir() if path.is_file() and path.name != MANIFEST}
    plain["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(here.items())
    }
    plain = change(plain)
    if isinstance(plain, dict):
        plain["digest"] = manifest_digest(plain)
    (model / MANIFEST).write_text(json.dumps(plain, indent=2))


def edit_json(model: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change a JSON file of a model directory, and make the digests fit. change: takes and returns plain JSON."""
    if name == MANIFEST:
        edit_manifest(model, change)
    else:
        put(model, name, json.dumps(change(json.loads((model / name).read_text()))).encode())


def edit_graph(model: Path, change: Callable[[onnx.ModelProto], Any], name: str = MODEL) -> None:
    """Change a graph of a model directory in place, and make the digests fit."""
    graph = onnx.load_from_string((model / name).read_bytes())
    change(graph)
    put(model, name, graph.SerializeToString())


def edit_constant(
    model: Path, constant: str, change: Callable[[NDArray[Any]], NDArray[Any]], name: str = MODEL
) -> None:
    """Change an initializer of a graph, and make the digests fit."""

    def changed(graph: onnx.ModelProto) -> None:
        (tensor,) = (tensor for tensor in graph.graph.initializer if tensor.name == constant)
        array = change(onnx.numpy_helper.to_array(tensor).copy())
        tensor.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(array), constant))

    edit_graph(model, changed, name)


def edit_weights(model: Path, change: Callable[[dict[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]) -> None:
    """Change weights.safetensors, and make the digests fit. change: takes and returns arrays by name."""
    weights = {name: array.copy() for name, array in load((model / WEIGHTS).read_bytes()).items()}
    put(model, WEIGHTS, save({name: np.ascontiguousarray(array) for name, array in change(weights).items()}))


def fields(plain: Any, *, entries: int = 1) -> Iterator[Field]:
    """Yield where each field of a JSON value is, containers included; of a list, the first `entries`."""
    children: Sequence[tuple[str | int, Any]] = []
    if isinstance(plain, dict):
        children = list(plain.items())
    elif isinstance(plain, list):
        children = list(enumerate(plain[:entries]))
    for key, value in children:
        yield (key,)
        for rest in fields(value, entries=entries):
            yield (key, *rest)


def replaced(plain: Any, field: Field, value: object) -> Any:
    """Return a JSON value with one field replaced, or without it where `value` is MISSING."""
    changed = copy.deepcopy(plain)
    holder = changed
    for key in field[:-1]:
        holder = holder[key]
    if value is MISSING:
        del holder[field[-1]]
    else:
        holder[field[-1]] = value
    return changed


def operators(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yield the nodes of a graph, and those of the graphs within them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from operators(attribute.g)
