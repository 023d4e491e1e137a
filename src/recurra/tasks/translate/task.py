"""The task `translate`: a text for each text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from recurra.options.decoding import DecodingOverrides
from recurra.storage.model_directory import MODEL, STEP, TOKENIZER, Artefact, Manifest
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.tasks.translate.options import (
    TranslateEvaluateOptions,
    TranslateOptions,
    TranslatePredictOptions,
)
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.seq2seq.shape import Seq2SeqShape
    from recurra.tasks.translate.model import Translator
    from recurra.training.trainer import Trainer


class TranslateTask(Task["Translator"]):
    """Translation of texts."""

    name = "translate"
    takes, gives = "texts (aligned files or a table of pairs)", "a translation of each"
    options = TranslateOptions
    evaluate_options = TranslateEvaluateOptions
    predict_options = TranslatePredictOptions
    text_options = DecodingOverrides

    def shape(self) -> type[Seq2SeqShape]:
        from recurra.seq2seq.shape import Seq2SeqShape

        return Seq2SeqShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, STEP, TOKENIZER)

    def open(self, source: Artefact, threads: int | None = None) -> Translator:
        from recurra.tasks.translate.model import from_artefact

        return from_artefact(source, threads)

    def try_out(self, model: Translator) -> None:
        model.try_out()

    def evaluate(
        self, model: Translator, data: str, options: TranslateEvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.translate.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def predict(self, model: Translator, inputs: Iterable[str], options: TranslatePredictOptions) -> Answers:
        from recurra.tasks.translate.predict import translate_texts

        return translate_texts(model, inputs, beam=options.beam, length_penalty=options.length_penalty)

    def file_predictor(self) -> PredictFile[Translator]:
        from recurra.tasks.translate.predict_file import predict_file

        return predict_file

    def explain(self, model: Translator, text: str, target: str | None) -> Explained:
        from recurra.tasks.translate.attention_page import page
        from recurra.tasks.translate.explain import plain, print_alignment

        alignment, given = model.align(text, target), target is not None
        return Explained(
            plain(alignment) | {"given": given},
            lambda top: page(alignment, top, given=given),
            lambda top: print_alignment(alignment, top, given=given),
        )

    def terminal(self) -> Terminal:
        from recurra.tasks.translate import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.translate import http

        return http.TASK

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.translate.learn.trainer import TranslateTrainer

        return TranslateTrainer


TASK = TranslateTask()
