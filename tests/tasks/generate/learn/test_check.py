"""An exported language model that answers differently is not written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.tasks.generate.learn import check
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape


@pytest.fixture
def network() -> LanguageNetwork:
    torch.manual_seed(0)
    shape = LanguageShape(level="char", vocabulary=9, embedding=4, cell="lstm", hidden=5, layers=2, tied=False)
    return LanguageNetwork(shape)


def test_other_weights_in_the_graph_stop_the_export(network: LanguageNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    _, weights = check.checked_graph(network)
    assert set(weights) == set(network.shape.weight_shapes())
    build = check.build

    def altered(shape: LanguageShape, weights: dict[str, np.ndarray]) -> bytes:
        return build(shape, weights | {"head.bias": weights["head.bias"] + 0.01})

    monkeypatch.setattr(check, "build", altered)
    with pytest.raises(ExportError, match="answers differently"):
        check.checked_graph(network)


def test_a_state_that_is_not_passed_on_stops_the_export(
    network: LanguageNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = LanguageSession.run

    def forgetful(self: LanguageSession, ids: Any, states: Any) -> Any:
        logits, after = run(self, ids, states)
        return logits, [array * 0 for array in after]

    monkeypatch.setattr(LanguageSession, "run", forgetful)
    with pytest.raises(ExportError, match="answers differently"):
        check.checked_graph(network)
