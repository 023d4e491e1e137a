"""What callers in Python give, checked before anything is computed: an error names the argument and what it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from recurra.errors import OptionError


def check_text(text: object, name: str) -> None:
    """Raise OptionError where `text` is no str."""
    if not isinstance(text, str):
        raise OptionError(f"{name} must be a str; got {described(text)}.")


def check_number(number: object, name: str) -> None:
    """Raise OptionError where `number` is none, or a truth value."""
    if not isinstance(number, Real) or isinstance(number, bool):
        raise OptionError(f"{name} must be a number; got {described(number)}.")


def check_whole(number: object, name: str) -> None:
    """Raise OptionError where `number` is no whole number, or a truth value."""
    if not isinstance(number, Integral) or isinstance(number, bool):
        raise OptionError(f"{name} must be a whole number; got {described(number)}.")


def several(items: Iterable[Any], name: str = "texts", kind: str = "text") -> Iterable[Any]:
    """Return `items`, of one `kind` each. Raises OptionError for a single text, a table, a mapping or a set."""
    if isinstance(items, str | bytes):
        raise OptionError(f"{name} must be a list of {kind}s; got one text. Pass it in a list: [text].")
    if getattr(items, "ndim", 1) != 1 or hasattr(items, "columns"):
        raise OptionError(f"{name} must be one column of {kind}s; got {described(items)}. Choose the column first.")
    if isinstance(items, dict | set | frozenset) or not isinstance(items, Iterable):
        raise OptionError(f"{name} must be a list of {kind}s; got {described(items)}.")
    return items


def check_texts(texts: Iterable[object], name: str, first: int = 0) -> None:
    """Raise OptionError, naming the item, where one of `texts` is no str. first: the number of the first."""
    for number, text in enumerate(texts, first):
        if not isinstance(text, str):
            raise OptionError(f"Item {number} of {name} is {described(text)}; every item must be a str.")


def is_words(sentence: Any) -> bool:
    """Return whether a sentence is a sequence of str."""
    if isinstance(sentence, str | bytes) or not (isinstance(sentence, Sequence) or hasattr(sentence, "__array__")):
        return False
    return all(isinstance(word, str) for word in sentence)


def described(value: object) -> str:
    """Return the type of a value and its shape, if it has one."""
    shape = getattr(value, "shape", None)
    return f"{type(value).__name__} of shape {shape}" if shape else f"{type(value).__name__}"
