"""Only a network that answers for each label by itself is one of this task."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

import recurra
from recurra.tasks.multilabel.shape import MultilabelShape
from support.live_server import write_model


def test_networks_of_classes_are_refused(tmp_path: Path) -> None:
    model = recurra.load(write_model(tmp_path / "m", task="multilabel", labels=("a", "b", "c")))
    assert model.manifest is not None
    network = model.manifest.network
    assert MultilabelShape.model_validate(network).labels == 3
    for link in ("softmax", "identity"):
        with pytest.raises(ValidationError):
            MultilabelShape.model_validate({**network, "link": link})
