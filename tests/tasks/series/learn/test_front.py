"""Convolutions that learn: their normalisation sees the real steps alone, and ends up in the weights."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from recurra.tasks.series.front import Front as Exported
from recurra.tasks.series.learn.front import MOMENTUM, ConvolutionLayer
from support.series import module_of, shape, weights_of


def padded(lengths: torch.Tensor, channels: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(lengths), channels, int(lengths.max()), generator=generator)
    return x * (torch.arange(x.shape[2]) < lengths[:, None])[:, None]


def test_normalisation_is_over_the_real_steps_of_all_series() -> None:
    torch.manual_seed(0)
    layer = ConvolutionLayer(3, 5, 4, 2)
    with torch.no_grad():
        layer.scale.uniform_(0.5, 2)
        layer.offset.normal_()
    lengths = torch.tensor([9, 1, 4, 12])
    x = padded(lengths, 3)
    found, counts = layer(x, lengths)
    alone = [
        functional.conv1d(row[None, :, :length], layer.weight, None, 2, 2)[0]
        for row, length in zip(x, lengths, strict=True)
    ]
    mean, variance = torch.zeros(4), torch.ones(4)
    whole = functional.batch_norm(
        torch.cat(alone, dim=1).T, mean, variance, layer.scale, layer.offset, training=True, momentum=MOMENTUM
    ).relu()
    for row, expected in enumerate(whole.split([one.shape[1] for one in alone])):
        assert counts[row] == len(expected)
        torch.testing.assert_close(found[row, :, : len(expected)], expected.T, atol=1e-5, rtol=1e-4)
        assert not found[row, :, len(expected) :].any()
    torch.testing.assert_close(layer.mean, mean)
    torch.testing.assert_close(layer.variance, variance)


def test_series_of_one_length_are_normalised_alike() -> None:
    torch.manual_seed(1)
    quick, masked = ConvolutionLayer(3, 3, 4, 1), ConvolutionLayer(3, 3, 4, 1)
    masked.load_state_dict(quick.state_dict())
    lengths = torch.tensor([8, 8, 8])
    x = padded(lengths, 3)
    found, _ = quick(x, lengths)
    expected, _ = masked(functional.pad(x, (0, 2)), lengths)
    torch.testing.assert_close(found, expected[:, :, :8], atol=1e-5, rtol=1e-4)
    for one, other in zip(quick.buffers(), masked.buffers(), strict=True):
        torch.testing.assert_close(one, other)
    for layer in (quick, masked):
        layer.eval()
    torch.testing.assert_close(quick(x, lengths)[0], masked(functional.pad(x, (0, 2)), lengths)[0][:, :, :8])


def test_a_single_step_can_be_learnt_from() -> None:
    layer = ConvolutionLayer(2, 3, 4, 1)
    found, _ = layer(torch.randn(1, 2, 1), torch.tensor([1]))
    found.sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in layer.parameters() if weight.grad is not None)
    assert torch.isfinite(layer.variance).all()


def test_the_exported_weights_answer_as_the_front_does() -> None:
    network = shape()
    lengths = torch.tensor([7, 1, 20])
    x = padded(lengths, network.values).transpose(1, 2)
    with torch.inference_mode():
        expected = module_of(network).front(x, lengths)
    found = Exported.of(network, weights_of(network))(x.numpy(), lengths.numpy())
    for own, exported in zip(expected, found, strict=True):
        np.testing.assert_allclose(exported, own, atol=1e-5)
