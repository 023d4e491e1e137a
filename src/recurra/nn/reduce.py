"""Reductions of a recurrent layer's states over time, as poolings need them."""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.kernel.layout import Reduction


def reduce_over_time(states: Tensor, lengths: Tensor, reduction: Reduction, both: bool) -> Tensor:
    """Reduce each feature over the real steps.

    states: [B, T, F], arbitrary in the padding; lengths: [B]; both: the second half of F is the backward direction's.
    Returns [B, F], [B, 2F] for `max_and_sum`, or `states` itself for `all`.
    """
    if reduction == "all":
        return states
    if reduction == "last":
        final = states[torch.arange(len(states), device=states.device), lengths - 1]  # [B, F]
        if not both:
            return final
        half = states.shape[-1] // 2
        return torch.cat([final[:, :half], states[:, 0, half:]], dim=-1)
    padding = (torch.arange(states.shape[1], device=states.device) >= lengths[:, None])[:, :, None]
    parts = []
    if reduction != "sum":
        parts.append(states.masked_fill(padding, -torch.inf).amax(1))
    if reduction != "max":
        exact = torch.promote_types(states.dtype, torch.float32)
        parts.append(states.masked_fill(padding, 0).sum(1, dtype=exact).to(states.dtype))
    return torch.cat(parts, dim=-1)
