"""What the options of a transcriber refuse together."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.transcribe.options import DecodingOptions


@pytest.mark.parametrize("name", ["language_weight", "word_bonus"])
def test_a_weight_without_a_language_model_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="give one with --language-model"):
        validated(DecodingOptions, {name: 1.0})
    assert getattr(validated(DecodingOptions, {name: 1.5, "language_model": "a.arpa"}), name) == 1.5
