"""One set of weights answers as the blend of the network and of the linear model, in the unit of the targets."""

from __future__ import annotations

import numpy as np
import torch

from recurra.inference.session import open_graph
from recurra.nn.batch import Batch
from recurra.tasks.series.engines import GraphEngine
from recurra.tasks.series.learn.blend import Blend
from recurra.tasks.series.learn.graph import build
from recurra.tasks.series.learn.linear import fit_linear
from recurra.tasks.series.learn.together import together
from recurra.tasks.series.options import SeriesOptions
from support.series import module_of, shape, waves


def test_one_graph_answers_for_both() -> None:
    series, labels = waves(12)
    plain = shape(channels=2, masks=0, dilations=(), biases=0)
    module = module_of(plain)
    weights = module.arrays()
    standard = [(values - weights["mean"]) / weights["deviation"] for values in series]
    linear = fit_linear(standard, labels, 3, "classify", SeriesOptions(convolutions=168))
    assert linear is not None
    found = together(weights, linear, Blend(0.3, 2.0), 5.0, 7.0)
    dilations = tuple(int(one) for one in linear.convolutions.dilations)
    both = shape(channels=2, masks=0, dilations=dilations, biases=linear.convolutions.biases.shape[2])
    engine = GraphEngine(open_graph(build(both, found), "model.onnx", {}), both)
    with torch.inference_mode():
        own = module(Batch.of(series)).numpy()
    expected = 7 * (0.3 * own + 2 * linear.outputs(standard)) + 5
    answers = np.concatenate([engine(values[None], np.array([len(values)])) for values in series])
    np.testing.assert_allclose(answers, expected, atol=1e-4, rtol=1e-4)
    alone = together(weights, None, Blend(1.0, 0.0), 0.0, 1.0)
    assert alone.keys() == weights.keys() and all((alone[name] == weights[name]).all() for name in weights)
