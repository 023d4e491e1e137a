"""The task `transcribe`: the text of recorded speech."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import MODEL, TOKENIZER, WEIGHTS, Artefact, Manifest
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.tasks.transcribe.options import (
    TranscribeEvaluateOptions,
    TranscribeOptions,
    TranscribePredictOptions,
    TranscribeTextOptions,
)
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.transcribe.model import Transcriber
    from recurra.tasks.transcribe.shape import TranscriberShape
    from recurra.training.trainer import Trainer


class TranscribeTask(Task["Transcriber"]):
    """Speech recognition."""

    name = "transcribe"
    takes, gives = "recordings of speech (WAV, FLAC, OGG, MP3)", "the text of each"
    options = TranscribeOptions
    evaluate_options = TranscribeEvaluateOptions
    predict_options = TranscribePredictOptions
    text_options = TranscribeTextOptions
    command = "recurra predict {directory} RECORDING.wav"

    def shape(self) -> type[TranscriberShape]:
        from recurra.tasks.transcribe.shape import TranscriberShape

        return TranscriberShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, TOKENIZER, WEIGHTS) if self.engine(manifest, weights=True) == "kernel" else (MODEL, TOKENIZER)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.inference.kernel_weights import engine_name

        return engine_name(weights)

    def open(self, source: Artefact, threads: int | None = None) -> Transcriber:
        from recurra.tasks.transcribe.model import Transcriber

        return Transcriber.from_artefact(source, threads)

    def try_out(self, model: Transcriber) -> None:
        import numpy as np

        model.log_probabilities([np.zeros((3, model.shape.inputs), dtype=np.float32)])

    def evaluate(
        self, model: Transcriber, data: str, options: TranscribeEvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.transcribe.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def predict(self, model: Transcriber, inputs: Iterable[str], options: TranscribePredictOptions) -> Answers:
        from recurra.tasks.transcribe.predict import transcribe_files

        return transcribe_files(model, inputs, options)

    def file_predictor(self) -> PredictFile[Transcriber]:
        from recurra.tasks.transcribe.predict_file import predict_file

        return predict_file

    def explain(self, model: Transcriber, text: str, target: str | None) -> Explained:
        from recurra.tasks.transcribe.explain import explain, plain
        from recurra.tasks.transcribe.explanation_page import page
        from recurra.tasks.transcribe.explanation_text import print_explanation

        found = explain(model, text, target)
        return Explained(plain(found), lambda top: page(found, top), lambda top: print_explanation(found, top))

    def terminal(self) -> Terminal:
        from recurra.tasks.transcribe import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.transcribe.http.served import TASK as SERVED

        return SERVED

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.transcribe.learn.trainer import TranscribeTrainer

        return TranscribeTrainer


TASK = TranscribeTask()
