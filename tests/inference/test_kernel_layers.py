"""The kernel's product and layers against NumPy and torch, of sizes that are no multiple of its blocks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.inference.kernel_layers import KernelLayer, KernelProduct, available, open_kernel, padded, spread
from recurra.kernel.layout import weight_kinds
from recurra.kernel.ragged import Ragged
from recurra.storage.shape import RecurrentStack
from support.torch_cells import MODULES

pytestmark = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")
RNG = np.random.default_rng(0)


def random(*shape: int) -> np.ndarray:
    return RNG.normal(0, 0.5, shape).astype(np.float32)


def test_a_product_is_a_product() -> None:
    weight, bias, x = random(32, 11), random(32), random(7, 11)
    product = KernelProduct(open_kernel(), weight, bias)
    np.testing.assert_allclose(product(x), x @ weight.T + bias, atol=1e-5)
    out = np.zeros((7, 32), dtype=np.float32)
    product.rows(x, np.array([5, 2], dtype=np.int32), out)
    np.testing.assert_allclose(out[[2, 5]], (x @ weight.T + bias)[[2, 5]], atol=1e-5)
    assert not out[[0, 1, 3, 4, 6]].any()


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize("hidden", [5, 16])
def test_a_layer_computes_what_torch_does(cell: str, hidden: int) -> None:
    stack = RecurrentStack(cell, 6, hidden, 1, "both")  # type: ignore[arg-type]
    weights = {name: random(*shape) for name, shape in stack.weight_shapes("recurrent.layers").items()}
    reference = MODULES[cell](6, hidden, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for name, suffix in (("left_to_right", "l0"), ("right_to_left", "l0_reverse")):
            for kind in weight_kinds(cell):
                getattr(reference, f"{kind}_{suffix}").copy_(
                    torch.from_numpy(weights[f"recurrent.layers.0.{name}.{kind}"])
                )
    lengths = np.array([4, 9, 1])
    x = random(3, 9, 6)
    layer = KernelLayer(open_kernel(), stack, weights, 0)
    index = np.arange(27, dtype=np.int32).reshape(3, 9)
    states = layer.run(layer.product(x.reshape(27, 6)), index, Ragged.of(lengths, 9), "all", helped=False)
    assert states.shape == (3, 9, 2 * padded(hidden))
    for row, length in enumerate(lengths):
        expected = reference(torch.from_numpy(x[row : row + 1, :length]))[0][0].detach().numpy()
        np.testing.assert_allclose(states[row, :length], spread(expected, hidden, axis=1), atol=1e-5)


def test_spreading_puts_zeros_behind_each_part() -> None:
    assert padded(5) == 16 and padded(16) == 16
    made = spread(np.arange(10, dtype=np.float32).reshape(1, 10), 5, axis=1)
    assert made.shape == (1, 32)
    assert made[0, :5].tolist() == [0, 1, 2, 3, 4] and made[0, 16:21].tolist() == [5, 6, 7, 8, 9]
    assert not made[0, 5:16].any() and not made[0, 21:].any()
