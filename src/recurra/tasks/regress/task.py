"""The task `regress`: a number for each text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.errors import OptionError
from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.regress.options import ComparisonOptions, NumberEvaluateOptions, NumberPredictOptions, RegressOptions
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.regress.model import TextRegressor
    from recurra.tasks.regress.shape import NumberShape
    from recurra.training.comparison import Comparison
    from recurra.training.trainer import Trainer


class RegressTask(Task["TextRegressor"]):
    """Regression on texts."""

    name = "regress"
    takes, gives = "texts (a table)", "a number for each"
    options = RegressOptions
    evaluate_options = NumberEvaluateOptions
    predict_options = NumberPredictOptions
    comparison_options = ComparisonOptions

    def shape(self) -> type[NumberShape]:
        from recurra.tasks.regress.shape import NumberShape

        return NumberShape

    def files(self, manifest: Manifest) -> Collection[str]:
        from recurra.many_to_one.engines.choice import needed

        return needed(manifest)

    def open(self, source: Artefact, threads: int | None = None) -> TextRegressor:
        from recurra.tasks.regress.model import TextRegressor

        return TextRegressor.from_artefact(source, threads)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.many_to_one.engines.choice import answering

        return answering(manifest) if weights else "onnxruntime"

    def try_out(self, model: TextRegressor) -> None:
        model.try_out()

    def evaluate(
        self, model: TextRegressor, data: str, options: NumberEvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.regress.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def evaluate_several(
        self,
        models: Mapping[str, TextRegressor],
        data: str,
        options: NumberEvaluateOptions,
        reporter: Reporter,
        differences: Path | None = None,
    ) -> dict[str, Any]:
        from recurra.tasks.regress.evaluate import evaluate_several

        return evaluate_several(models, data, options, reporter, differences)

    def predict(self, model: TextRegressor, inputs: Iterable[str], options: NumberPredictOptions) -> Answers:
        from recurra.tasks.regress.predict import predict_texts

        return predict_texts(model, inputs)

    def file_predictor(self) -> PredictFile[TextRegressor]:
        from recurra.tasks.regress.predict_file import predict_file

        return predict_file

    def explain(self, model: TextRegressor, text: str, target: str | None) -> Explained:
        from recurra.tasks.regress.explanation_page import page
        from recurra.tasks.regress.explanation_text import print_explanation

        if target is not None:
            raise OptionError(
                f"--target {target}: this model answers with one number and has no labels to choose from. Leave it out."
            )
        explanation = model.explain(model.row(text))
        return Explained(
            explanation.to_dict(),
            lambda top: page(explanation, top),
            lambda top: print_explanation(explanation, top),
        )

    def terminal(self) -> Terminal:
        from recurra.tasks.regress import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.regress.http.served import TASK as SERVED

        return SERVED

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.regress.learn.trainer import RegressTrainer

        return RegressTrainer

    def comparison(self) -> type[Comparison[Any]]:
        from recurra.tasks.regress.learn.compare import RegressComparison

        return RegressComparison


TASK = RegressTask()
