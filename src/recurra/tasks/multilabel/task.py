"""The task `multilabel`: several labels for each text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.multilabel.options import (
    AnswerTextOptions,
    ComparisonOptions,
    EvaluateOptions,
    MultilabelOptions,
    PredictOptions,
)
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.tasks.multilabel.model import MultilabelClassifier
    from recurra.tasks.multilabel.shape import MultilabelShape
    from recurra.training.comparison import Comparison
    from recurra.training.trainer import Trainer


class MultilabelTask(Task["MultilabelClassifier"]):
    """Classification of texts that may have several labels each."""

    name = "multilabel"
    takes, gives = "texts (a table)", "any number of labels for each"
    options = MultilabelOptions
    evaluate_options = EvaluateOptions
    predict_options = PredictOptions
    text_options = AnswerTextOptions
    comparison_options = ComparisonOptions

    def shape(self) -> type[MultilabelShape]:
        from recurra.tasks.multilabel.shape import MultilabelShape

        return MultilabelShape

    def files(self, manifest: Manifest) -> Collection[str]:
        from recurra.many_to_one.engines.choice import needed

        return needed(manifest)

    def open(self, source: Artefact, threads: int | None = None) -> MultilabelClassifier:
        from recurra.tasks.multilabel.model import MultilabelClassifier

        return MultilabelClassifier.from_artefact(source, threads)

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        from recurra.many_to_one.engines.choice import answering

        return answering(manifest) if weights else "onnxruntime"

    def try_out(self, model: MultilabelClassifier) -> None:
        model.try_out()

    def evaluate(
        self, model: MultilabelClassifier, data: str, options: EvaluateOptions, reporter: Reporter
    ) -> dict[str, Any]:
        from recurra.tasks.multilabel.evaluate import evaluate

        return evaluate(model, data, options, reporter)

    def evaluate_several(
        self,
        models: Mapping[str, MultilabelClassifier],
        data: str,
        options: EvaluateOptions,
        reporter: Reporter,
        differences: Path | None = None,
    ) -> dict[str, Any]:
        from recurra.tasks.multilabel.evaluate import evaluate_several

        return evaluate_several(models, data, options, reporter, differences)

    def predict(self, model: MultilabelClassifier, inputs: Iterable[str], options: PredictOptions) -> Answers:
        from recurra.tasks.multilabel.predict import predict_texts

        if options.threshold is not None:
            model = model.with_thresholds(options.threshold)
        return predict_texts(model, inputs, top=options.top)

    def file_predictor(self) -> PredictFile[MultilabelClassifier]:
        from recurra.tasks.multilabel.predict_file import predict_file

        return predict_file

    def explain(self, model: MultilabelClassifier, text: str, target: str | None) -> Explained:
        from recurra.tasks.multilabel.explanation_page import page
        from recurra.tasks.multilabel.explanation_text import print_explanation

        explanation = model.explain(model.row(text), target)
        return Explained(
            explanation.to_dict(),
            lambda top: page(explanation, top),
            lambda top: print_explanation(explanation, top),
        )

    def terminal(self) -> Terminal:
        from recurra.tasks.multilabel import terminal

        return terminal

    def served(self) -> ServedTask:
        from recurra.tasks.multilabel.http.served import TASK as served

        return served

    def trainer(self) -> type[Trainer[Any]]:
        from recurra.tasks.multilabel.learn.trainer import MultilabelTrainer

        return MultilabelTrainer

    def comparison(self) -> type[Comparison[Any]]:
        from recurra.tasks.multilabel.learn.compare import MultilabelComparison

        return MultilabelComparison


TASK = MultilabelTask()
