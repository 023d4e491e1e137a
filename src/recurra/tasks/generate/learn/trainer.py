"""Train a language model: one-to-many, one long text in, and the model writes more of its kind."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recurra.errors import DataError
from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import NGRAMS
from recurra.tasks.generate.learn.ablation import ablation
from recurra.tasks.generate.learn.kneser_ney import MOST_SYMBOLS, Ngram, fit_ngram, nats_by_order
from recurra.tasks.generate.metrics import accuracy_scores, compare_likelihood, copied_share, likelihood_scores
from recurra.tasks.generate.model import Generator
from recurra.tasks.generate.options import GenerateOptions
from recurra.tasks.generate.reading import read_text, table_name
from recurra.tasks.generate.split_text import split_text
from recurra.tasks.generate.tokenizer import SymbolTokenizer, fit_tokenizer
from recurra.training.control import RunControl
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.tasks.generate.learn.fit import FittedLanguageModel

FEWEST_CHARACTERS = 200
"""A shorter text leaves too little to evaluate on."""
MOST_VALID_CHARACTERS = 200_000
CHARACTERS_A_SYMBOL = 10
"""About the most that symbols of any level have on average."""
SAMPLE_TEMPERATURES = (0.5, 0.8, 1.0)
SAMPLE_SYMBOLS = {"char": 500, "word": 120, "bpe": 160}


class GenerateTrainer(Trainer[GenerateOptions]):
    """A plain text, of which the last part is held out."""

    summary_scores = (
        "nats_per_char",
        "perplexity",
        "nats_per_symbol",
        "nats_per_char_ci95",
        "perplexity_ci95",
        "nats_per_symbol_ci95",
        "accuracy",
        "rows",
    )

    _tokenizer: SymbolTokenizer
    _fitted: FittedLanguageModel
    _generator: Generator

    def __init__(self, options: GenerateOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._known = self._train = self._valid = self._test = ""

    def read(self) -> dict[str, Any]:
        options, reporter, timing = self.options, self.context.reporter, self.context.timing
        path = Path(self.context.data)
        reporter.info(f"Reading {path}.")
        with timing.step("read"):
            text = read_text(path, options.encoding)
            held_out = read_text(Path(options.test), options.encoding) if options.test else None
        if kind := table_name(path):
            reporter.info(f"{path.name} is read as one text, with the column names and the punctuation of {kind}.")
        self._divide(path, text, held_out)
        with timing.step("tokenise"):
            self._tokenizer = fit_tokenizer(
                options.level, self._train, size=options.vocabulary, min_count=options.min_count
            )
        reporter.info(
            f"Text: {len(text):,} characters; {self._tokenizer.size - 1:,} different symbols of the level "
            f"{options.level}."
        )
        reporter.info(f"Split: {self._how()}.")
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
        training_fingerprint = digest.hexdigest()
        if held_out is not None:
            digest.update(b"\0" + held_out.encode("utf-8", "surrogatepass"))
        return {
            "name": path.name,
            "how": f"{path.name}: {len(text):,} characters",
            "fingerprint": digest.hexdigest(),
            "training_fingerprint": training_fingerprint,
            "rows": len(text),
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        counts = {"train": len(self._train), "valid": len(self._valid), "test": len(self._test)}
        return {"how": self._how(), **counts}, repr(counts).encode()

    def heading(self) -> str:
        options = self.options
        return f"Training {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) to write by {options.level}"

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.generate.learn.fit import fit_language_model
        from recurra.tasks.generate.learn.ngram_fit import MOST_NODES

        self._fitted = fit_language_model(
            self._tokenizer,
            self._tokenizer.encode(self._train),
            self._tokenizer.encode(self._valid),
            self._tokenizer.encode(self._known),
            self.options,
            control=control,
            tell=self.context.reporter.info,
        )
        ngrams = self._fitted.ngrams
        beside = None if ngrams is None else (ngrams.content(), ngrams.order)
        self._generator = Generator(self._tokenizer, self._fitted.graph, ngrams=beside)
        if ngrams is not None and self.options.ngrams and ngrams.order < self.options.ngrams:
            self.context.reporter.info(
                f"N-grams of up to {ngrams.order} symbols stand beside the network, not {self.options.ngrams}: a tree "
                f"of longer ones of this text would have more than {MOST_NODES:,} nodes."
            )
        return self._fitted.history

    def evaluate(self) -> dict[str, Any]:
        reporter, timing, tokenizer, seed = (
            self.context.reporter,
            self.context.timing,
            self._tokenizer,
            self.options.seed,
        )
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out text ...")
            nats, right = self._generator.read(self._test)
            test = text_scores(tokenizer, self._test, nats, seed)
            alone = ablation(self._generator, self._test, nats, seed)
            test |= accuracy_scores(right, seed)
            started = time.perf_counter()
            samples = self._samples()
            writing = _speed(samples, time.perf_counter() - started)
            for sample in samples:
                sample["copied"] = copied_share(sample["text"], self._known)
        baseline: dict[str, Any] | None = None
        paired: dict[str, Any] | None = None
        with timing.step("baseline"):
            if self.options.baseline:
                reporter.info("Evaluating the baseline (n-grams of the same text) ...")
                ngram = self._baseline()
                baseline = {
                    "name": ngram.name,
                    "order": ngram.order,
                    "symbols_used": ngram.symbols_used,
                    **text_scores(tokenizer, self._test, ngram.nats.astype(np.float32), seed),
                }
                paired = compare_likelihood(nats, ngram.nats, seed)
        best = min(self._fitted.history, key=lambda entry: float(entry["valid_loss"]))
        return {
            "test": test,
            "valid": {"nats_per_symbol": best["valid_loss"], "accuracy": best["valid_accuracy"]},
            "baseline": baseline,
            "paired": paired,
            "parts": alone,
            "samples": samples,
            "writing": writing,
            "config": self.config(),
        }

    def model_files(self) -> dict[str, bytes]:
        ngrams = self._fitted.ngrams
        return super().model_files() | ({} if ngrams is None else {NGRAMS: ngrams.content()})

    def chosen(self) -> dict[str, Any]:
        fitted = self._fitted
        return {
            "tied": fitted.shape.tied,
            "weight_dropout": fitted.weight_dropout,
            "ngrams": fitted.shape.ngrams,
            "streams": fitted.lanes,
        }

    def tokenizer_json(self) -> str:
        return self._tokenizer.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.generate.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.generate.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.generate.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._known = self._train = self._valid = self._test = ""

    def _divide(self, path: Path, text: str, held_out: str | None) -> None:
        """Hold out the end of the text, or another text, and divide the rest into training and validation."""
        if len(text) < FEWEST_CHARACTERS:
            raise DataError(
                f"{path} holds {len(text):,} characters; at least {FEWEST_CHARACTERS} are needed to train on some "
                "and evaluate on others, and a million to write well. Give a longer text."
            )
        held = max(1, round(self.options.split * len(text))) if held_out is None and self.context.holds_out else 0
        self._known = text[: len(text) - held]
        self._test = text[len(self._known) :] if held_out is None else held_out
        self._train, self._valid = split_text(self._known, self.options.valid, most=MOST_VALID_CHARACTERS)

    def _how(self) -> str:
        options = self.options
        held_out = (
            f"the file {Path(options.test).name}" if options.test else f"the last {100 * options.split:g} % of the text"
        )
        return f"{held_out} is held out; {len(self._valid):,} characters, in pieces all over the rest, validate"

    def _baseline(self) -> Ngram:
        """Return n-grams alone on the held-out text; their order is chosen by what was counted for those beside the
        network, where that was."""
        encode, size, most = self._tokenizer.encode, self._tokenizer.size, MOST_SYMBOLS * CHARACTERS_A_SYMBOL
        by_order = self._fitted.ngrams.by_order if self._fitted.ngrams is not None else None
        if by_order is None:
            by_order = nats_by_order(encode(self._train[-most:]), encode(self._valid), size)
        return fit_ngram(encode(self._known[-most:]), encode(self._test), by_order, vocabulary=size)

    def _samples(self) -> list[dict[str, Any]]:
        """Return texts that the model writes on its own."""
        symbols = SAMPLE_SYMBOLS[self.options.level]
        samples = []
        for temperature in SAMPLE_TEMPERATURES:
            pieces = self._generator.generate("", symbols, temperature=temperature, seed=self.options.seed)
            samples.append({"temperature": temperature, "text": "".join(pieces)})
        return samples


def _speed(samples: list[dict[str, Any]], seconds: float) -> dict[str, float]:
    """Return how fast the samples were written, drawing included."""
    characters = sum(len(sample["text"]) for sample in samples)
    return {"characters": characters, "seconds": seconds, "characters_per_second": characters / seconds}


def text_scores(
    tokenizer: SymbolTokenizer, text: str, nats: np.ndarray[Any, np.dtype[np.float32]], seed: int
) -> dict[str, Any]:
    """Return the scores of a model on `text` from the surprise [N] of its symbols; per character where that can be."""
    unknown = int((tokenizer.encode(text) == 0).sum())
    scores = likelihood_scores(nats, len(text) if tokenizer.level != "word" else None, seed)
    return scores | {"rows": len(nats), "characters": len(text), "unknown_rate": unknown / len(nats)}
