"""The shape that a classifier's manifest carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recurra.errors import ArtefactError
from recurra.many_to_one.shape import CODES, ManyToOneShape, shape_of
from recurra.storage.model_directory import read
from support import ngram_models
from support.written_models import MODELS


def test_the_shape_is_what_the_manifest_says() -> None:
    source = read(MODELS / "classify")
    shape = shape_of(source, "classify", ManyToOneShape)
    assert shape.model_dump(exclude_unset=True) == source.manifest.network
    assert shape.hashing is None and shape.subwords == 0, "a model of the first version has no n-grams"


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
        shape_of(replace(source, manifest=manifest), "classify", ManyToOneShape)


def test_a_model_of_another_task_is_refused() -> None:
    with pytest.raises(ArtefactError, match="is a model of the task 'tag'; this needs one of 'classify'"):
        shape_of(read(MODELS / "tag"), "classify", ManyToOneShape)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"ngrams": 2}, "hashed into buckets"),
        ({"ngrams": 1, "ngram_buckets": 7}, "hashed into buckets"),
        ({"ngram_buckets": 7}, "hashed into buckets"),
        ({"subwords": 7}, "spellings are for"),
        ({"subword_vectors": True}, "spellings are for"),
        ({"ngrams": 1, "subwords": 7, "vocabulary": 2**20 + 1}, "cannot be hashed"),
        ({"ngrams": 4, "ngram_buckets": 7}, "ngrams"),
        ({"ngrams": 2, "ngram_buckets": 2**30}, "ngram_buckets"),
        ({"ngrams": True}, "ngrams"),
        ({"subwords": -1}, "subwords"),
    ],
)
def test_n_grams_that_cannot_be_are_refused(fields: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        ManyToOneShape.model_validate({**ngram_models.shape(0).model_dump(), **fields})


@pytest.mark.parametrize("kind", ngram_models.KINDS, ids=str)
def test_the_weights_are_those_of_the_network_and_are_counted(kind: dict[str, Any]) -> None:
    """All but the scales, one number a table of codes."""
    shape = ngram_models.shape(**kind)
    weights = ngram_models.network(shape).exported()
    assert {name: array.shape for name, array in weights.items()} == shape.weight_shapes()
    assert {name for name, array in weights.items() if array.dtype == np.int8} == set(CODES) & weights.keys()
    scales = sum(name.endswith(".scale") for name in weights)
    assert shape.parameters == sum(array.size for array in weights.values()) - scales
    assert (shape.hashing is None) == (shape.ngrams == 0)


def test_each_further_member_has_the_weights_of_the_first_under_its_own_prefix() -> None:
    one = ngram_models.shape(2, subwords=53, vectors=True).model_copy(update={"pooling": "attention"})
    three = one.model_copy(update={"members": 3})
    assert three.prefixes == ("", "members.1.", "members.2.") and one.prefixes == ("",)
    alone, shapes = one.weight_shapes(), three.weight_shapes()
    shared = {name for name in alone if name.startswith(("head.", "ngrams.", "subwords.codes", "subwords.scale"))}
    own = alone.keys() - shared
    assert shapes.keys() == alone.keys() | {f"members.{m}.{name}" for m in (1, 2) for name in own}
    assert all(shapes[f"members.2.{name}"] == shapes[name] == alone[name] for name in own)
    assert shapes["head.weight"] == (1, 3 * one.pooled) and shapes["ngrams.codes"] == alone["ngrams.codes"]
    with pytest.raises(ValueError, match="less than or equal to 16"):
        ManyToOneShape(**{**one.model_dump(), "members": 17})
