"""`TextGenerator`: training a language model, and writing with it, with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self

from sklearn.utils.validation import check_is_fitted

from recurra.errors import OptionError
from recurra.kernel.layout import Cell
from recurra.options.network import TokenLevel
from recurra.storage.model_directory import Artefact
from recurra.tasks.generate.learn.trainer import GenerateTrainer
from recurra.tasks.generate.model import TEMPERATURE, TOKENS, Generator, from_artefact
from recurra.tasks.generate.options import GenerateOptions
from recurra.training.estimator import TaskEstimator, texts

DEFAULTS = GenerateOptions()


class TextGenerator(TaskEstimator[Generator]):
    """Write text with a recurrent language model.

        generator = TextGenerator(hidden=128, epochs=5)
        generator.fit(texts)
        generator.generate("ROMEO:", 200, seed=1)
        generator.save("writer")                    # then, without torch: recurra.load("writer")

    The parameters are the options of `recurra train --task generate`, whose help describes each. `valid` is the share
    of the text given to `fit` that validates instead of training.

    Fitted attributes: history_, one dict an epoch; n_iter_, the epochs trained; network_shape_; findings_, what
    training found in the text; model_, a Generator.
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
        cell: Cell = DEFAULTS.cell,
        layers: int = DEFAULTS.layers,
        hidden: int = DEFAULTS.hidden,
        embedding: int = DEFAULTS.embedding,
        dropout: float = DEFAULTS.dropout,
        vocabulary: int = DEFAULTS.vocabulary,
        min_count: int = DEFAULTS.min_count,
        level: TokenLevel = DEFAULTS.level,
        unroll: int = DEFAULTS.unroll,
        weight_dropout: float | None = DEFAULTS.weight_dropout,
        ngrams: int | None = DEFAULTS.ngrams,
        tied: bool | None = DEFAULTS.tied,
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
        self.cell = cell
        self.layers = layers
        self.hidden = hidden
        self.embedding = embedding
        self.dropout = dropout
        self.vocabulary = vocabulary
        self.min_count = min_count
        self.level = level
        self.unroll = unroll
        self.weight_dropout = weight_dropout
        self.ngrams = ngrams
        self.tied = tied

    @property
    def _trained_by(self) -> tuple[type[GenerateOptions], type[GenerateTrainer]]:
        return GenerateOptions, GenerateTrainer

    def _open(self, source: Artefact) -> Generator:
        return from_artefact(source, self.threads)

    def fit(self, X: Iterable[str], y: None = None) -> Self:
        """Train on texts X [n], read as one, each on lines of its own. y: ignored, as pipelines pass one.

        Raises OptionError for a parameter or an input that cannot be used, DataError for too short a text.
        """
        given = _text(X)

        def write(folder: Path) -> Path:
            path = folder / "text.txt"
            path.write_text(given, encoding="utf-8", newline="")
            return path

        self._train(write, "X")
        return self

    def generate(
        self,
        prompt: str = "",
        tokens: int = TOKENS,
        *,
        temperature: float = TEMPERATURE,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> str:
        """Return text that continues a prompt; the parameters are those of `Generator.generate`."""
        check_is_fitted(self)
        pieces = self.model_.generate(prompt, tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
        return "".join(pieces)

    def predict(self, X: Iterable[str]) -> list[str]:
        """Return for each prompt [n] the text that follows, as `generate` writes it with the estimator's seed."""
        check_is_fitted(self)
        return [self.generate(prompt, seed=self.seed) for prompt in texts(X, "X")]

    def score(self, X: Iterable[str], y: None = None) -> float:
        """Return the mean log-likelihood of the texts in nats per symbol: higher is better. y: ignored."""
        check_is_fitted(self)
        return -self.model_.score(_text(X))


def _text(X: Iterable[str]) -> str:
    """Return texts as one, each on lines of its own. Raises OptionError where they cannot be used."""
    given = texts(X, "X")
    for row, text in enumerate(given):
        if "\0" in text:
            raise OptionError(f"Item {row} of X contains a NUL character, which no text may contain. Remove it.")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise OptionError(f"Item {row} of X holds half of a character (a lone surrogate). Remove it.") from None
    if not any(given):
        raise OptionError("X has no text. Give texts to learn from.")
    return "".join(text if text.endswith("\n") else text + "\n" for text in given)
