"""What a pooling asks of a recurrent layer, made of its states at every step."""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.kernel.layout import Pick


def picked(states: Tensor, lengths: Tensor, pick: Pick, both: bool) -> Tensor:
    """Return what is picked of each unit's states over the real steps. states: [B, T, F] -> [B, PICKED * F], or all.

    both: the second half of F belongs to the backward direction.
    """
    if pick == "all":
        return states
    if pick == "last":
        final = states[torch.arange(len(states), device=states.device), lengths - 1]  # [B, F]
        if not both:
            return final
        half = states.shape[-1] // 2
        return torch.cat([final[:, :half], states[:, 0, half:]], dim=-1)
    padding = (torch.arange(states.shape[1], device=states.device) >= lengths[:, None])[:, :, None]
    found = []
    if pick != "sum":
        found.append(states.masked_fill(padding, -torch.inf).amax(1))
    if pick != "largest":
        exact = torch.promote_types(states.dtype, torch.float32)
        found.append(states.masked_fill(padding, 0).sum(1, dtype=exact).to(states.dtype))
    return torch.cat(found, dim=-1)
