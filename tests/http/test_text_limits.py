"""Limits on the texts of a request: the field, the numbers and what to do, and nothing of the text."""

from __future__ import annotations

import pytest

from recurra.http.errors import HTTPError
from recurra.http.options import ServeOptions
from recurra.http.text_limits import check_texts

OPTIONS = ServeOptions(max_inputs=2, max_characters=5)


@pytest.mark.parametrize("texts", [[], ["12345", ""], ["\U0001f600" * 5]])
def test_what_is_within_the_limits_passes(texts: list[str]) -> None:
    check_texts(OPTIONS, texts, "inputs")


@pytest.mark.parametrize(
    ("texts", "code", "words"),
    [
        (["a"] * 3, "too_many_inputs", "inputs has 3 texts; at most 2 are answered in one request. Send several."),
        (["a", "b\0c"], "nul", "inputs.1 contains a NUL character, which no text may contain. Remove it."),
        (["a", "secret"], "input_too_long", "inputs.1 has 6 characters; at most 5 are read."),
    ],
)
def test_what_is_beyond_them_is_unprocessable(texts: list[str], code: str, words: str) -> None:
    with pytest.raises(HTTPError) as refused:
        check_texts(OPTIONS, texts, "inputs")
    assert (refused.value.status, refused.value.code, refused.value.message) == (422, code, words)
