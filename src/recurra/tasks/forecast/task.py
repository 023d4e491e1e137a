"""The task `forecast`: the next values of each series, with a band."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import MODEL, TOKENIZER, WEIGHTS, Artefact, Manifest
from recurra.tasks.forecast.options import ForecastEvaluateOptions, ForecastOptions, ForecastPredictOptions
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.forecast.model import ForecastModel
    from recurra.tasks.forecast.shape import ForecastShape
    from recurra.training.trainer import Trainer


class ForecastTask(Task["ForecastModel"]):
    """Forecasts of series."""

    name = "forecast"
    takes, gives = "series of numbers at times (sales, loads, temperatures)", "the next values of each, with a band"
    options = ForecastOptions
    evaluate_options = ForecastEvaluateOptions
    predict_options = ForecastPredictOptions
    text_options = ForecastPredictOptions
    command = "recurra predict {directory} HISTORY.csv"

    def shape(self) -> type[ForecastShape]:
        from recurra.tasks.forecast.shape import ForecastShape

        return ForecastShape

    def files(self, manifest: Manifest) -> Collection[str]:
        return (MODEL, TOKENIZER, WEIGHTS) if self.engine(manifest, weights=True) == "kernel" else (MODEL, TOKENIZER)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.inference.kernel_weights import engine_name

        return engine_name(weights)

    def open(self, source: Artefact, threads: int | None = None) -> ForecastModel:
        from recurra.tasks.forecast.model import ForecastModel

        return ForecastModel.from_artefact(source, threads)

    def try_out(self, model: ForecastModel) -> None:
        import numpy as np

        from recurra.tasks.forecast.history import History

        shape, steps = model.shape, 4
        model.predict(
            [
                History(
                    np.arange(float(steps)),
                    past=np.zeros((steps, shape.past)) if shape.past else None,
                    future=np.zeros((steps + shape.horizon, shape.future)) if shape.future else None,
                    static=np.zeros(shape.static) if shape.static else None,
                )
            ]
        )

    def evaluate(
        self, model: ForecastModel, data: str, options: ForecastEvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.forecast.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def predict(self, model: ForecastModel, inputs: Iterable[str], options: ForecastPredictOptions) -> Answers:
        from recurra.tasks.forecast.predict import predict

        return predict(model, inputs, options)

    def file_predictor(self) -> PredictFile[ForecastModel]:
        from recurra.tasks.forecast.predict_file import predict_file

        return predict_file

    def explain(self, model: ForecastModel, text: str, target: str | None) -> Explained:
        from recurra.tasks.forecast.explain import check_target, explain, plain
        from recurra.tasks.forecast.explanation_page import page
        from recurra.tasks.forecast.explanation_text import print_explanation
        from recurra.tasks.forecast.predict import one_series

        check_target(target)
        history, times = one_series(model, text, ForecastPredictOptions())
        found = explain(model, history, times=times)
        return Explained(plain(found), lambda top: page(found, top), lambda top: print_explanation(found, top))

    def terminal(self) -> Terminal:
        from recurra.tasks.forecast import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.forecast.http.served import TASK as SERVED

        return SERVED

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.forecast.learn.trainer import ForecastTrainer

        return ForecastTrainer


TASK = ForecastTask()
