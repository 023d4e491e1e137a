"""Texts from standard input: lines, the whole, and the place of a byte that is not UTF-8."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ReadError
from recurra.terminal import input
from recurra.terminal.input import lines, whole_text

LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]).filter(lambda c: c != "\ufeff"))


@given(st.lists(LINE), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_lines_come_without_their_ends(texts: list[str], end: str, mark: bool) -> None:
    content = b"\xef\xbb\xbf" * mark + "".join(text + end for text in texts).encode()
    assert list(lines(io.BytesIO(content))) == ([""] if mark and not texts else texts)
    assert whole_text(io.BytesIO(content)) == "".join(text + end for text in texts)


def test_other_bytes_are_named_with_their_place() -> None:
    with pytest.raises(ReadError, match=r"line 2, byte 3: 0xe9 is not valid utf-8\. Send UTF-8"):
        list(lines(io.BytesIO(b"one\nca\xe9"), "Send UTF-8."))
    with pytest.raises(ReadError, match=r"byte 7: 0xe9 is not valid utf-8\. Convert it first"):
        whole_text(io.BytesIO(b"one\nca\xe9"))


def test_a_nul_is_named_with_its_place() -> None:
    with pytest.raises(ReadError, match=r"line 2, character 3: a NUL character, .* Send UTF-8"):
        list(lines(io.BytesIO(b"one\nca\0\n"), "Send UTF-8."))
    with pytest.raises(ReadError, match="byte 2: a NUL character"):
        whole_text(io.BytesIO("a b".encode("utf-16-le")))


class Endless(io.RawIOBase):
    """Zeros without an end, as /dev/zero has them; it counts the bytes that were read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = bytes(len(buffer))
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize("read", [lambda stream: list(lines(stream)), whole_text])
def test_an_input_without_an_end_is_refused(read: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input, "LONGEST", 100_000)
    zeros = Endless()
    with pytest.raises(ReadError, match=r"Standard input.* more than 100,000 bytes\. Give"):
        read(io.BufferedReader(zeros))
    assert zeros.taken < 300_000
