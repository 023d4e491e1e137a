"""Adam (Kingma and Ba, 2015: Adam, a method for stochastic optimization), and the norm that its gradients may have.

It is torch's. A table of which a batch looks up few rows may have a sparse gradient; the kernel then computes the same
update as with the zeros written out, without them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from recurra.kernel.library import Adam as Step
from recurra.kernel.library import library
from recurra.nn.embedding import Embedding
from recurra.nn.recurrent import Recurrent


class Adam(torch.optim.Adam):
    """torch's fused Adam, which also takes sparse gradients with distinct rows, on a CPU that has the kernel.

    A group of weights may have a `rate`, the factor of its learning rate, and `rows`, how many of the first rows of its
    tables a sparse gradient may have; the rows after them are not touched.
    """

    def __init__(self, parameters: Iterable[Tensor] | Iterable[dict[str, Any]], learning_rate: float) -> None:
        super().__init__(parameters, lr=learning_rate, fused=True)

    def set_rate(self, learning_rate: float) -> None:
        """Set the learning rate, times the factor of each group."""
        for group in self.param_groups:
            group["lr"] = learning_rate * group.get("rate", 1.0)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None and weight.grad.is_sparse:
                    self._step_by_rows(group, weight, weight.grad)
                    weight.grad = None
        super().step()

    def _step_by_rows(self, group: dict[str, Any], weight: Tensor, gradient: Tensor) -> None:
        state = self.state[weight]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(weight), torch.zeros_like(weight)
        state["step"] += 1
        steps, (beta1, beta2) = float(state["step"]), group["betas"]
        kernel = library()
        variant = kernel.variant("float32") if kernel else None
        if kernel is None or variant is None:
            raise RuntimeError("sparse gradients need the kernel")
        rows, values = gradient._indices()[0].contiguous(), gradient._values().float().contiguous()
        threads = torch.get_num_threads()
        reached = len(weight) if group.get("rows") is None else group["rows"]
        bounds = [reached * part // threads for part in range(threads + 1)]
        parts = []
        for begin, end in itertools.pairwise(bounds):
            step = Step(begin, end, weight.shape[1])
            step.value, step.first = weight.data_ptr(), state["exp_avg"].data_ptr()
            step.second, step.row, step.gradient = state["exp_avg_sq"].data_ptr(), rows.data_ptr(), values.data_ptr()
            step.count, step.scale, step.beta1, step.beta2 = len(rows), 1.0, beta1, beta2
            step.rate, step.root = group["lr"] / (1 - beta1**steps), 1 / math.sqrt(1 - beta2**steps)
            step.epsilon = group["eps"]
            parts.append(step)
        kernel.adam(variant, parts, threads)


def weight_groups(network: nn.Module) -> list[dict[str, Any]]:
    """Return a network's weights in groups of one learning rate: those of `Embedding`s and of recurrent layers that
    have their own, and the others, which are first."""
    own = [
        module
        for module in network.modules()
        if isinstance(module, Embedding) and (module.rate != 1.0 or module.learnt is not None)
    ]
    slow = [module for module in network.modules() if isinstance(module, Recurrent) and module.rate != 1.0]
    groups: list[dict[str, Any]] = [
        *({"params": [each.weight], "rate": each.rate, "rows": each.learnt} for each in own),
        *({"params": list(each.parameters()), "rate": each.rate} for each in slow),
    ]
    apart = {id(weight) for group in groups for weight in group["params"]}
    return [{"params": [weight for weight in network.parameters() if id(weight) not in apart]}, *groups]


def takes_rows(device: torch.device) -> bool:
    """Return whether `Adam` takes sparse gradients there."""
    kernel = library()
    return device.type == "cpu" and kernel is not None and kernel.variant("float32") is not None


def clip_norm(weights: Iterable[Tensor], limit: float) -> Tensor:
    """Scale the gradients so that their norm, taken together, is at most `limit`. Returns the norm before that.

    The rows of a sparse gradient must be distinct.
    """
    sparse_or_dense = [weight.grad for weight in weights if weight.grad is not None]
    gradients = [gradient._values() if gradient.is_sparse else gradient for gradient in sparse_or_dense]
    norm: Tensor = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]))
    if norm > limit:
        for gradient in gradients:
            gradient.mul_(limit / (norm + 1e-6))
    return norm
