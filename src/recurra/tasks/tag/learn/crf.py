"""A conditional random field over a chain of tags (Lafferty et al., 2001; Lample et al., 2016, section 2.2).

score(y) = start[y_1] + sum_t emission_t[y_t] + sum_t transition[y_(t-1), y_t] + end[y_T]
p(y) = exp(score(y)) / sum over all y' of exp(score(y'))
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CRF(nn.Module):
    """Scores of tag sequences.

    transitions: [K, K], from a tag (row) to the next one (column); starts, ends: [K].
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.starts = nn.Parameter(torch.zeros(tags))
        self.ends = nn.Parameter(torch.zeros(tags))

    def log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return log p(tags) [B]. emissions: [B, T, K]; tags: [B, T], arbitrary beyond a length; lengths: [B]."""
        return self.score(emissions, tags, lengths) - self.log_partition(emissions, lengths)

    def score(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return score(tags) [B]. emissions: [B, T, K]; tags: [B, T], arbitrary beyond a length; lengths: [B]."""
        real = torch.arange(emissions.shape[1], device=emissions.device) < lengths[:, None]  # [B, T]
        tags = tags.where(real, 0)
        emitted = emissions.gather(2, tags[:, :, None]).squeeze(2).masked_fill(~real, 0).sum(1)
        moved = self.transitions[tags[:, :-1], tags[:, 1:]].masked_fill(~real[:, 1:], 0).sum(1)
        last = tags.gather(1, lengths[:, None] - 1).squeeze(1)
        return self.starts[tags[:, 0]] + emitted + moved + self.ends[last]

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the logarithm of the sum of exp(score) over all tag sequences [B], by the forward algorithm.

        emissions: [B, T, K]; lengths: [B].
        """
        alpha = self.starts + emissions[:, 0]  # [B, K]
        for t in range(1, emissions.shape[1]):
            step = torch.logsumexp(alpha[:, :, None] + self.transitions, dim=1) + emissions[:, t]
            alpha = step.where((t < lengths)[:, None], alpha)
        return torch.logsumexp(alpha + self.ends, dim=1)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the likeliest tags [B, T] by the Viterbi algorithm, 0 beyond a length.

        emissions: [B, T, K]; lengths: [B]. Of equal scores the lower tag wins, from the last step to the first.
        """
        batch, time, _ = emissions.shape
        best = self.starts + emissions[:, 0]  # [B, K]
        previous = []
        for t in range(1, time):
            scores, source = (best[:, :, None] + self.transitions).max(dim=1)
            real = (t < lengths)[:, None]
            best = (scores + emissions[:, t]).where(real, best)
            previous.append(source)
        tags = emissions.new_zeros((batch, time), dtype=torch.int64)
        tag = (best + self.ends).argmax(dim=1)
        for t in range(time - 1, -1, -1):
            tags[:, t] = tag.where(t < lengths, 0)
            if t:
                tag = previous[t - 1].gather(1, tag[:, None]).squeeze(1).where(t < lengths, tag)
        return tags
