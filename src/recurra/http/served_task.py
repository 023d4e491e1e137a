"""What a task brings to the server, in one object: the routes, the page and `/model` derive from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurra.http.service import Backend, Service


@dataclass(frozen=True)
class ServedTask:
    """One task.

    description: what such a model does, as a predicate ("labels texts"). routes: path -> what it returns, of the routes
    that compute. start: starts what answers them. trial: what a model answers to made-up input, as the values of JSON,
    with every number that its answers derive from; it decides whether a newly loaded model may answer. facts: what
    `/model` returns of a model besides what it returns of every one. tabs: (id, title) of the page's tabs, in their
    order. folder: `page.html`, with the panels of all tabs but "model", and `page.js`, which starts the page and may
    import other scripts of the folder.
    """

    name: str
    title: str
    description: str
    routes: Mapping[str, str]
    start: Callable[[Service], Backend]
    trial: Callable[[Any], Any]
    facts: Callable[[Any], dict[str, Any]]
    tabs: tuple[tuple[str, str], ...]
    folder: Path

    @property
    def usage(self) -> str:
        """What a model of this task does, and where, in one sentence."""
        places = "; ".join(f"{path} returns {what}" for path, what in self.routes.items())
        return f"This server's model is of the task {self.name}: it {self.description}. {places}."
