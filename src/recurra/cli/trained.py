"""What a command that trains prints at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.terminal.table import shown


def print_end(output: Console, metrics: Mapping[str, Any], lines: Mapping[str, object]) -> None:
    """Print how long it took, then names with what was written, or the next command."""
    output.print(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    output.print()
    for name, value in lines.items():
        output.print(f"{name:<7} {shown(value)}")
