"""The task `tag`: a tag for each word of a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import Artefact
from recurra.tasks.tag.options import TaggedFileOptions, TagOptions, TagPredictOptions, TagTextOptions
from recurra.tasks.task import Answers, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.tag.model import Tagger
    from recurra.tasks.tag.shape import TaggerShape
    from recurra.training.trainer import Trainer


class TagTask(Task["Tagger"]):
    """Tagging of words."""

    name = "tag"
    takes, gives = "sentences (CoNLL-U, CoNLL, JSON lines, tables, Parquet)", "a tag for each word"
    options = TagOptions
    evaluate_options = TaggedFileOptions
    predict_options = TagPredictOptions
    text_options = TagTextOptions
    command = "recurra predict {directory} --input FILE --output TAGGED"

    def shape(self) -> type[TaggerShape]:
        from recurra.tasks.tag.shape import TaggerShape

        return TaggerShape

    def open(self, source: Artefact, threads: int | None = None) -> Tagger:
        from recurra.tasks.tag.model import Tagger

        return Tagger.from_artefact(source, threads)

    def try_out(self, model: Tagger) -> None:
        model.tag([["a"]])

    def evaluate(self, model: Tagger, data: str, options: TaggedFileOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.tasks.tag.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def predict(self, model: Tagger, inputs: Iterable[str], options: TagTextOptions) -> Answers:
        from recurra.tasks.tag.predict import tag_texts

        return tag_texts(model, inputs, options)

    def file_predictor(self) -> PredictFile[Tagger]:
        from recurra.tasks.tag.predict_file import predict_file

        return predict_file

    def terminal(self) -> Terminal:
        from recurra.tasks.tag import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.tag import http

        return http.TASK

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.tag.learn.trainer import TagTrainer

        return TagTrainer


TASK = TagTask()
