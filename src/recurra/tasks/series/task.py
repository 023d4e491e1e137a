"""The task `series`: a label or a number for each series of numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import MODEL, TOKENIZER, WEIGHTS, Artefact, Manifest
from recurra.tasks.series.options import (
    SeriesAnswerOptions,
    SeriesComparisonOptions,
    SeriesEvaluateOptions,
    SeriesOptions,
    SeriesPredictOptions,
)
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.series.model import SeriesModel
    from recurra.tasks.series.shape import SeriesShape
    from recurra.training.comparison import Comparison
    from recurra.training.trainer import Trainer


class SeriesTask(Task["SeriesModel"]):
    """Classification and regression of series."""

    name = "series"
    takes, gives = "series of numbers (sensors, gestures, curves)", "a label or a number for each"
    options = SeriesOptions
    evaluate_options = SeriesEvaluateOptions
    predict_options = SeriesPredictOptions
    text_options = SeriesAnswerOptions
    comparison_options = SeriesComparisonOptions
    command = "recurra predict {directory} NEW.csv"

    def shape(self) -> type[SeriesShape]:
        from recurra.tasks.series.shape import SeriesShape

        return SeriesShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, TOKENIZER, WEIGHTS) if self.engine(manifest, weights=True) == "kernel" else (MODEL, TOKENIZER)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.inference.kernel_weights import engine_name

        return engine_name(weights)

    def open(self, source: Artefact, threads: int | None = None) -> SeriesModel:
        from recurra.tasks.series.model import SeriesModel

        return SeriesModel.from_artefact(source, threads)

    def try_out(self, model: SeriesModel) -> None:
        import numpy as np

        model.outputs([np.zeros((2, model.shape.channels), dtype=np.float32)])

    def evaluate(
        self, model: SeriesModel, data: str, options: SeriesEvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.series.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def predict(self, model: SeriesModel, inputs: Iterable[str], options: SeriesPredictOptions) -> Answers:
        from recurra.tasks.series.predict import predict

        return predict(model, inputs, options)

    def file_predictor(self) -> PredictFile[SeriesModel]:
        from recurra.tasks.series.predict_file import predict_file

        return predict_file

    def explain(self, model: SeriesModel, text: str, target: str | None) -> Explained:
        from recurra.tasks.series.explain import explain, plain
        from recurra.tasks.series.explanation_page import page
        from recurra.tasks.series.explanation_text import print_explanation
        from recurra.tasks.series.predict import one_series

        name, values = one_series(model, text)
        found = explain(model, values, target, name=name)
        return Explained(plain(found), lambda top: page(found, top), lambda top: print_explanation(found, top))

    def terminal(self) -> Terminal:
        from recurra.tasks.series import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.series.http.served import TASK as SERVED

        return SERVED

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.series.learn.trainer import SeriesTrainer

        return SeriesTrainer

    def comparison(self) -> type[Comparison[Any]]:
        from recurra.tasks.series.learn.compare import SeriesComparison

        return SeriesComparison


TASK = SeriesTask()
