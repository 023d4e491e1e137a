"""The limits on the texts of a request."""

from __future__ import annotations

from collections.abc import Sequence

from recurra.http.errors import unprocessable
from recurra.http.options import ServeOptions

NUL = "\0"
NUL_REFUSED = "a NUL character, which no text may contain. Remove it."


def check_texts(options: ServeOptions, texts: Sequence[str], field: str, advice: str = "Send several.") -> None:
    """Raise HTTPError 422 for more texts, or longer ones, than a request may have, and for NUL characters.

    field: where they are in the request. advice: what to do about too many texts.
    """
    if len(texts) > options.max_inputs:
        raise unprocessable(
            f"{field} has {len(texts):,} texts; at most {options.max_inputs:,} are answered in one request. {advice}",
            "too_many_inputs",
        )
    for index, text in enumerate(texts):
        if len(text) > options.max_characters:
            raise unprocessable(
                f"{field}.{index} has {len(text):,} characters; at most {options.max_characters:,} are read.",
                "input_too_long",
            )
        if NUL in text:
            raise unprocessable(f"{field}.{index} contains {NUL_REFUSED}", "nul")
