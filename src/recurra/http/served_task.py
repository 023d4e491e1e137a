"""What the server does with a model of one task, told once: the routes, the page and `/model` follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

if TYPE_CHECKING:
    from recurra.http.service import Service

Router = Callable[["Service"], APIRouter]


@dataclass(frozen=True)
class ServedTask:
    """One task.

    does: what such a model does, to be read after "It". work: the addresses at which it does so and what each gives;
    they are counted as work, and named to those who ask at the wrong one. routers: make the routes. facts: what
    `/model` says of a model besides what it says of every one. tabs: (id, name) of the page's tabs, in their order;
    folder: where the page's parts lie, `page.html` with the panels of all tabs but
    "model", and `page.js`, which brings them to life.
    """

    name: str
    does: str
    work: Mapping[str, str]
    routers: tuple[Router, ...]
    facts: Callable[[Any], dict[str, Any]]
    tabs: tuple[tuple[str, str], ...]
    folder: Path

    @property
    def offer(self) -> str:
        """What a model of this task can do, and where, in one sentence."""
        places = "; ".join(f"{path} gives {what}" for path, what in self.work.items())
        return f"This server's model is of the task {self.name}: it {self.does}. {places}."
