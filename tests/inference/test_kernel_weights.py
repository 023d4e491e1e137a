"""Which engine answers, and weights that are not of the network are refused."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ArtefactError, OptionError
from recurra.inference.kernel_layers import available
from recurra.inference.kernel_weights import check_weights, engine_name


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECURRA_ENGINE", raising=False)
    assert engine_name(has_weights=True) == ("kernel" if available() else "onnxruntime")
    assert engine_name(has_weights=False) == "onnxruntime"
    monkeypatch.setenv("RECURRA_ENGINE", "onnxruntime")
    assert engine_name(has_weights=True) == "onnxruntime"
    monkeypatch.setenv("RECURRA_ENGINE", "kernel")
    with pytest.raises(OptionError, match="RECURRA_ENGINE=kernel"):
        engine_name(has_weights=False)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "does not hold"),
        ({"a": np.ones(3, dtype=np.float32)}, "does not hold"),
        ({"a": np.ones(2)}, "does not hold"),
        ({"a": np.ones(2, dtype=np.float32), "b": np.ones(1, dtype=np.float32)}, "does not hold"),
        ({"a": np.array([1, np.nan], dtype=np.float32)}, "'a' hold values that are not finite"),
    ],
)
def test_other_weights_are_refused(weights: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(ArtefactError, match=message):
        check_weights(weights, {"a": (2,)}, "weights.safetensors")
    check_weights({"a": np.ones(2, dtype=np.float32)}, {"a": (2,)}, "weights.safetensors")
