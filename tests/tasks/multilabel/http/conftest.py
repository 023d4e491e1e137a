"""A server of a model that gives several labels, within this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.tasks.multilabel.model import MultilabelClassifier
from support.in_process import InProcess

Asked = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def model(labelled_model: tuple[Path, Any]) -> MultilabelClassifier:
    return recurra.load(labelled_model[0], task="multilabel")


@pytest.fixture(scope="module")
def asked(labelled_model: tuple[Path, Any]) -> Iterator[Asked]:
    """Send JSON to a path, and return the status and the JSON that comes back."""
    running = InProcess(labelled_model[0])

    def ask(path: str, body: Any = None, query: bytes = b"") -> tuple[int, Any]:
        method, content = ("GET", b"") if body is None else ("POST", json.dumps(body).encode())
        found = running.ask(method, path, content, [(b"content-type", b"application/json")], query)
        return found.status, json.loads(found.content)

    yield ask
    running.close()
