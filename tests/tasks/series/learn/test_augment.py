"""Series are changed in training alone, within bounds, and marks of missing values stay with their steps."""

from __future__ import annotations

import torch

from recurra.tasks.series.learn.augment import CROP, SCALE, Augmentation


def frames(lengths: torch.Tensor) -> torch.Tensor:
    """Return [B, T, 3]: the number of the step and 1, and a mark that is the number of the step too."""
    steps = torch.arange(1, int(lengths.max()) + 1).float().expand(len(lengths), -1)
    x = torch.stack([steps, torch.ones_like(steps), steps], dim=2)
    return x * (steps <= lengths[:, None])[:, :, None]


def test_nothing_changes_once_training_is_over() -> None:
    lengths = torch.tensor([5, 30])
    x, kept = Augmentation(2, 0.5).eval()(frames(lengths), lengths)
    assert torch.equal(x, frames(lengths)) and torch.equal(kept, lengths)


def test_a_part_of_each_series_is_kept_in_its_order_and_scaled() -> None:
    torch.manual_seed(3)
    lengths = torch.randint(1, 60, (500,))
    x, kept = Augmentation(2, 0.0)(frames(lengths), lengths)
    assert (kept >= lengths - (CROP * lengths).long()).all() and (kept <= lengths).all()
    assert x.shape[1] == kept.max()
    real = torch.arange(x.shape[1]) < kept[:, None]
    assert not x[~real].any()
    marks = x[:, :, 2]
    expected = marks[:, :1] + torch.arange(x.shape[1])
    assert torch.equal(marks[real], expected[real])
    assert (marks[:, 0] >= 1).all() and (marks[:, 0] - 1 + kept <= lengths).all() and (marks[:, 0] > 1).any()
    first, second = x[:, 0, 0] / marks[:, 0], x[:, 0, 1]
    for factors in (first, second):
        assert abs(factors.mean() - 1) < 0.02 and 0.8 * SCALE < factors.std() < 1.2 * SCALE
    assert abs(torch.corrcoef(torch.stack([first, second]))[0, 1]) < 0.2
    torch.testing.assert_close((x[:, :, 0] / marks.clamp(min=1))[real], first[:, None].expand_as(real)[real])


def test_series_of_one_length_stay_so_and_any_share_up_to_the_largest_is_cut() -> None:
    torch.manual_seed(0)
    augmentation, lengths, found = Augmentation(2, 0.0), torch.full((3,), 40), set()
    for _ in range(200):
        x, kept = augmentation(frames(lengths), lengths)
        assert kept.unique().numel() == 1 and x.shape[1] == kept[0]
        found.add(int(kept[0]))
    assert found == {36, 37, 38, 39, 40}


def test_noise_is_of_the_real_values_alone() -> None:
    torch.manual_seed(0)
    lengths = torch.tensor([2000, 9])
    x, kept = Augmentation(2, 0.05)(torch.zeros(2, 2000, 3), lengths)
    assert 0.045 < x[0, : kept[0], :2].std() < 0.055
    assert x[1, : kept[1], :2].all() and not x[1, kept[1] :].any() and not x[:, :, 2].any()
