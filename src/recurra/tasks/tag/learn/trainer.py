"""Train a tagger: many-to-many, aligned, a tag for each word of a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.split import holdout, leaked_rows
from recurra.data.tables.table import listed
from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.errors import LabelError
from recurra.kernel.layout import CELL_NAMES
from recurra.options.word_vectors import names_a_file
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import Label
from recurra.tasks.tag.data_quality import held_out_findings, tag_findings
from recurra.tasks.tag.familiarity import check_judged
from recurra.tasks.tag.learn.baseline import NAME, MajorityBaseline
from recurra.tasks.tag.metrics import compare_taggers, score_tags, unknown_tags_message
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TagOptions
from recurra.tasks.tag.reading import open_tagged, report_skipped
from recurra.tasks.tag.schemes import SchemeCount, inner_tags
from recurra.tasks.tag.tagged_file import TrainingColumns
from recurra.training.control import RunControl
from recurra.training.split import Parts, draw, file_in_words, share_in_words, validation_share
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.tasks.tag.learn.fit import FittedTagger

TRAIN_SAMPLE = 1_000
"""Sentences of the training part on which its accuracy is measured at the end."""
MISTAKES = 20
Part = tuple[list[list[str]], list[list[str]]]


@dataclass
class Rows:
    """N sentences: words, tags, and a number for each that equal sentences share [N]."""

    words: list[list[str]]
    tags: list[list[str]]
    groups: NDArray[np.int64]

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Part:
        rows = np.arange(len(self.words))[chosen]
        return [self.words[row] for row in rows], [self.tags[row] for row in rows]


class TagTrainer(Trainer[TagOptions]):
    """Sentences whose every word has a tag, from CoNLL files, JSON lines, tables or Parquet."""

    summary_scores = ("accuracy", "accuracy_ci95", "rows", "words", "f1", "f1_ci95", "unknown_rate")

    _fitted: FittedTagger
    _tagger: Tagger
    _rows: Rows
    _parts: Parts

    def __init__(self, options: TagOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._columns: TrainingColumns | None = None
        self._scheme: SchemeCount | None = None
        self._findings: list[str] = []
        self._repeats = np.zeros(0, dtype=np.bool_)
        self._labels: list[str] = []

    def read(self) -> dict[str, Any]:
        options, fingerprint, training_fingerprint = self.options, Fingerprint(), ""
        words: list[list[str]] = []
        tags: list[list[str]] = []
        counts: list[int] = []
        with self.context.timing.step("read"):
            for name in [self.context.data, *([options.test] if options.test else [])]:
                rejects = self.context.rejects
                file = open_tagged(
                    name,
                    options,
                    self.context.reporter,
                    training=self._columns,
                    rejects=rejects.with_suffix(".test.rejects") if self._columns else rejects,
                )
                self.context.reporter.info(f"Reading {name}; {file.columns_in_words}.")
                scheme, first = SchemeCount(self._scheme.scheme if self._scheme else None), len(words)
                for sentence in self.context.reporter.track(file.sentences(), "Reading"):
                    if sentence.words:
                        scheme.add(sentence.tags, f"the sentence at {file.unit} {sentence.line:,} of {Path(name).name}")
                        words.append([intern(word) for word in sentence.words])
                        tags.append([intern(tag) for tag in sentence.tags])
                        fingerprint.add("\t".join(sentence.words), "\t".join(sentence.tags))
                report_skipped(file, self.context.reporter)
                self._findings += scheme.findings()
                self._scheme = self._scheme or scheme
                if self._scheme.scheme:
                    tags[first:] = [inner_tags(each, scheme.scheme) for each in tags[first:]]
                self._columns = self._columns or TrainingColumns(
                    file.format,
                    file.tag_column,
                    options.word_column or file.word_column,
                    file.width or None,
                    file.numbered,
                    file.sentence_column,
                    file.names,
                )
                training_fingerprint = training_fingerprint or fingerprint.hexdigest()
                counts.append(len(words))
            seen: dict[tuple[str, ...], int] = {}
            groups = [seen.setdefault(tuple(sentence), len(seen)) for sentence in words]
            self._rows = Rows(words, tags, np.array(groups, dtype=np.int64))
            self._divide(counts[0])
        columns, schemes = self._columns, self._scheme
        assert columns is not None and schemes is not None
        self._look_at_tags(columns)
        for finding in self._findings:
            self.context.reporter.info(f"Data: {finding}")
        self._look_at_vectors()
        self.context.reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": Path(self.context.data).name,
            "how": f"the file {Path(self.context.data).name}",
            "fingerprint": fingerprint.hexdigest(),
            "training_fingerprint": training_fingerprint,
            "rows": len(words),
            "words": sum(map(len, words)),
            "format": columns.format,
            "word_column": columns.words,
            "tag_column": columns.tags,
            "columns": columns.width,
            "tags_are_numbers": columns.numbered,
            "sentence_column": columns.sentences,
            "tag_names": list(columns.names),
            **schemes.facts(),
        }

    def _divide(self, first: int) -> None:
        """Divide the sentences into training, validation and held-out ones. first: how many the first file has."""
        options, groups = self.options, self._rows.groups
        alike = np.zeros(len(groups), dtype=np.int64)
        if options.test:
            test = np.arange(len(groups)) >= first
            how = file_in_words(options.test)
        elif not self.context.holds_out:
            test, how = np.zeros(len(groups), dtype=np.bool_), "no sentence is held out"
        else:
            test = holdout(alike, groups, options.split, options.seed)
            how = share_in_words(options.split, "sentences", "repeats", options.seed)
        known = np.flatnonzero(~test)
        share = validation_share(options.valid, len(known))
        valid = np.zeros_like(test)
        valid[known[holdout(alike[known], groups[known], share, options.seed + 1)]] = True
        if len(known) > 1 and not valid.any():
            valid[known[-1]] = True
        self._labels = sorted({tag for row in known for tag in self._rows.tags[row]})
        if len(self._labels) < 2:
            raise LabelError(
                f"The training sentences have {len(self._labels)} tag{'s'[: len(self._labels) != 1]} "
                f"({listed(self._labels)}); learning needs at least two. Check --tag-column."
            )
        if self.context.holds_out and not test.any():
            if len(groups) == 1:
                raise LabelError(
                    f"{self.context.data} has one sentence, of {len(self._rows.words[0]):,} words. Give more; in a "
                    "CoNLL file a blank line ends each of them."
                )
            raise LabelError("There is no sentence to evaluate on. Give more, a larger --split, or a file by --test.")
        self._repeats = leaked_rows(groups[known], groups) & test
        if repeated := int(self._repeats.sum()):
            how += f"; {repeated:,} of them repeat a training sentence, and the report has a score without them"
        self._parts = Parts(~(test | valid), valid, test, how)

    def _look_at_tags(self, columns: TrainingColumns) -> None:
        """Keep what people should know of the tags. Raises LabelError where training has none of a test file's."""
        test = self._parts.test
        train, held_out = (Counter(tag for tags in self._rows.part(rows)[1] for tag in tags) for rows in (~test, test))
        if self.options.test:
            check_judged(self.options.test, held_out, self._labels)
        self._findings += tag_findings(train, numbered=columns.numbered, named=columns.format == "conllu")
        if self.context.holds_out:
            self._findings += held_out_findings(train, held_out)
        if unknown := {tag: count for tag, count in sorted(held_out.items()) if tag not in train}:
            self._findings.append(f"In the held-out sentences {unknown_tags_message(unknown, self._labels)}")

    def _look_at_vectors(self) -> None:
        """Tell what a file of word vectors covers. Raises as `pretrained` does."""
        from recurra.tasks.tag.learn.vocabulary import fit_vocabulary
        from recurra.training.word_vectors import vector_findings, with_width

        if not names_a_file(self.options.word_vectors):
            return
        vocabulary = fit_vocabulary(self._rows.part(self._parts.train)[0], with_width(self.options))
        if vocabulary.vectors and vocabulary.facts:
            found = vector_findings(vocabulary.facts, vocabulary.vectors.vectors.notes)
            for finding in found:
                self.context.reporter.info(f"Data: {finding}")
            self._findings += found
            self.context.reporter.info(f"Word vectors: {vectors_in_words(vocabulary.facts)}.")

    def split(self) -> tuple[dict[str, Any], bytes]:
        repeats = {"repeats_of_training_in_test": int(self._repeats.sum())}
        return self._parts.counts() | repeats, self._parts.digest_bytes()

    def heading(self) -> str:
        from recurra.tasks.tag.learn.fit import EPOCHS

        options = self.options
        epochs = EPOCHS.epochs(options, int(self._parts.train.sum()))
        return (
            f"Training {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) in both directions, "
            f"{len(self._labels)} tags, {epochs} epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.tag.learn.fit import fit_tagger

        fitted = self._fitted = fit_tagger(
            self._rows.part(self._parts.train),
            self._rows.part(self._parts.valid),
            self._labels,
            self.options,
            control=control,
        )
        self._tagger = Tagger(fitted.shape, fitted.word_features, fitted.graph, fitted.tags)
        return fitted.history

    def evaluate(self) -> dict[str, Any]:
        reporter, timing = self.context.reporter, self.context.timing
        words, gold = self._rows.part(self._parts.test)
        metrics: dict[str, Any] = {"baseline": None, "paired": None}
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out sentences ...")
            predicted = self._tagger.tag(words)
            known = [[self._tagger.word_features.knows(word) for word in sentence] for sentence in words]
            metrics["test"] = score_tags(gold, predicted, self._labels, known)
            metrics["test"]["unseen_sentences"] = self._unseen(gold, predicted)
            metrics["train"] = self._train_score()
            metrics["mistakes"] = _mistakes(words, gold, predicted)
        if self.options.baseline:
            with timing.step("baseline"):
                answers = MajorityBaseline(*self._rows.part(~self._parts.test)).tag(words)
                scores = score_tags(gold, answers, self._labels, known)
                names = ("accuracy", "exact_match", "precision", "recall", "f1")
                chosen = {key: value for key, value in scores.items() if key.removesuffix("_ci95") in names}
                metrics["baseline"] = {"name": NAME, "macro_f1": scores["macro_f1"], **chosen}
                sizes = np.array([len(sentence) for sentence in words])
                metrics["paired"] = compare_taggers(
                    _correct_words(gold, predicted), _correct_words(gold, answers), sizes
                )
        return metrics | {"hygiene": {"findings": self._findings}, "config": self.config()}

    def chosen(self) -> dict[str, Any]:
        from recurra.tasks.tag.learn.fit import word_dropout

        return {
            "tag_column": self._columns.tags if self._columns else None,
            "crf": self._fitted.shape.crf,
            "word_dropout": word_dropout(self.options),
        }

    def labels(self) -> list[Label]:
        return list(self._labels)

    def tokenizer_json(self) -> str:
        return self._fitted.word_features.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.tag.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.tag.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.tag.learn.report import model_card

        return model_card(metrics)

    def _unseen(self, gold: list[list[str]], predicted: list[list[str]]) -> dict[str, Any]:
        """Return the accuracy on held-out sentences that repeat none in training."""
        fresh = ~self._repeats[self._parts.test]
        words = sum(len(tags) for tags, new in zip(gold, fresh, strict=True) if new)
        right = int(_correct_words(gold, predicted)[fresh].sum())
        return {"rows": int(fresh.sum()), "words": words, "accuracy": right / words if words else None}

    def _train_score(self) -> dict[str, Any]:
        """Return the accuracy on training sentences, a sample of them where there are many."""
        chosen = draw(np.flatnonzero(self._parts.train), TRAIN_SAMPLE, self.options.seed)
        words, gold = self._rows.part(chosen)
        return {
            "rows": len(chosen),
            "accuracy": float(_correct_words(gold, self._tagger.tag(words)).sum()) / sum(map(len, words)),
        }


def _correct_words(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """Return how many words of each sentence are tagged correctly [N]."""
    pairs = zip(gold, predicted, strict=True)
    return np.array([sum(a == b for a, b in zip(*pair, strict=True)) for pair in pairs], dtype=np.int64)


def _mistakes(words: list[list[str]], gold: list[list[str]], predicted: list[list[str]]) -> list[dict[str, Any]]:
    """Return the sentences with the most mistakes: words, and (index, truth, predicted) of each mistake."""
    wrong = np.array([len(tags) for tags in gold]) - _correct_words(gold, predicted)
    worst = [int(row) for row in np.argsort(-wrong, kind="stable")[:MISTAKES] if wrong[row]]
    return [
        {
            "row": row,
            "words": words[row],
            "wrong": [
                {"place": index, "truth": a, "predicted": b}
                for index, (a, b) in enumerate(zip(gold[row], predicted[row], strict=True))
                if a != b
            ],
        }
        for row in worst
    ]
