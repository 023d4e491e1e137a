"""How each task is trained."""

from __future__ import annotations

from typing import Any

from recurra.tasks.chat.learn.trainer import ChatTrainer
from recurra.tasks.classify.learn.trainer import ClassifyTrainer
from recurra.tasks.generate.learn.trainer import GenerateTrainer
from recurra.tasks.tag.learn.trainer import TagTrainer
from recurra.tasks.translate.learn.trainer import TranslateTrainer
from recurra.training.trainer import Trainer

TRAINERS: dict[str, type[Trainer[Any]]] = {
    "classify": ClassifyTrainer,
    "generate": GenerateTrainer,
    "tag": TagTrainer,
    "translate": TranslateTrainer,
    "chat": ChatTrainer,
}
