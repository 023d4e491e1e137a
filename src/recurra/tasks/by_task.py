"""What `train`, `evaluate`, `predict`, `explain` and `inspect` do with a model of each task: one class a task.

The command line asks `verbs_of` and goes on with what it gets; what a task cannot do is an error that says what can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recurra.data.tables.table import Dialect
from recurra.errors import OptionError
from recurra.options.everything import ReadOptions, flag, validated
from recurra.storage import model_directory
from recurra.tasks.registry import task_of

Given = Mapping[str, Any]
Answers = Iterator[dict[str, Any]]


_DIALECT = ("delimiter", "quote", "header", "encoding")


class Verbs:
    """The verbs as they are for one task. What a task does not override, it cannot do.

    evaluate_options, predict_options: names of the options that the verb takes; file_flags: the switches of `predict`
    with a file; instead: a command that does what such a model is for.
    """

    task: str
    evaluate_options: tuple[str, ...] = ()
    predict_options: tuple[str, ...] = ()
    file_flags: tuple[str, ...] = ()
    instead = "recurra inspect {directory}"

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        """Judge the model on `data`."""
        raise self._cannot("evaluate", directory)

    def predict_texts(self, directory: Path, texts: Iterable[str], given: Given) -> Answers:
        """Answer `texts` one by one."""
        raise self._cannot("predict", directory)

    def predict_file(self, directory: Path, data: str, output: Path, given: Given, **flags: Any) -> dict[str, Any]:
        """Answer every row of `data` into `output`. Returns counts, `rows` among them."""
        raise self._cannot("predict", directory)

    def explain(
        self, directory: Path, text: str, *, target: str | None, top: int, html: Path | None, overwrite: bool
    ) -> Any:
        """Explain the answer to `text`, and write a page of it where `html` says so."""
        raise self._cannot("explain", directory)

    def plain_explanation(self, explanation: Any, html: Path | None) -> dict[str, Any]:
        """Return what `explain` gave as the values of one JSON object."""
        raise NotImplementedError

    def explained(self, explanation: Any, top: int) -> None:
        """Print what `explain` gave."""
        raise NotImplementedError

    def predicted(self, answers: Answers) -> None:
        """Print what `predict_texts` gave."""
        raise NotImplementedError

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        """Print the end of a training run."""
        raise NotImplementedError

    def evaluated(self, result: dict[str, Any]) -> None:
        """Print what `evaluate` gave."""
        raise NotImplementedError

    def inspected(self, result: dict[str, Any]) -> None:
        """Print what `inspect` gave."""
        raise NotImplementedError

    def _cannot(self, verb: str, directory: Path) -> OptionError:
        return OptionError(
            f"{directory} is a model of the task {self.task}, which has no `recurra {verb}`. Try: "
            + self.instead.format(directory=directory)
        )


class Classifying(Verbs):
    """A label for each text."""

    task = "classify"
    evaluate_options: tuple[str, ...] = tuple(ReadOptions.model_fields)
    predict_options: tuple[str, ...] = tuple(name for name in ReadOptions.model_fields if name != "label")
    file_flags: tuple[str, ...] = ("resume", "overwrite", "escape_formulas")

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        from recurra.tasks.classify.evaluate import evaluate

        return evaluate(directory, data, validated(ReadOptions, given))

    def predict_texts(self, directory: Path, texts: Iterable[str], given: Given) -> Answers:
        from recurra.tasks.classify.predict import predict_texts

        return predict_texts(directory, texts)

    def predict_file(self, directory: Path, data: str, output: Path, given: Given, **flags: Any) -> dict[str, Any]:
        from recurra.tasks.classify.model import load
        from recurra.tasks.classify.predict_file import predict_file

        return predict_file(load(directory), data, output, validated(ReadOptions, given), **flags)

    def explain(
        self, directory: Path, text: str, *, target: str | None, top: int, html: Path | None, overwrite: bool
    ) -> Any:
        from recurra.tasks.classify.explain_command import explain

        return explain(directory, text, target, top=top, html=html, overwrite=overwrite)

    def plain_explanation(self, explanation: Any, html: Path | None) -> dict[str, Any]:
        from recurra.tasks.classify.explain_command import plain

        return plain(explanation, html)

    def explained(self, explanation: Any, top: int) -> None:
        from recurra.tasks.classify.explanation_text import explained

        explained(explanation, top)

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        from recurra.tasks.classify import terminal

        terminal.trained(metrics, out)

    def evaluated(self, result: dict[str, Any]) -> None:
        from recurra.tasks.classify import terminal

        terminal.evaluated(result)

    def predicted(self, answers: Answers) -> None:
        from recurra.tasks.classify import terminal

        terminal.predicted(answers)

    def inspected(self, result: dict[str, Any]) -> None:
        from recurra.tasks.classify import terminal

        terminal.inspected(result)


class Generating(Verbs):
    """Text that goes on."""

    task = "generate"
    evaluate_options = ("encoding",)
    instead = 'recurra generate {directory} --prompt "ROMEO:"'

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        from recurra.tasks.generate.evaluate import evaluate_text

        return evaluate_text(directory, data, **given)

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        from recurra.tasks.generate import evaluate

        evaluate.trained(metrics, out)

    def evaluated(self, result: dict[str, Any]) -> None:
        from recurra.tasks.generate import evaluate

        evaluate.evaluated(result)

    def inspected(self, result: dict[str, Any]) -> None:
        from recurra.tasks.generate import evaluate

        evaluate.inspected(result)


class Tagging(Verbs):
    """A tag for each word."""

    task = "tag"
    evaluate_options = ("encoding", "word_column", "tag_column")
    predict_options = evaluate_options
    file_flags = ("resume", "overwrite")

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        from recurra.tasks.tag.evaluate import evaluate_tags

        return evaluate_tags(directory, data, **given)

    def predict_texts(self, directory: Path, texts: Iterable[str], given: Given) -> Answers:
        from recurra.tasks.tag.predict import tag_texts

        return tag_texts(directory, texts)

    def predict_file(self, directory: Path, data: str, output: Path, given: Given, **flags: Any) -> dict[str, Any]:
        from recurra.tasks.registry import load
        from recurra.tasks.tag.predict_file import predict_file

        return predict_file(load(directory), data, output, **given, **flags)

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        from recurra.tasks.tag import evaluate

        evaluate.trained(metrics, out)

    def evaluated(self, result: dict[str, Any]) -> None:
        from recurra.tasks.tag import evaluate

        evaluate.evaluated(result)

    def predicted(self, answers: Answers) -> None:
        from recurra.terminal.progress import visible

        for answer in answers:
            print(
                " ".join(
                    f"{visible(word)}/{visible(tag)}"
                    for word, tag in zip(answer["tokens"], answer["tags"], strict=True)
                )
            )

    def inspected(self, result: dict[str, Any]) -> None:
        from recurra.tasks.tag import evaluate

        evaluate.inspected(result)


class Translating(Verbs):
    """A text for each text."""

    task = "translate"
    evaluate_options = ("source", "target", "target_file", "beam", "length_penalty", *_DIALECT)
    predict_options = ("source", "beam", "length_penalty", *_DIALECT)
    file_flags = ("resume", "overwrite", "escape_formulas")

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        from recurra.tasks.translate.evaluate import evaluate_translations

        return evaluate_translations(directory, data, **_with_dialect(given))

    def predict_texts(self, directory: Path, texts: Iterable[str], given: Given) -> Answers:
        from recurra.tasks.translate.predict import translate_texts

        return translate_texts(directory, texts, **given)

    def predict_file(self, directory: Path, data: str, output: Path, given: Given, **flags: Any) -> dict[str, Any]:
        from recurra.tasks.translate.predict import opened
        from recurra.tasks.translate.predict_file import predict_file

        return predict_file(opened(directory), data, output, **_with_dialect(given), **flags)

    def explain(
        self, directory: Path, text: str, *, target: str | None, top: int, html: Path | None, overwrite: bool
    ) -> Any:
        from recurra.tasks.translate.explain import explain_translation

        return explain_translation(directory, text, target, html=html, overwrite=overwrite)

    def plain_explanation(self, explanation: Any, html: Path | None) -> dict[str, Any]:
        from recurra.tasks.translate.explain import plain

        return plain(explanation, html)

    def explained(self, explanation: Any, top: int) -> None:
        from recurra.tasks.translate.explain import said

        said(explanation)

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        from recurra.tasks.translate import evaluate

        evaluate.trained(metrics, out)

    def evaluated(self, result: dict[str, Any]) -> None:
        from recurra.tasks.translate import evaluate

        evaluate.evaluated(result)

    def predicted(self, answers: Answers) -> None:
        from recurra.terminal.progress import visible

        for answer in answers:
            print(visible(answer["translation"]))

    def inspected(self, result: dict[str, Any]) -> None:
        from recurra.tasks.translate import evaluate

        evaluate.inspected(result)


class Chatting(Verbs):
    """A reply to the turns so far."""

    task = "chat"
    evaluate_options = ("encoding", "turns")
    instead = "recurra chat {directory}"

    def evaluate(self, directory: Path, data: str, given: Given) -> dict[str, Any]:
        from recurra.tasks.chat.evaluate import evaluate_replies

        return evaluate_replies(directory, data, **given)

    def trained(self, metrics: dict[str, Any], out: Path) -> None:
        from recurra.tasks.chat import evaluate

        evaluate.trained(metrics, out)

    def evaluated(self, result: dict[str, Any]) -> None:
        from recurra.tasks.chat import evaluate

        evaluate.evaluated(result)

    def inspected(self, result: dict[str, Any]) -> None:
        from recurra.tasks.chat import evaluate

        evaluate.inspected(result)


VERBS: dict[str, Verbs] = {
    verbs.task: verbs for verbs in (Classifying(), Generating(), Tagging(), Translating(), Chatting())
}
"""The verbs of each task."""


def verbs_of(directory: Path) -> Verbs:
    """Return the verbs for the model in `directory`. Raises ArtefactError where it is no sound model."""
    return VERBS[task_of(directory, model_directory.read(directory, ()).manifest)]


def fitting(given: Given, accepted: Iterable[str], what: str) -> dict[str, Any]:
    """Return the options in `given`. Raises OptionError for one that does not go with the model."""
    accepted = set(accepted)
    for name in given:
        if name not in accepted:
            raise OptionError(f"{flag(name)} does not go with {what}.")
    return dict(given)


def _with_dialect(given: Given) -> dict[str, Any]:
    """Put the options that say how a table is written into one."""
    dialect = {name: given[name] for name in _DIALECT if name in given}
    return {name: value for name, value in given.items() if name not in dialect} | (
        {"dialect": Dialect(**dialect)} if dialect else {}
    )
