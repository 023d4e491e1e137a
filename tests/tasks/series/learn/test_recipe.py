"""The shape and the training that suit series of one length."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.tasks.series.learn.recipe import LONG_SERIES, SHORT, SHORT_SERIES, STEPS, Recipe, network_shape
from recurra.tasks.series.options import SeriesOptions
from recurra.training.setup import Setup
from support.series import inputs, shape


@pytest.mark.parametrize("length", [1, SHORT, SHORT + 1, 150, 400, 401, 1460, 12_345, 10**6])
def test_any_length_has_a_shape_with_few_steps_that_leaves_no_frame_out(length: int) -> None:
    found = network_shape(inputs(), length, None, 3, "classify", SeriesOptions())
    (width, _, stride), *_ = found.front
    assert (found.channels, found.masks, found.outputs) == (3, 1, 3)
    if length < 12_000:
        assert width >= stride
    steps = -(-length // found.step)
    assert steps <= (max(STEPS, SHORT) if length < 10**5 else length / 4096 + 1)
    assert length <= SHORT or found.pool > 1


def recipe(**changes: object) -> Recipe:
    one = np.ones(4, dtype=np.float32)
    setup = Setup(torch.device("cpu"), bf16=False)
    return Recipe(shape(), LONG_SERIES, 0 * one, one, SeriesOptions(**changes), setup)


def test_few_rows_are_read_more_often_than_many() -> None:
    few = recipe()
    assert few.epochs(20) == few.epochs(32) == LONG_SERIES.steps
    assert few.epochs(33) == LONG_SERIES.steps / 2
    assert few.epochs(10**6) == 10
    assert few.epochs(20, share=0.5) == LONG_SERIES.steps / 2
    assert recipe(epochs=7).epochs(10**6) == 7 and recipe(epochs=1).epochs(20, share=0.1) == 1
    assert SHORT_SERIES.steps > LONG_SERIES.steps
