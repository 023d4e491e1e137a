"""Open the parts of a checked model directory, and describe what is wrong where they do not fit each other."""

from __future__ import annotations

from recurra.errors import ArtefactError
from recurra.storage.model_directory import TOKENIZER, Artefact


def tokenizer_text(source: Artefact) -> str:
    """Return the content of tokenizer.json. Raises ArtefactError where it is not UTF-8 text."""
    try:
        return source.files[TOKENIZER].decode("utf-8")
    except UnicodeDecodeError:
        raise ArtefactError(f"{TOKENIZER} is not UTF-8 text. Train the model again.") from None


def mismatch(difference: str) -> ArtefactError:
    """Return the error for parts of different models. difference: a sentence without its full stop."""
    return ArtefactError(f"{difference}. They belong to different models: copy the whole directory again.")
