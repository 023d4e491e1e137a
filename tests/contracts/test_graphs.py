"""Every graph that a task exports, of every cell, pooling and precision, is one that is run; no operator more is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from recurra.errors import ArtefactError
from recurra.export.serialise import OPSET
from recurra.inference.closed_graph import OPERATORS, OPSETS, check_graph
from recurra.many_to_one.learn import graph as classifier_graph
from recurra.many_to_one.learn.quantise import DOMAIN, quantised
from recurra.many_to_one.shape import REDUCTIONS, ManyToOneShape
from recurra.nn.cells import CELLS
from recurra.seq2seq.learn import graphs
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.shape import Seq2SeqShape
from recurra.tasks.forecast.learn import graph as forecast_graph
from recurra.tasks.generate.learn import graph as language_graph
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.series.learn import graph as series_graph
from recurra.tasks.tag.features import WORD_SHAPES
from recurra.tasks.tag.learn import graph as tagger_graph
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.shape import TaggerShape
from support import forecast, ngram_models, series
from support.tampered_models import operators
from support.written_models import MODELS

Exported = tuple[str, bytes, dict[str, int]]


def random_weights(shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {name: rng.normal(size=size).astype(np.float32) for name, size in shapes.items()}


def state_of(network: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def classifiers() -> Iterator[Exported]:
    for cell, direction, pooling, outputs, layers in product(CELLS, ("forward", "both"), REDUCTIONS, (1, 3), (1, 2)):
        shape = ManyToOneShape(
            vocabulary=9, embedding=4, cell=cell, hidden=5, layers=layers, direction=direction, pooling=pooling,
            outputs=outputs,
        )  # fmt: skip
        name = f"classify {cell} {direction} {pooling} {outputs} {layers}"
        tables = dict.fromkeys(("embedding.weight", "embedding.rounded", "embedding.scales"), 9)
        content = classifier_graph.build(shape, random_weights(shape.weight_shapes()), 0.05)
        yield name, content, tables
        rounded = quantised(content)
        if rounded is not None:
            yield f"{name} int8", rounded, tables


def classifiers_with_ngrams() -> Iterator[Exported]:
    tables = {"embedding.weight": 16, "embedding.rounded": 16, "embedding.scales": 16, "ngrams.codes": 16}
    tables |= {"subwords.embedding": 1, "subwords.codes": 1}
    for kind, direction, cell in product(ngram_models.KINDS, ("forward", "both"), ("gru", "lstm")):
        shape = ngram_models.shape(**kind, direction=direction).model_copy(update={"cell": cell})
        content = classifier_graph.build(shape, ngram_models.network(shape).exported(), 1.3)
        name = f"classify {cell} {direction} {kind}"
        yield name, content, tables
        rounded = quantised(content)
        if rounded is not None:
            yield f"{name} int8", rounded, tables


def writers() -> Iterator[Exported]:
    for cell, tied, layers in product(CELLS, (True, False), (1, 3)):
        shape = LanguageShape(level="char", vocabulary=9, embedding=4, cell=cell, hidden=5, layers=layers, tied=tied)
        content = language_graph.build(shape, random_weights(shape.weight_shapes()))
        yield f"generate {cell} {tied} {layers}", content, {"embedding.weight": 9}


def taggers() -> Iterator[Exported]:
    for cell, characters, crf, affixes in product(CELLS, ("none", "convolution", "recurrent"), (True, False), (0, 3)):
        shape = TaggerShape(
            vocabulary=9, embedding=4, kind_embedding=2, affix_buckets=7, affix_embedding=affixes,
            characters=characters, alphabet=8, character_embedding=3, character_features=4, cell=cell, hidden=5,
            layers=2, tags=3, crf=crf,
        )  # fmt: skip
        tables = {"words.weight": 9, "kinds.weight": WORD_SHAPES}
        tables |= {"affixes.weight": 7, "characters.embedding.weight": 8}
        content = tagger_graph.build(shape, state_of(TaggerNetwork(shape)))
        yield f"tag {cell} {characters} {crf} {affixes}", content, tables


def pairs() -> Iterator[Exported]:
    for cell, layers in product(CELLS, (1, 2)):
        shape = Seq2SeqShape(
            vocabulary=9, embedding=4, cell=cell, hidden=5, layers=layers, max_tokens=7, beam=2, length_penalty=1.0
        )
        weights = state_of(Seq2Seq(shape))
        yield f"encoder {cell} {layers}", graphs.build_encoder(shape, weights), {"embedding.weight": 9}
        yield f"step {cell} {layers}", graphs.build_step(shape, weights), {"embedding.weight": 9}


def forecasters() -> Iterator[Exported]:
    for cell, layers, members in product(CELLS, (1, 2), (1, 3)):
        shape = forecast.shape(cell=cell, layers=layers, members=members)
        name = f"forecast {cell} {layers} {members}"
        yield name, forecast_graph.build(shape, forecast.weights_of(shape)), {}


def of_series() -> Iterator[Exported]:
    for cell, dilations in product(CELLS, ((), (1, 4))):
        shape = series.shape(cell=cell, dilations=dilations, biases=len(dilations))
        yield f"series {cell} {dilations}", series_graph.build(shape, series.weights_of(shape)), {}


@pytest.fixture(scope="module")
def exported() -> list[Exported]:
    torch.manual_seed(1)
    return [*classifiers(), *classifiers_with_ngrams(), *writers(), *taggers(), *pairs(), *of_series(), *forecasters()]


def test_every_exported_graph_is_run(exported: list[Exported]) -> None:
    assert any("int8" in name for name, _, _ in exported)
    for name, content, tables in exported:
        check_graph(content, name, tables)


def test_a_graph_with_one_id_more_than_its_table_has_rows_is_not(exported: list[Exported]) -> None:
    for name, content, tables in exported:
        for table, rows in tables.items():
            if table.encode() in content:
                held = rows_of(content, table)
                assert held >= rows
                with pytest.raises(Exception, match=f"{held} rows for {held + 1} ids"):
                    check_graph(content, name, tables | {table: held + 1})


def rows_of(content: bytes, table: str) -> int:
    return next(int(array.dims[0]) for array in onnx.load_from_string(content).graph.initializer if array.name == table)


@pytest.mark.parametrize("number", [10**6, 2**40, -5])
def test_a_constant_of_n_grams_out_of_range_is_not_run(number: int) -> None:
    shape = ngram_models.shape(3)
    graph = onnx.load_from_string(classifier_graph.build(shape, ngram_models.network(shape).exported(), 1.3))
    changed = 0
    for constant in graph.graph.initializer:
        if constant.data_type == onnx.TensorProto.INT64:
            before = constant.raw_data
            if onnx.numpy_helper.to_array(constant).size != 1:
                continue
            constant.raw_data = np.array(number, dtype=np.int64).tobytes()
            with pytest.raises(ArtefactError, match="out of range"):
                check_graph(graph.SerializeToString(), "graph")
            constant.raw_data = before
            changed += 1
    assert changed > 8


def test_no_operator_and_no_attribute_is_run_that_nothing_exports(exported: list[Exported]) -> None:
    written: dict[tuple[str, str], set[str]] = {}
    for _, content, _ in exported:
        for node in operators(onnx.load_from_string(content).graph):
            names = {attribute.name for attribute in node.attribute}
            written.setdefault((node.domain, node.op_type), set()).update(names)
    assert written == OPERATORS


def test_the_versions_of_the_operators_are_those_that_are_exported() -> None:
    assert {"": OPSET, DOMAIN: 1} == OPSETS


@pytest.mark.parametrize("path", sorted(MODELS.glob("*/*.onnx")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_graphs_of_the_first_version_are_run(path: Path) -> None:
    check_graph(path.read_bytes(), "graph")
