"""The network for series: padding counts for nothing, and its inputs are standardised."""

from __future__ import annotations

import numpy as np
import torch

from recurra.nn.batch import Batch
from recurra.tasks.series.learn.network import SeriesNetwork
from support.series import shape


def test_what_stands_beyond_the_end_counts_for_nothing() -> None:
    torch.manual_seed(0)
    network = SeriesNetwork(shape(layers=2), dropout=0.5).eval()
    rng = np.random.default_rng(0)
    series = [rng.normal(size=(length, 4)).astype(np.float32) for length in (1, 7, 3, 20)]
    with torch.inference_mode():
        together = network(Batch.of(series))
        for row, values in enumerate(series):
            np.testing.assert_allclose(network(Batch.of([values]))[0], together[row], atol=1e-6)
            longer = Batch(
                torch.from_numpy(np.pad(values, ((0, 4), (0, 0)), constant_values=9))[None], torch.tensor([len(values)])
            )
            np.testing.assert_allclose(network(longer)[0], together[row], atol=1e-6)


def test_units_and_offsets_do_not_matter_once_standardised() -> None:
    torch.manual_seed(0)
    network = SeriesNetwork(shape()).eval()
    values = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    with torch.inference_mode():
        plain = network(Batch.of([values]))
        network.standardise(np.full(4, 100, np.float32), np.full(4, 20, np.float32))
        np.testing.assert_allclose(network(Batch.of([100 + 20 * values])), plain, atol=1e-5)


def test_dropout_is_of_training_alone() -> None:
    network = SeriesNetwork(shape(), dropout=0.5)
    batch = Batch.of([np.ones((5, 4), dtype=np.float32)])
    assert not torch.equal(network(batch), network(batch))
    network.eval()
    assert torch.equal(network(batch), network(batch))
