"""Divide one long text: some pieces all over it steer training, and the rest trains."""

from __future__ import annotations

PIECES = 32
"""Pieces of the text that steer training ..."""
PIECE_CHARACTERS = 500
"""... of so many characters at least."""


def split_text(text: str, share: float, *, most: int) -> tuple[str, str]:
    """Return (what trains, what steers): the latter is pieces at equal distances, about `share` of the text in all.

    most: characters that steer, at most. A piece is whole lines where these are short beside it.

    A text changes as it goes on. One piece from its end would steer by another subject than most of the text has, and
    would keep from training just what is most like the text that is held out.
    """
    wanted = min(max(1, round(share * len(text))), most)
    pieces = max(1, min(PIECES, wanted // PIECE_CHARACTERS))
    segment, size = len(text) // pieces, wanted // pieces
    training, steering, end = [], [], 0
    for number in range(pieces):
        start = number * segment + (segment - size) // 2
        start = max(end, text.find("\n", start, start + size // 4) + 1 or start)
        training.append(text[end:start])
        end = text.find("\n", start + size, start + size + size // 4) + 1 or start + size
        steering.append(text[start:end])
    training.append(text[end:])
    return "".join(training), "".join(steering)
