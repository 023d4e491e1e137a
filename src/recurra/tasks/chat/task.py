"""The task `chat`: a reply to the turns of a dialogue."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import MODEL, STEP, TOKENIZER, Artefact, Manifest
from recurra.tasks.chat.options import ChatOptions, DialogueOptions
from recurra.tasks.task import Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
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

    def try_out(self, model: Chatter) -> None:
        model.try_out()

    def evaluate(self, model: Chatter, data: str, options: DialogueOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.tasks.chat.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def terminal(self) -> Terminal:
        from recurra.tasks.chat import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.chat import http

        return http.TASK

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.chat.learn.trainer import ChatTrainer

        return ChatTrainer


TASK = ChatTask()
