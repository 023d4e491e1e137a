"""`SequenceTranslator`: training and translating with scikit-learn's interface."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

from sklearn.utils.validation import check_is_fitted

from recurra.errors import OptionError
from recurra.kernel.layout import Cell
from recurra.seq2seq.metrics import corpus_scores
from recurra.storage.model_directory import Artefact
from recurra.tasks.translate.learn.trainer import TranslateTrainer
from recurra.tasks.translate.model import Translator, from_artefact
from recurra.tasks.translate.options import TranslateOptions
from recurra.training.estimator import TaskEstimator, texts

DEFAULTS = TranslateOptions()


class SequenceTranslator(TaskEstimator[Translator]):
    """Translate texts with a recurrent encoder-decoder and attention.

        translator = SequenceTranslator(hidden=128, epochs=10)
        translator.fit(["Zwei Hunde spielen."], ["Two dogs are playing."])
        translator.predict(["Ein Hund spielt."])
        translator.save("translator")               # then, without torch: recurra.load("translator")

    The parameters are the options of `recurra train --task translate`, whose help describes each. `valid` is the share
    of the pairs given to `fit` (2,000 at most) that validates instead of training. Pairs with an empty side are left
    out.

    Fitted attributes: history_, one dict an epoch; n_iter_, the epochs trained; network_shape_; findings_, what
    training found in the rows; model_, a Translator.
    """

    def __init__(
        self,
        *,
        epochs: int | None = DEFAULTS.epochs,
        batch: int = DEFAULTS.batch,
        learning_rate: float = DEFAULTS.learning_rate,
        schedule: Literal["one-cycle", "constant"] = DEFAULTS.schedule,
        clip: float | None = DEFAULTS.clip,
        patience: int | None = DEFAULTS.patience,
        valid: float = DEFAULTS.valid,
        keep: Literal["best", "last"] = DEFAULTS.keep,
        ema: float = DEFAULTS.ema,
        seed: int = DEFAULTS.seed,
        device: Literal["auto", "cpu", "cuda"] = DEFAULTS.device,
        precision: Literal["auto", "fp32", "bf16"] = DEFAULTS.precision,
        threads: int | None = DEFAULTS.threads,
        beam: int = DEFAULTS.beam,
        length_penalty: float = DEFAULTS.length_penalty,
        cell: Cell = DEFAULTS.cell,
        layers: int = DEFAULTS.layers,
        hidden: int = DEFAULTS.hidden,
        embedding: int = DEFAULTS.embedding,
        dropout: float = DEFAULTS.dropout,
        vocabulary: int = DEFAULTS.vocabulary,
        max_tokens: int = DEFAULTS.max_tokens,
        label_smoothing: float = DEFAULTS.label_smoothing,
    ) -> None:
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clip = clip
        self.patience = patience
        self.valid = valid
        self.keep = keep
        self.ema = ema
        self.seed = seed
        self.device = device
        self.precision = precision
        self.threads = threads
        self.beam = beam
        self.length_penalty = length_penalty
        self.cell = cell
        self.layers = layers
        self.hidden = hidden
        self.embedding = embedding
        self.dropout = dropout
        self.vocabulary = vocabulary
        self.max_tokens = max_tokens
        self.label_smoothing = label_smoothing

    @property
    def _trained_by(self) -> tuple[type[TranslateOptions], type[TranslateTrainer]]:
        return TranslateOptions, TranslateTrainer

    def _open(self, source: Artefact) -> Translator:
        return from_artefact(source, self.threads)

    def fit(self, X: Iterable[str], y: Iterable[str]) -> Self:
        """Train on texts X [n] and their translations y [n].

        Raises OptionError for a parameter or an input that cannot be used, DataError for too few pairs.
        """
        sources, targets = texts(X, "X"), texts(y, "y")
        if len(sources) != len(targets):
            raise OptionError(f"X has {len(sources):,} texts and y {len(targets):,}; they must be equally many.")

        def write(folder: Path) -> Path:
            path = folder / "pairs.jsonl"
            with path.open("w", encoding="ascii") as file:
                for source, target in zip(sources, targets, strict=True):
                    file.write(json.dumps({"source": source, "target": target}) + "\n")
            return path

        if not sources:
            raise OptionError("X is empty. Give texts and their translations.")
        self._train(write, "X")
        return self

    def predict(self, X: Iterable[str]) -> list[str]:
        """Return the translation of each text."""
        check_is_fitted(self)
        return self.model_.translate(texts(X, "X"))

    def score(self, X: Iterable[str], y: Iterable[str]) -> float:
        """Return the BLEU of the translations of X against y, from 0 to 100, as sacrebleu computes it."""
        references, answers = texts(y, "y"), self.predict(X)
        if len(references) != len(answers) or not answers:
            raise OptionError(
                f"X has {len(answers):,} texts and y {len(references):,}; there must be as many, and one."
            )
        return float(corpus_scores(answers, references)["bleu"])
