"""Train a translator: many-to-many, unaligned, a text in and its translation out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.learnt import facts
from recurra.data.tables.rejects import report_rejected
from recurra.errors import ColumnError
from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.seq2seq.learn.split import divide, short_enough
from recurra.seq2seq.metrics import corpus_scores
from recurra.tasks.translate.learn.baseline import TranslationTable
from recurra.tasks.translate.metrics import translation_scores
from recurra.tasks.translate.model import SPECIALS, Translated, Translator
from recurra.tasks.translate.options import TranslateOptions
from recurra.tasks.translate.parallel_corpus import ParallelCorpus
from recurra.tasks.translate.reading import ParallelTable, open_pairs
from recurra.terminal.counts import counted
from recurra.text.bpe import Subwords
from recurra.training.control import RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.split import Parts
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.seq2seq.learn.fit import FittedSeq2Seq

EPOCHS = EpochBudget(rows=280_000, fewest=3, most=40)
EXAMPLES = 12
MAPS = 4
EXAMPLE_CHARACTERS = 400
MAP_WORDS = 24
"""Words of a text beyond which its attention is not drawn."""


class TranslateTrainer(Trainer[TranslateOptions]):
    """Pairs of a text and its translation, from two aligned files or two columns."""

    summary_scores = ("bleu", "bleu_ci95", "chrf", "chrf_ci95", "perplexity", "rows")

    _subwords: Subwords
    _fitted: FittedSeq2Seq
    _model: Translator
    _parts: Parts

    def __init__(self, options: TranslateOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._pairs = ParallelCorpus(context.directory)
        self._left_out = 0

    def read(self) -> dict[str, Any]:
        options, reporter = self.options, self.context.reporter
        with self.context.timing.step("read"):
            table = self._opened(self.context.data, options.target_file, self.context.rejects)
            held_out = 0
            self._add(table)
            if options.test is not None:
                self._pairs.next_file()
                rejects = self.context.rejects.with_suffix(".test.rejects")
                held_out = self._add(self._opened(options.test, options.test_target_file, rejects, like=table))
        for finding in self._pairs.findings() or ["no problems found."]:
            reporter.info(f"Data: {finding}")
        self._parts = divide(self._pairs.groups, held_out, options, "repeats", holds_out=self.context.holds_out)
        reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": Path(self.context.data).name,
            "how": table.how,
            "fingerprint": self._pairs.fingerprint,
            "training_fingerprint": self._pairs.training_fingerprint,
            "rows": len(self._pairs),
            "source": table.columns[0],
            "target": table.columns[1],
            **(facts(table.tables[0]) if len(table.tables) == 1 else {}),
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._parts.counts(), self._parts.digest_bytes()

    def heading(self) -> str:
        options = self.options
        epochs = EPOCHS.epochs(options, int(self._parts.train.sum()))
        return (
            f"Training {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) in both directions, attention "
            f"and a decoder of {2 * options.hidden}, {counted(epochs, 'epoch')}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.seq2seq.learn.fit import fit_seq2seq
        from recurra.seq2seq.learn.objective import IdRows

        options, pairs, parts = self.options, self._pairs, self._parts
        train, valid = np.flatnonzero(parts.train), np.flatnonzero(parts.valid)
        texts = (text for row in train for text in (pairs.sources[int(row)], pairs.targets[int(row)]))
        self._subwords = Subwords.train(texts, options.vocabulary, SPECIALS)
        sources, targets = (IdRows.of(map(self._subwords.encode, side)) for side in (pairs.sources, pairs.targets))
        lengths = [sources.lengths, targets.lengths]
        short_train, short_valid = (short_enough(rows, lengths, options.max_tokens) for rows in (train, valid))
        self._left_out = len(train) + len(valid) - len(short_train) - len(short_valid)
        if self._left_out:
            self.context.reporter.info(
                f"Data: {counted(self._left_out, 'pair is', 'pairs are')} longer than --max-tokens and left out of "
                "training."
            )
        self._fitted = fit_seq2seq(
            sources,
            targets,
            short_train,
            short_valid,
            self._subwords.size,
            options,
            budget=EPOCHS,
            control=control,
        )
        self._model = Translator(self._fitted.session, self._subwords)
        return self._fitted.history

    def evaluate(self) -> dict[str, Any]:
        reporter, timing, fitted = self.context.reporter, self.context.timing, self._fitted
        test = np.flatnonzero(self._parts.test)
        sources, references = self._texts(self._pairs.sources, test), self._texts(self._pairs.targets, test)
        with timing.step("evaluate"):
            reporter.info(f"Translating {counted(len(test), 'held-out text')} ...")
            written = list(self._model.translate_iter(sources))
            scores = translation_scores(self._model, sources, references, written, self.options.seed)
            attention = self._attention(sources, written)
        baseline = None
        if self.options.baseline:
            with timing.step("baseline"):
                reporter.info("Training the baseline (a word-for-word dictionary) on the same pairs ...")
                baseline = self._baseline(sources, references)
        lengths = [len(text) for text in sources]
        return {
            "test": scores | {"mean_characters": float(np.mean(lengths))},
            "valid": fitted.valid,
            "baseline": baseline,
            "examples": _examples(sources, references, written, self.options.seed),
            "attention": attention,
            "hygiene": self._pairs.report()
            | {
                "findings": self._pairs.findings(),
                "tokens": {"vocabulary": self._subwords.size, "pairs_longer_than_max_tokens": self._left_out},
            },
            "config": self.config(),
        }

    def tokenizer_json(self) -> str:
        return self._subwords.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.translate.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.translate.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.translate.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._pairs.close()

    def _opened(
        self, data: str, target_file: str | None, rejects: Path, like: ParallelTable | None = None
    ) -> ParallelTable:
        """Open a table or two aligned files. like: the table whose columns are those of this one too."""
        options = self.options
        if like is not None and target_file is None and len(like.tables) == 1:
            options = options.model_copy(update={"source": like.columns[0], "target": like.columns[1]})
        reporter = self.context.reporter
        also = self.context.data if data == options.test else options.test
        try:
            table = open_pairs(data, options, reporter, target_file=target_file, rejects=rejects, also=also)
        except ColumnError as error:
            if like is None:
                raise
            raise ColumnError(
                f"--test {data}: {error} It is read with the options of {self.context.data}: write both files with the "
                "same names of columns and the same delimiter."
            ) from None
        reporter.info(f"Reading {table.how}.")
        if table.guessed:
            first = table.by_place and "header" in table.tables[0].heeds and options.header
            step = " If these are the first pair, give --no-header." if first else ""
            reporter.info(f"Columns guessed: from {table.columns[0]!r} to {table.columns[1]!r}.{step}")
        return table

    def _add(self, table: ParallelTable) -> int:
        """Take every pair of a table; return how many there were with two sides."""
        taken = sum(self._pairs.add(*pair) for pair in self.context.reporter.track(table.rows(), "Reading"))
        report_rejected(table, self.context.reporter)
        return taken

    def _baseline(self, sources: list[str], references: list[str]) -> dict[str, Any]:
        known = np.concatenate([np.flatnonzero(self._parts.train), np.flatnonzero(self._parts.valid)])
        pairs = self._pairs
        dictionary = TranslationTable.fit((pairs.sources[int(row)], pairs.targets[int(row)]) for row in known)
        scores = corpus_scores([dictionary.translate(text) for text in sources], references, self.options.seed)
        return {"name": "Word-for-word dictionary", "rows_used": dictionary.pairs, **scores}

    def _attention(self, sources: list[str], written: list[Translated]) -> list[dict[str, Any]]:
        """Return the maps of a few texts of middling length."""
        fitting = [
            i for i, text in enumerate(sources) if 3 <= len(text.split()) <= MAP_WORDS and written[i].text.strip()
        ]
        chosen = np.random.default_rng(self.options.seed).permutation(len(fitting))[:MAPS]
        maps = [self._model.align(sources[fitting[i]], written[fitting[i]].text) for i in sorted(chosen)]
        return [
            {"source": list(one.source), "target": list(one.target), "weights": one.weights.round(4).tolist()}
            for one in maps
        ]

    @staticmethod
    def _texts(texts: Any, rows: NDArray[np.int64]) -> list[str]:
        return [texts[int(row)] for row in rows]


def _examples(
    sources: list[str], references: list[str], written: Iterable[Translated], seed: int
) -> list[dict[str, str]]:
    texts = [one.text for one in written]
    chosen = np.sort(np.random.default_rng(seed).permutation(len(sources))[:EXAMPLES])
    limit = EXAMPLE_CHARACTERS
    return [
        {"source": sources[i][:limit], "reference": references[i][:limit], "written": texts[i][:limit]} for i in chosen
    ]
