"""`SequenceTagger`: training and tagging with scikit-learn's interface."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from sklearn.utils.validation import check_is_fitted

from recurra.errors import LabelError, OptionError
from recurra.kernel.layout import Cell
from recurra.options.arguments import described, is_words
from recurra.storage.model_directory import Artefact
from recurra.tasks.tag.learn.trainer import TagTrainer
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TagOptions
from recurra.tasks.tag.schemes import Scheme
from recurra.tasks.tag.shape import Characters
from recurra.training.estimator import TaskEstimator, column

DEFAULTS = TagOptions()


class SequenceTagger(TaskEstimator[Tagger]):
    """Tag the words of sentences with a recurrent network.

        tagger = SequenceTagger(hidden=64, epochs=5)
        tagger.fit([["Ana", "met", "Bo"]], [["B-PER", "O", "B-PER"]])
        tagger.predict([["Bo", "left"]])
        tagger.save("tagger")                       # then, without torch: recurra.load("tagger")

    The parameters are the options of `recurra train --task tag`, whose help describes each. `valid` is the share of the
    sentences given to `fit` (2,000 at most) that validates instead of training.

    Fitted attributes: classes_, the tags that the network answers, spans marked as in IOB2; history_, one dict an
    epoch; n_iter_, the epochs trained; network_shape_; findings_, what training found in the rows; model_, a Tagger.
    """

    _FACTS = ("scheme", "tags_out_of_scheme")

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
        word_vectors: str = DEFAULTS.word_vectors,
        keep_words: int = DEFAULTS.keep_words,
        vocabulary: int = DEFAULTS.vocabulary,
        min_count: int = DEFAULTS.min_count,
        word_dropout: float | None = DEFAULTS.word_dropout,
        crf: bool | None = DEFAULTS.crf,
        characters: Characters = DEFAULTS.characters,
        affix_embedding: int = DEFAULTS.affix_embedding,
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
        self.word_vectors = word_vectors
        self.keep_words = keep_words
        self.vocabulary = vocabulary
        self.min_count = min_count
        self.word_dropout = word_dropout
        self.crf = crf
        self.characters = characters
        self.affix_embedding = affix_embedding

    @property
    def _trained_by(self) -> tuple[type[TagOptions], type[TagTrainer]]:
        return TagOptions, TagTrainer

    def _open(self, source: Artefact) -> Tagger:
        return Tagger.from_artefact(source, self.threads)

    def fit(self, X: Iterable[Sequence[str]], y: Iterable[Sequence[str]]) -> Self:
        """Train on sentences X [n], each a list of words, and their tags y [n], each a list of as many.

        Raises OptionError for a parameter or an input that cannot be used, LabelError for tags that cannot be used.
        """
        sentences, tags = _sentences(X, "X", "words"), _sentences(y, "y", "tags")
        if len(sentences) != len(tags):
            raise OptionError(f"X has {len(sentences):,} sentences and y {len(tags):,}; they must be equally many.")
        for row, (words, beside) in enumerate(zip(sentences, tags, strict=True)):
            if len(words) != len(beside):
                raise LabelError(f"Sentence {row} has {len(words):,} words in X and {len(beside):,} tags in y.")
            for name, items in (("X", words), ("y", beside)):
                if "" in items:
                    raise LabelError(f"Sentence {row} of {name} has an empty item, number {items.index('')}.")

        def write(folder: Path) -> Path:
            path = folder / "sentences.jsonl"
            with path.open("w", encoding="ascii") as file:
                for words, beside in zip(sentences, tags, strict=True):
                    file.write(json.dumps({"tokens": words, "tags": beside}) + "\n")
            return path

        self._train(write, "X")
        self.classes_ = list(self._parts["labels"])
        return self

    def predict(self, X: Iterable[Sequence[str]], *, scheme: Scheme | None = None) -> list[list[str]]:
        """Return a tag for each word of each sentence. scheme: how spans are marked; None for that of y."""
        check_is_fitted(self)
        return self.model_.tag(column(X, "X", "sentences"), scheme=scheme)

    def score(self, X: Iterable[Sequence[str]], y: Iterable[Sequence[str]]) -> float:
        """Return the share of the words whose tags are those in y."""
        tags = _sentences(y, "y", "tags")
        answers = self.predict(X)
        if [len(sentence) for sentence in answers] != [len(sentence) for sentence in tags]:
            raise OptionError("X and y must have as many sentences, and as many words in each.")
        pairs = [pair for found, truth in zip(answers, tags, strict=True) for pair in zip(found, truth, strict=True)]
        if not pairs:
            raise OptionError("X has no word to judge by.")
        return sum(found == truth for found, truth in pairs) / len(pairs)


def _sentences(given: Iterable[Sequence[str]], name: str, what: str) -> list[list[str]]:
    """Return lists of texts. Raises OptionError for anything else."""
    found: list[Any] = column(given, name, f"lists of {what}")
    for row, sentence in enumerate(found):
        if not is_words(sentence):
            raise OptionError(f"Sentence {row} of {name} is {described(sentence)}; it must be a list of {what}.")
    return [[str(item) for item in sentence] for sentence in found]
