"""What is printed on a console, as text."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console


def printed(show: Callable[[Console, Mapping[str, Any]], None], values: Mapping[str, Any]) -> str:
    """Return what `show` prints of `values`, with runs of spaces as one space."""
    out = io.StringIO()
    show(Console(file=out, width=200, highlight=False, emoji=False, soft_wrap=True), values)
    return "\n".join(" ".join(line.split()) for line in out.getvalue().splitlines())
