"""The task `generate`: text that continues a prompt."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from recurra.options.reading import EncodingOptions
from recurra.storage.model_directory import MODEL, NGRAMS, TOKENIZER, Artefact, Manifest
from recurra.tasks.generate.options import GenerateOptions
from recurra.tasks.task import Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.generate.model import Generator
    from recurra.tasks.generate.shape import LanguageShape
    from recurra.training.trainer import Trainer


class GenerateTask(Task["Generator"]):
    """Generation of text."""

    name = "generate"
    takes, gives = "a text file; then a prompt", "text that continues the prompt"
    options = GenerateOptions
    evaluate_options = EncodingOptions
    command = 'recurra generate {directory} --prompt "Begin here" --tokens 400'

    def shape(self) -> type[LanguageShape]:
        from recurra.tasks.generate.shape import LanguageShape

        return LanguageShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, TOKENIZER, NGRAMS)

    def open(self, source: Artefact, threads: int | None = None) -> Generator:
        from recurra.tasks.generate.model import from_artefact

        return from_artefact(source, threads)

    def try_out(self, model: Generator) -> None:
        model.surprisals("a")

    def evaluate(self, model: Generator, data: str, options: EncodingOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.tasks.generate.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def terminal(self) -> Terminal:
        from recurra.tasks.generate import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.generate import http

        return http.TASK

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.generate.learn.trainer import GenerateTrainer

        return GenerateTrainer


TASK = GenerateTask()
