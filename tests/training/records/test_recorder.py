"""What an error of a record says."""

from __future__ import annotations

import pytest

from recurra.training.records.recorder import reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("one line\nand another"), "one line."),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device."),
        (ValueError("A sentence."), "A sentence."),
        (ValueError(), "ValueError."),
    ],
)
def test_a_reason_is_one_sentence(error: Exception, said: str) -> None:
    assert reason(error) == said
