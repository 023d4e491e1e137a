"""The dialogue of `recurra chat`."""

from __future__ import annotations

from recurra.tasks.chat.command import typed


def test_a_terminal_is_asked_until_it_ends() -> None:
    words = iter(["Hello.", "Bye."])

    def say(prompt: str) -> str:
        assert prompt == "you> "
        try:
            return next(words)
        except StopIteration:
            raise EOFError from None

    assert list(typed(say)) == ["Hello.", "Bye."]
