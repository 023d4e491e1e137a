"""The conditional random field against the enumeration of all tag sequences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from recurra.tasks.tag.learn.crf import CRF
from recurra.tasks.tag.viterbi import Transitions, viterbi

LENGTHS = [1, 4, 2, 5, 3]


def random_crf(tags: int, seed: int) -> tuple[CRF, torch.Tensor, torch.Tensor]:
    """A field, scores [B, T, K] and lengths [B], all in float64."""
    torch.manual_seed(seed)
    crf = CRF(tags).double()
    for weight in crf.parameters():
        torch.nn.init.normal_(weight)
    return crf, torch.randn(len(LENGTHS), max(LENGTHS), tags, dtype=torch.float64), torch.tensor(LENGTHS)


@torch.no_grad()
def every_path(crf: CRF, scores: torch.Tensor) -> dict[tuple[int, ...], float]:
    """The score of each tag sequence of one sentence [T, K], by the definition."""
    found = {}
    for path in itertools.product(range(scores.shape[1]), repeat=len(scores)):
        total = crf.starts[path[0]] + crf.ends[path[-1]] + sum(scores[t, tag] for t, tag in enumerate(path))
        found[path] = float(total + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path)))
    return found


@pytest.mark.parametrize(("tags", "seed"), [(2, 0), (3, 1), (4, 2)])
def test_likelihood_and_decoding_equal_enumeration(tags: int, seed: int) -> None:
    crf, scores, lengths = random_crf(tags, seed)
    given = torch.randint(0, tags, scores.shape[:2])
    likelihood = crf.log_likelihood(scores, given, lengths).detach()
    decoded = crf.decode(scores, lengths)
    numbers = [weight.detach().float().numpy() for weight in (crf.transitions, crf.starts, crf.ends)]
    by_numpy = viterbi(scores.float().numpy(), lengths.numpy(), Transitions(*numbers))
    for row, length in enumerate(LENGTHS):
        paths = every_path(crf, scores[row, :length])
        total = np.logaddexp.reduce(list(paths.values()))
        assert likelihood[row].item() == pytest.approx(paths[tuple(given[row, :length].tolist())] - total, abs=1e-10)
        best = max(paths, key=lambda path: paths[path])
        assert tuple(decoded[row, :length].tolist()) == best == tuple(by_numpy[row, :length].tolist())
        assert not decoded[row, length:].any() and not by_numpy[row, length:].any()


def test_probabilities_add_up_to_one_and_gradients_are_right() -> None:
    crf, scores, lengths = random_crf(3, 3)
    row, length = 4, 3
    paths = [torch.tensor([path]) for path in itertools.product(range(3), repeat=length)]
    total = sum(
        crf.log_likelihood(scores[row : row + 1, :length], path, torch.tensor([length])).exp() for path in paths
    )
    assert float(total.detach()) == pytest.approx(1, abs=1e-12)
    given = torch.randint(0, 3, scores.shape[:2])
    scores.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: crf.log_likelihood(x, given, lengths), (scores,))


def test_padding_changes_nothing() -> None:
    crf, scores, lengths = random_crf(3, 4)
    given = torch.randint(0, 3, scores.shape[:2])
    spoilt, padded = scores.clone(), given.clone()
    for row, length in enumerate(LENGTHS):
        spoilt[row, length:] = 1e6
        padded[row, length:] = -1
    more = torch.cat([spoilt, torch.full_like(spoilt[:, :2], -1e6)], dim=1)
    longer = torch.cat([padded, torch.zeros_like(padded[:, :2])], dim=1)
    assert torch.equal(crf.log_likelihood(scores, given, lengths), crf.log_likelihood(more, longer, lengths))
    assert torch.equal(crf.decode(scores, lengths), crf.decode(more, lengths)[:, : scores.shape[1]])
