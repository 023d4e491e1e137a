"""What is asked of a recurrent layer: its states at every step, or one state of each unit, which needs less memory."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Pick = Literal["all", "largest", "last"]
"""`last`: after everything is read, so at the first step for the backward direction."""


def picked(states: Tensor, lengths: Tensor, pick: Pick, both: bool) -> Tensor:
    """Return each unit's `largest` or `last` state over the real steps. states: [B, T, F] -> [B, F], or as they are.

    both: the second half of F belongs to the backward direction.
    """
    if pick == "all":
        return states
    if pick == "largest":
        steps = torch.arange(states.shape[1], device=states.device)
        return states.masked_fill((steps >= lengths[:, None])[:, :, None], -torch.inf).amax(1)
    final = states[torch.arange(len(states), device=states.device), lengths - 1]  # [B, F]
    if not both:
        return final
    half = states.shape[-1] // 2
    return torch.cat([final[:, :half], states[:, 0, half:]], dim=-1)
