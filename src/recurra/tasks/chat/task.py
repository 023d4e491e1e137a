"""The task `chat`: a reply to the turns of a dialogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import MODEL, STEP, TOKENIZER, Artefact, Manifest
from recurra.tasks.chat.options import ChatOptions, DialogueOptions
from recurra.tasks.task import Task
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from rich.console import Console

    from recurra.http.served_task import ServedTask
    from recurra.seq2seq.shape import Seq2SeqShape
    from recurra.tasks.chat.model import Chatter
    from recurra.training.trainer import Trainer


class ChatTask(Task["Chatter"]):
    """Replies in a dialogue."""

    name = "chat"
    takes, gives = "dialogues (JSON lines of turns)", "a reply to the last turn"
    options = ChatOptions
    evaluate_options = DialogueOptions
    command = "recurra chat {directory}"

    def shape(self) -> type[Seq2SeqShape]:
        from recurra.seq2seq.shape import Seq2SeqShape

        return Seq2SeqShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, STEP, TOKENIZER)

    def open(self, source: Artefact, threads: int | None = None) -> Chatter:
        from recurra.tasks.chat.model import from_artefact

        return from_artefact(source, threads)

    def evaluate(self, model: Chatter, data: str, options: DialogueOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.tasks.chat.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def print_training(self, console: Console, metrics: Mapping[str, Any]) -> None:
        from recurra.tasks.chat.terminal import print_training

        print_training(console, metrics)

    def print_evaluation(self, console: Console, result: Mapping[str, Any]) -> None:
        from recurra.tasks.chat.terminal import print_evaluation

        print_evaluation(console, result)

    def inspection(self, manifest: Mapping[str, Any]) -> dict[str, str]:
        from recurra.tasks.chat.terminal import inspection

        return inspection(manifest)

    def served(self) -> ServedTask:
        from recurra.tasks.chat import http

        return http.TASK

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.chat.learn.trainer import ChatTrainer

        return ChatTrainer


TASK = ChatTask()
