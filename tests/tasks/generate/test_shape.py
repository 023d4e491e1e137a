"""The shape of a language model that is too large for a file."""

from __future__ import annotations

import pytest

from recurra.tasks.generate.shape import LanguageShape


def shape_of(cell: str = "lstm", layers: int = 2, tied: bool = False, **more: int) -> LanguageShape:
    sizes = {"vocabulary": 11, "embedding": 5, "hidden": 7} | more
    return LanguageShape(level="char", cell=cell, layers=layers, tied=tied, **sizes)  # type: ignore[arg-type]


def test_a_shape_beyond_one_file_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        shape_of(hidden=8192, layers=16)
