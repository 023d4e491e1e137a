"""Training series are changed a little each time they are read: cut at both ends, scaled, and made noisy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CROP = 0.1
"""The largest share of a series that is cut off, at both ends together: the same of all series of a batch, so that
those of one length stay so, which is faster; where it begins differs."""
SCALE = 0.1
"""Standard deviation of the factor of a channel, around 1."""


class Augmentation(nn.Module):
    """Changes standardised frames while the network learns, and nothing afterwards.

    channels: C, of the first values of a frame; the marks after them stay as they are. noise: its standard deviation.
    Random numbers are torch's, so that a resumed run sees the same.
    """

    def __init__(self, channels: int, noise: float) -> None:
        super().__init__()
        self.channels, self.noise = channels, noise

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """x: [B, T, V], 0 beyond a row's length; lengths: [B]. Returns both, changed; T may be smaller."""
        if not self.training:
            return x, lengths
        x, lengths = self._cropped(x, lengths)
        mask = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, :, None]
        values, marks = x[:, :, : self.channels], x[:, :, self.channels :]
        factors = 1 + SCALE * torch.randn(len(x), 1, self.channels, device=x.device)
        values = values * factors + self.noise * torch.randn(values.shape, device=x.device)
        return torch.cat([values * mask, marks], dim=2), lengths

    def _cropped(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        most = CROP * lengths
        cut = torch.minimum((torch.rand((), device=x.device) * (most + 1)).long(), most.long())
        start = (torch.rand(len(x), device=x.device) * (cut + 1)).long()
        kept = lengths - cut
        at = torch.arange(int(kept.max()), device=x.device)
        index = (start[:, None] + at).clamp(max=x.shape[1] - 1)  # [B, T]
        cropped = x.gather(1, index[:, :, None].expand(-1, -1, x.shape[2]))
        return cropped * (at < kept[:, None])[:, :, None], kept
