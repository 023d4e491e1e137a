"""`POST /explain`: a label that the body or the path names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recurra.tasks.multilabel.model import MultilabelClassifier
from support.labelled import LABELS

Asked = Callable[..., tuple[int, Any]]
TEXTS = ["bread and a song", "zzzz", ""]


def test_a_label_is_explained_that_the_body_or_the_path_names(asked: Asked, model: MultilabelClassifier) -> None:
    status, found = asked("/explain", {"input": TEXTS[0]}, b"target=music")
    assert status == 200 and found["target"] == "music"
    assert found["threshold"] == model.thresholds[LABELS.index("music")]
    expected = model.explain(TEXTS[0], "music").to_dict()
    assert [word["contribution"] for word in found["words"]] == pytest.approx(
        [word["contribution"] for word in expected["words"]], abs=1e-4
    )
    assert asked("/explain", {"input": TEXTS[0], "target": "food"}, b"target=music")[1]["target"] == "food"
    assert asked("/explain", {"input": TEXTS[0]})[1]["target"] == model.explain(TEXTS[0]).label
    status, found = asked("/explain", {"input": TEXTS[0], "target": "x"})
    assert status == 422 and "not one of the model's labels" in found["error"]["message"]
