"""Series in batches: each row once an epoch, padded on the right."""

from __future__ import annotations

import numpy as np

from recurra.tasks.series.learn.examples import Examples


def test_every_series_is_in_one_batch_as_it_is() -> None:
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(int(length), 3)).astype(np.float32) for length in rng.integers(1, 50, 23)]
    rows = Examples(frames, np.arange(23))
    batches = rows.batches(4, np.random.default_rng(1))
    assert sorted(np.concatenate(batches).tolist()) == list(range(23)) and len(rows) == 23
    for chosen in batches:
        batch, targets = rows.batch(chosen)
        assert targets.tolist() == chosen.tolist()
        for row, values, length in zip(chosen, batch.values.numpy(), batch.lengths.tolist(), strict=True):
            np.testing.assert_array_equal(values[:length], frames[row])
            assert not values[length:].any()
