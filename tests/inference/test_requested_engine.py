"""The engine that the environment asks for is one that there is."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.inference.requested_engine import VARIABLE, requested


@pytest.mark.parametrize(("value", "name"), [(None, "auto"), ("", "auto"), ("kernel", "kernel")])
def test_an_engine_that_there_is(value: str | None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert requested() == name


def test_one_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "onnx-runtime")
    with pytest.raises(OptionError, match=r"^RECURRA_ENGINE=onnx-runtime: .* Did you mean 'onnxruntime'\?"):
        requested()
