"""The task `classify`: one label for each text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.options.labels import TopOptions
from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.classify.options import ClassifyOptions, ComparisonOptions, EvaluateOptions, PredictOptions
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.classify.model import Classifier
    from recurra.tasks.classify.shape import ClassifierShape
    from recurra.training.comparison import Comparison
    from recurra.training.trainer import Trainer


class ClassifyTask(Task["Classifier"]):
    """Classification of texts."""

    name = "classify"
    takes, gives = "texts (a table)", "one label for each"
    options = ClassifyOptions
    evaluate_options = EvaluateOptions
    predict_options = PredictOptions
    text_options = TopOptions
    comparison_options = ComparisonOptions

    def shape(self) -> type[ClassifierShape]:
        from recurra.tasks.classify.shape import ClassifierShape

        return ClassifierShape

    def files(self, manifest: Manifest) -> Collection[str]:
        from recurra.many_to_one.engines.choice import needed

        return needed(manifest)

    def open(self, source: Artefact, threads: int | None = None) -> Classifier:
        from recurra.tasks.classify.model import Classifier

        return Classifier.from_artefact(source, threads)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.many_to_one.engines.choice import answering

        return answering(manifest) if weights else "onnxruntime"

    def try_out(self, model: Classifier) -> None:
        model.try_out()

    def evaluate(self, model: Classifier, data: str, options: EvaluateOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.tasks.classify.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def evaluate_several(
        self,
        models: Mapping[str, Classifier],
        data: str,
        options: EvaluateOptions,
        reporter: Reporter,
        differences: Path | None = None,
    ) -> dict[str, Any]:
        from recurra.tasks.classify.evaluate import evaluate_several

        return evaluate_several(models, data, options, reporter, differences)

    def predict(self, model: Classifier, inputs: Iterable[str], options: PredictOptions) -> Answers:
        from recurra.tasks.classify.predict import predict_texts

        return predict_texts(model, inputs, top=options.top)

    def file_predictor(self) -> PredictFile[Classifier]:
        from recurra.tasks.classify.predict_file import predict_file

        return predict_file

    def explain(self, model: Classifier, text: str, target: str | None) -> Explained:
        from recurra.tasks.classify.explanation_page import page
        from recurra.tasks.classify.explanation_text import print_explanation

        explanation = model.explain(model.row(text), target)
        return Explained(
            explanation.to_dict(),
            lambda top: page(explanation, top),
            lambda top: print_explanation(explanation, top),
        )

    def terminal(self) -> Terminal:
        from recurra.tasks.classify import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.classify.http.served import TASK as served

        return served

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.classify.learn.trainer import ClassifyTrainer

        return ClassifyTrainer

    def comparison(self) -> type[Comparison[Any]]:
        from recurra.tasks.classify.learn.compare import ClassifyComparison

        return ClassifyComparison


TASK = ClassifyTask()
