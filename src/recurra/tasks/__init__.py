"""One file per shape of problem, each telling the steps of `task.py`."""

from __future__ import annotations

from typing import Any

from recurra.tasks.chat import Chat
from recurra.tasks.classify import Classify
from recurra.tasks.generate import Generate
from recurra.tasks.tag import Tag
from recurra.tasks.task import Job, Learning, Task, Timing
from recurra.tasks.translate import Translate

TASKS: dict[str, type[Task[Any]]] = {
    "classify": Classify,
    "generate": Generate,
    "tag": Tag,
    "translate": Translate,
    "chat": Chat,
}

__all__ = ["TASKS", "Chat", "Classify", "Generate", "Job", "Learning", "Tag", "Task", "Timing", "Translate"]
