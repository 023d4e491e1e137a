"""Options of a text generator: defaults by token unit, and those that a unit has no use for."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.tasks.configuration import task_options


def test_defaults_go_with_the_token_unit() -> None:
    widths = [task_options({"task": "generate", "level": level}).model_dump()["embedding"] for level in ("char", "bpe")]
    assert widths == [64, 256]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_count": 3}, "--min-count does nothing with --level char"),
        ({"vocabulary": 300, "min_count": 3}, "--vocabulary and --min-count do nothing with --level char"),
        ({"level": "bpe", "min_count": 3}, "--min-count does nothing with --level bpe"),
    ],
)
def test_what_a_token_unit_has_no_use_for_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        task_options({"task": "generate", **given})
    task_options({"task": "generate", **given, "level": "word"})
