"""The shape that a classifier's manifest carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from recurra.errors import ArtefactError
from recurra.storage.model_directory import read
from recurra.tasks.classify.shape import shape_of
from support.written_models import MODELS


def test_the_shape_is_what_the_manifest_says() -> None:
    source = read(MODELS / "classify")
    assert shape_of(source).model_dump() == source.manifest.network


@pytest.mark.parametrize(
    ("network", "labels", "reason"),
    [
        ({}, ["a", "b", "c"], "3 labels for a network of 2"),
        ({}, ["a"], "1 labels for a network of 2"),
        ({"cell": "lstn"}, None, "cell"),
        ({"hidden": "4"}, None, "hidden"),
        ({"hidden": 10**12}, None, "too large"),
    ],
)
def test_a_manifest_of_no_sound_classifier_is_refused(
    network: dict[str, Any], labels: list[str] | None, reason: str
) -> None:
    source = read(MODELS / "classify")
    manifest = source.manifest.model_copy(
        update={"network": source.manifest.network | network, "labels": labels or source.manifest.labels}
    )
    with pytest.raises(ArtefactError, match=f"manifest.json.*{reason}"):
        shape_of(replace(source, manifest=manifest))


def test_a_model_of_another_task_is_refused() -> None:
    with pytest.raises(ArtefactError, match="is a model of the task 'tag'; this needs a classifier"):
        shape_of(read(MODELS / "tag"))
