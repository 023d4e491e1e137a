"""Divide one long text: some pieces from all over it validate, and the rest trains."""

from __future__ import annotations

PIECES = 32
"""Pieces of the text that are held out for validation, at most."""
PIECE_CHARACTERS = 500
"""Characters of such a piece, at least."""


def split_text(text: str, share: float, *, most: int) -> tuple[str, str]:
    """Return (training text, validation text): the latter is pieces at equal distances, about `share` of the text.

    most: characters of the validation text, at most. A piece is whole lines where these are short beside it.

    A text changes from its beginning to its end. One piece from the end would validate on another subject than most of
    the text has, and would keep from training what is most like the text that is held out.
    """
    target = min(max(1, round(share * len(text))), most)
    pieces = max(1, min(PIECES, target // PIECE_CHARACTERS))
    segment, size = len(text) // pieces, target // pieces
    training, validation, end = [], [], 0
    for number in range(pieces):
        start = number * segment + (segment - size) // 2
        start = max(end, text.find("\n", start, start + size // 4) + 1 or start)
        training.append(text[end:start])
        end = text.find("\n", start + size, start + size + size // 4) + 1 or start + size
        validation.append(text[start:end])
    training.append(text[end:])
    return "".join(training), "".join(validation)
