"""What an estimator's caller may give, and what of torch is as it was afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.errors import OptionError
from recurra.many_to_one.learn.caller import texts_of, torch_as_it_was


def test_columns_of_texts_are_taken() -> None:
    assert texts_of(("a", "b")) == ["a", "b"]
    assert texts_of(np.array(["a", "b"])) == ["a", "b"]
    assert texts_of(text for text in "ab") == ["a", "b"]


@pytest.mark.parametrize("given", ["text", b"text", np.zeros((2, 2)), {"a": 1}, {"a"}, 3])
def test_anything_else_is_refused_by_its_name(given: object) -> None:
    with pytest.raises(OptionError, match=r"^others must be"):
        texts_of(given, "others")  # type: ignore[arg-type]


def test_the_random_generator_and_the_threads_are_as_they_were() -> None:
    torch.manual_seed(5)
    expected, threads = torch.rand(3), torch.get_num_threads()
    torch.manual_seed(5)
    with torch_as_it_was():
        torch.manual_seed(99)
        torch.rand(7)
        torch.set_num_threads(1)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
