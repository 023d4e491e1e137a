"""What Python callers give: the names and types in the errors, and what passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars
import pytest

from recurra.errors import OptionError
from recurra.options.arguments import check_number, check_text, check_texts, check_whole, is_words, several


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (check_number, [1, 2.5, np.float32(1), np.int64(3)], ["1", None, True, [1], 1j]),
        (check_whole, [1, np.int64(3), np.uint8(0)], [1.0, "1", None, False, np.float64(2)]),
        (check_text, ["", "a", np.str_("b")], [b"a", None, 3, ["a"]]),
    ],
)
def test_a_value_of_another_type_is_named(
    check: Callable[[object, str], None], good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        check(value, "The thing")
    for value in bad:
        with pytest.raises(OptionError, match=rf"The thing must be a .*; got {type(value).__name__}"):
            check(value, "The thing")


def test_several_are_a_list_or_anything_that_gives_one_after_the_other() -> None:
    for good in (["a"], ("a",), iter(["a"]), np.array(["a"]), polars.Series(["a"])):
        assert list(several(good)) == ["a"]
    for bad in ("a", b"a", {"a": 1}, {"a"}, None, 5, np.array([["a"]]), polars.DataFrame({"a": ["b"]})):
        with pytest.raises(OptionError, match="texts must be "):
            several(bad)


def test_an_item_is_named_by_its_number() -> None:
    check_texts(["a", "b"], "turns")
    with pytest.raises(OptionError, match="Item 11 of turns is NoneType; every item must be a str"):
        check_texts(["a", None], "turns", first=10)


def test_words_are_a_sequence_of_texts() -> None:
    assert is_words(["a"]) and is_words(()) and is_words(np.array(["a", "b"]))
    for bad in ("ab", b"ab", None, 5, [1], {"a"}, {"a": 1}, [["a"]]):
        assert not is_words(bad)
