"""Waveforms on disk come back as they were, to 16 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recurra.tasks.transcribe.learn.waveforms import SCALE, Waveforms


def test_samples_come_back_in_any_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    all_samples = [rng.uniform(-1, 1, size).astype(np.float32) for size in (5, 0, 700_000, 1, 33)]
    waveforms = Waveforms(tmp_path)
    for samples in all_samples:
        waveforms.append(samples)
    assert len(waveforms) == len(all_samples)
    for row in (4, 2, 0, 1, 3, 2):
        assert waveforms.samples(row) == len(all_samples[row])
        assert waveforms[row].dtype == np.float32
        np.testing.assert_allclose(waveforms[row], all_samples[row], atol=0.6 / SCALE)
    waveforms.close()
    assert list(tmp_path.iterdir()) == []


def test_what_has_16_bits_is_kept_exactly_and_what_is_too_loud_is_clipped() -> None:
    waveforms = Waveforms()
    exact = (np.arange(-SCALE, SCALE + 1) / SCALE).astype(np.float32)
    waveforms.append(exact)
    waveforms.append(np.array([-3.0, 2.0], dtype=np.float32))
    np.testing.assert_array_equal(waveforms[0], exact)
    np.testing.assert_array_equal(waveforms[1], [-1, 1])
    waveforms.close()
