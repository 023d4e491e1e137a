"""What is wrong with the parts of a model directory is said with the file and the next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import ArtefactError
from recurra.storage.model_directory import TOKENIZER, Artefact, read
from recurra.storage.parts import mismatch, tokenizer_text


def test_the_tokenizer_of_a_directory(model_directory: Path) -> None:
    source = read(model_directory)
    assert tokenizer_text(source).encode() == source.files[TOKENIZER]


def test_a_tokenizer_that_is_no_text_is_refused(model_directory: Path) -> None:
    source = read(model_directory)
    broken = Artefact(source.path, source.manifest, {TOKENIZER: b"\xff"})
    with pytest.raises(ArtefactError, match=r"^tokenizer\.json is not UTF-8 text\. Train the model again\.$"):
        tokenizer_text(broken)


def test_parts_of_two_models_are_named_with_the_way_out() -> None:
    expected = "A has 3 and B has 4. They belong to different models: copy the whole directory again."
    assert str(mismatch("A has 3 and B has 4")) == expected
