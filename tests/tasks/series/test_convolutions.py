"""Random convolutions against PyTorch's, and their features against counting."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from recurra.tasks.series.convolutions import KERNELS, LENGTH, RandomConvolutions, base_kernels, convolve


def made(values: int, seed: int, width: float = 0.5) -> RandomConvolutions:
    generator = np.random.default_rng(seed)
    dilations = np.array([1, 3, 8], dtype=np.int32)
    channels = (generator.random((3, KERNELS, values)) < 0.6).astype(np.float32)
    biases = generator.normal(0, 2, (3, KERNELS, 4)).astype(np.float32)
    return RandomConvolutions(dilations, channels, biases, np.full((3, KERNELS), width, dtype=np.float32))


def test_there_are_84_kernels_that_add_up_to_nothing() -> None:
    kernels = base_kernels()
    assert kernels.shape == (84, LENGTH) and (kernels.sum(axis=1) == 0).all()
    assert len({tuple(kernel) for kernel in kernels.tolist()}) == 84


@pytest.mark.parametrize("steps", [1, 2, 9, 40])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dilation", [1, 2, 7])
def test_outputs_are_those_of_pytorch(steps: int, channels: int, dilation: int) -> None:
    generator = np.random.default_rng(steps)
    values = generator.normal(size=(steps, channels)).astype(np.float32)
    weights = generator.normal(size=(KERNELS, channels, LENGTH)).astype(np.float32)
    expected = functional.conv1d(
        torch.from_numpy(values.T[None]), torch.from_numpy(weights), padding=4 * dilation, dilation=dilation
    )
    np.testing.assert_allclose(convolve(values, weights, dilation), expected[0].numpy(), atol=1e-4)


@pytest.mark.parametrize("width", [1e-5, 0.5, 3.0])
def test_a_feature_is_the_share_of_the_steps_above_its_bias(width: float) -> None:
    values = np.random.default_rng(1).normal(size=(33, 2)).astype(np.float32)
    convolutions = made(2, 1, width)
    found = convolutions(values).reshape(convolutions.biases.shape)
    for place in range(3):
        over = convolutions.outputs(values, place)[:, None, :] - convolutions.biases[place][:, :, None].astype(float)
        in_part = np.interp(over, [-width / 2, width / 2], [0, 1])
        clear = (np.abs(over) > width).all(axis=2)
        np.testing.assert_allclose(in_part[clear].mean(axis=1), (over > 0)[clear].mean(axis=1))
        near = np.abs(over).min(axis=2) < 1e-4 if width < 1e-4 else np.zeros(clear.shape, dtype=bool)
        np.testing.assert_allclose(found[place][~near], in_part.mean(axis=2)[~near], atol=1e-5)


def test_features_hardly_change_where_the_values_hardly_do() -> None:
    generator = np.random.default_rng(2)
    values = generator.normal(size=(50, 3)).astype(np.float32)
    convolutions = made(3, 2)
    moved = values + generator.normal(0, 1e-6, values.shape).astype(np.float32)
    np.testing.assert_allclose(convolutions(values), convolutions(moved), atol=1e-4)
    assert convolutions.features == len(convolutions(values)) == 3 * 84 * 4


def test_channels_that_are_not_chosen_do_not_count() -> None:
    convolutions = made(2, 3)
    values = np.random.default_rng(3).normal(size=(20, 2)).astype(np.float32)
    other = values.copy()
    other[:, 1] += 5
    same = (convolutions(values) == convolutions(other)).reshape(convolutions.biases.shape).all(axis=2)
    assert same[convolutions.channels[:, :, 1] == 0].all()
    assert not same[convolutions.channels[:, :, 1] == 1].all()
