"""The end of a training command: the time, and what comes next."""

from __future__ import annotations

from recurra.cli.trained import print_end
from support.printed import printed


def test_names_stand_before_what_was_written() -> None:
    metrics = {"timing": {"total": 61.4, "train": 40.0}}
    text = printed(lambda console, values: print_end(console, values, {"Model": "a[b]", "Next": "recurra x"}), metrics)
    assert text == "Time: 61 s in all, 40 s of it training\n\nModel a[b]\nNext recurra x"
