"""The task `vowels`: a number for each text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recurra.data.tables.readers import open_table
from recurra.data.tables.stated import dialect_of
from recurra.options.reading import TableOptions
from recurra.storage.model_directory import MODEL, Artefact
from recurra.tasks.task import Answers, Explained, PredictFile, Task, Terminal, warn_of_training_data
from recurra.terminal.progress import Reporter
from vowels.options import VowelOptions

if TYPE_CHECKING:
    from recurra.http.served_task import ServedTask
    from recurra.training.trainer import Trainer
    from vowels.model import VowelCounter
    from vowels.shape import VowelShape


class VowelTask(Task["VowelCounter"]):
    """Counting vowels."""

    name = "vowels"
    takes, gives = "texts (a table)", "the number of vowels in each"
    options = VowelOptions
    evaluate_options = predict_options = TableOptions

    def shape(self) -> type[VowelShape]:
        from vowels.shape import VowelShape

        return VowelShape

    def open(self, source: Artefact, threads: int | None = None) -> VowelCounter:
        from vowels.model import VowelCounter

        shape = source.manifest.network_as(self.shape())
        return VowelCounter(shape, source.files[MODEL], source.manifest)

    def evaluate(self, model: VowelCounter, data: str, options: TableOptions, reporter: Reporter) -> dict[str, Any]:
        from recurra.data.fingerprint import Fingerprint
        from vowels.model import read_row, scores

        table = open_table(data, dialect_of(options))
        rows = [read_row(row) for batch in table.batches(["text", "vowels"]) for row in batch]
        fingerprint = Fingerprint()
        for row in rows:
            fingerprint.add(*row)
        warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
        return scores(model.count(text for text, _ in rows), [number for _, number in rows])

    def predict(self, model: VowelCounter, inputs: Iterable[str], options: TableOptions) -> Answers:
        return ({"vowels": number} for number in model.count(inputs))

    def file_predictor(self) -> PredictFile[VowelCounter]:
        from vowels.predict_file import predict_file

        return predict_file

    def explain(self, model: VowelCounter, text: str, target: str | None) -> Explained:
        whole = model.count([text])[0]
        parts = {letter: whole - model.count([text.replace(letter, "-")])[0] for letter in sorted(set(text))}
        return Explained(parts, lambda top: f"<!doctype html><p>{parts}", lambda top: print(parts))

    def terminal(self) -> Terminal:
        from vowels import terminal

        return terminal

    def served(self) -> ServedTask:
        from vowels.http import SERVED

        return SERVED

    def trainer(self) -> type[Trainer[Any]]:
        from vowels.learn.trainer import VowelTrainer

        return VowelTrainer


TASK = VowelTask()
