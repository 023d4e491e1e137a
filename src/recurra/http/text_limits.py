"""The bounds that every text of a request has to keep."""

from __future__ import annotations

from collections.abc import Sequence

from recurra.http.errors import unprocessable
from recurra.http.service import Service


def check_texts(service: Service, texts: Sequence[str], where: str) -> None:
    """Raise HTTPError 422 for more texts, or longer ones, than are answered in a request."""
    options = service.options
    if len(texts) > options.max_inputs:
        raise unprocessable(
            f"{where} has {len(texts):,} texts; at most {options.max_inputs:,} are answered in one request. "
            f"Send several{', or a CSV to /score' if service.task == 'classify' else ''}.",
            "too_many_inputs",
        )
    for place, text in enumerate(texts):
        if len(text) > options.max_characters:
            raise unprocessable(
                f"{where}.{place} has {len(text):,} characters; at most {options.max_characters:,} are read.",
                "input_too_long",
            )
