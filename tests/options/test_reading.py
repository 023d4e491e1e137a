"""How the options of a table are written on a command line."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.options.reading import TableOptions


@pytest.mark.parametrize(("given", "meant"), [("\\t", "\t"), ("\t", "\t"), (";", ";"), ("\\", "\\"), ("t", "t")])
def test_a_tab_may_be_spelled_out(given: str, meant: str) -> None:
    assert validated(TableOptions, {"delimiter": given}).delimiter == meant


@pytest.mark.parametrize(
    "wrong",
    [{"delimiter": "\\n"}, {"delimiter": ""}, {"delimiter": "ab"}, {"escape": ""}, {"escape": "ab"}, {"quote": "''"}],
)
def test_marks_are_one_character(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=f"--{next(iter(wrong))} cannot be"):
        validated(TableOptions, wrong)
