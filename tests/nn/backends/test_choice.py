"""One rule chooses the backend; without a library that fits its sources PyTorch computes the layer."""

from __future__ import annotations

import pytest
import torch

from recurra.errors import OptionError
from recurra.kernel.layout import RECURRENT_GATES
from recurra.kernel.library import library
from recurra.nn.backends import choice
from recurra.nn.backends.choice import DEPRECATED, VARIABLE, choose_backend, use_backend
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS
from recurra.nn.recurrent import Recurrent

X = torch.zeros(1)


def test_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert choose_backend(X, "gru") == ("kernel" if library() else "reference")
    assert choose_backend(X, "lstm") == ("kernel" if library() else "fused")
    assert choose_backend(X, "mingru") == ("kernel" if library() else "scan")
    assert choose_backend(X.double(), "lstm") == "reference"
    assert choose_backend(X.to("meta"), "gru") == "fused"
    assert choose_backend(X.double(), "mingru") == choose_backend(X.to("meta"), "mingru") == "scan"
    with use_backend("fused"):
        assert choose_backend(X, "gru") == "fused"
    monkeypatch.setenv(VARIABLE, "reference")
    assert choose_backend(X, "gru") == "reference"
    monkeypatch.setenv(VARIABLE, "kernal")
    with pytest.raises(OptionError, match=r"kernal: accepted for the cell gru are fused, kernel, reference\.$"):
        choose_backend(X, "gru")
    monkeypatch.setenv(VARIABLE, "fused")
    with pytest.raises(OptionError, match=r"fused: accepted for the cell mingru are kernel, reference, scan\.$"):
        choose_backend(X, "mingru")


@pytest.mark.parametrize(("name", "backend"), [("vendor", "fused"), ("torch", "reference")])
def test_the_variable_still_accepts_the_names_of_version_0_1(
    name: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, name)
    assert choose_backend(X, "gru") == backend == DEPRECATED[name]


@pytest.mark.parametrize("cell", CELLS)
def test_without_a_library_the_answers_are_the_same(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    torch.manual_seed(0)
    recurrent = Recurrent(cell, 6, 20, layers=2)
    x = torch.randn(9, 6)
    index = torch.randint(0, 9, (4, 11), dtype=torch.int32)
    batch = Batch(index.long(), torch.tensor([3, 11, 1, 7]))
    answers = []
    for absent in (False, True):
        if absent:
            monkeypatch.setattr(choice, "library", lambda: None)
            assert choose_backend(x, cell) == {"lstm": "fused", "mingru": "scan", "minlstm": "scan"}.get(
                cell, "reference"
            )
        answers.append(recurrent(x, index, batch)[batch.mask()].detach())
    for backend in ("fused" if RECURRENT_GATES[cell] else "scan", "reference"):
        with use_backend(backend):  # type: ignore[arg-type]
            answers.append(recurrent(x, index, batch)[batch.mask()].detach())
    for answer in answers[1:]:
        torch.testing.assert_close(answers[0], answer, rtol=0, atol=1e-5)
