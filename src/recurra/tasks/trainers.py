"""How each task is trained."""

from __future__ import annotations

from typing import Any

from recurra.tasks.chat.learn.trainer import Chat
from recurra.tasks.classify.learn.trainer import Classify
from recurra.tasks.generate.learn.trainer import Generate
from recurra.tasks.tag.learn.trainer import Tag
from recurra.tasks.translate.learn.trainer import Translate
from recurra.training.trainer import Trainer

TRAINERS: dict[str, type[Trainer[Any]]] = {
    "classify": Classify,
    "generate": Generate,
    "tag": Tag,
    "translate": Translate,
    "chat": Chat,
}
