"""A classifier that starts from a base: the base's words, word vectors and recurrent layers, and its sizes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.batching import batches_by_length
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.objective import SCORING_TOKENS, Objective
from recurra.many_to_one.options import LEVEL_DEFAULTS, TextModelOptions
from recurra.nn.embedding import Embedding
from recurra.options.base import flag
from recurra.storage.base import EMBEDDING, LAYERS, Base
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN, Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.split import draw
from recurra.training.word_vectors import LITTLE_COVERED

RATE = 0.3
"""Factor of the learning rate of the base's word vectors: they are good already."""
LAYER_RATE = 0.3
"""The same of its recurrent layers."""

LEAST_SPREAD = 1e-4
"""Of a feature that hardly differs from row to row."""
MOST_PROBED = 20_000
"""Rows that it reads at most."""

SIZES = ("cell", "layers", "hidden", "embedding", "direction")
"""The options that a base decides, by the names that its shape has too."""

OF_WORDS = {
    "min_count": "it says how often a word that the base lacks must occur",
    "keep_words": "it says how many further words of a base come along",
}
"""What is only for a base of words, and why."""

AnyOptions = TypeVar("AnyOptions", bound=TextModelOptions)


def based(options: AnyOptions, base: Base) -> AnyOptions:
    """Return the options, as they were given, with what the base decides.

    Raises OptionError for one that was given and contradicts it, or says nothing of such a base.
    """
    tokenizer = base.tokenizer
    decided: dict[str, Any] = {name: getattr(base.shape, name) for name in SIZES}
    decided |= {"level": tokenizer.level, "punctuation": tokenizer.punctuation}
    if not isinstance(tokenizer, WordTokenizer):
        decided["vocabulary"] = base.shape.vocabulary
    given = given_options(options)
    if getattr(options, "recipe", "default") != "default":
        raise OptionError(
            f"--recipe {getattr(options, 'recipe', '')} has a network of its own, and --from {base.path} has another. "
            "Leave one of them out."
        )
    for name, value in decided.items():
        if name in given and getattr(options, name) != value:
            raise OptionError(
                f"{written_option(name, getattr(options, name))} contradicts --from {base.path}, which has "
                f"{written_option(name, value)}. Leave {flag(name)} out, or make a base with it."
            )
    if not isinstance(tokenizer, WordTokenizer):
        for name in sorted(given & OF_WORDS.keys()):
            tokens = "subwords" if tokenizer.level == "bpe" else "characters"
            raise OptionError(
                f"{written_option(name, getattr(options, name))} does not go with --from {base.path}: "
                f"{OF_WORDS[name]}, and "
                f"this one has {tokens}, all of which the model gets. Leave {flag(name)} out."
            )
    if "word_vectors" in given:
        raise OptionError(
            f"--word-vectors {options.word_vectors} contradicts --from {base.path}, which has word vectors of its own. "
            "Leave one of them out."
        )
    return options.at_level(tokenizer.level).model_copy(update=decided)


def given_options(options: TextModelOptions) -> set[str]:
    """Return the names of the options that were given, without the defaults that came with --level."""
    usual = LEVEL_DEFAULTS.get(options.level or "", {})
    return {name for name in options.model_fields_set if name not in usual or getattr(options, name) != usual[name]}


def written_option(name: str, value: object) -> str:
    """Return an option as it is given on a command line."""
    if isinstance(value, bool):
        return flag(name) if value else flag(name).replace("--", "--no-", 1)
    return f"{flag(name)} {value}"


@dataclass(frozen=True)
class BaseWords:
    """The vectors of a base for the words of one vocabulary.

    vectors: of its words, by word; others: [2, D], of the filler and of the unknown word. extra: those of its words
    that come along although the training rows lack them. covered: the share of the training tokens that it knows.
    """

    vectors: Mapping[str, NDArray[np.float32]]
    others: NDArray[np.float32]
    extra: Sequence[str]
    covered: float

    @classmethod
    def of(cls, base: Base, counts: Mapping[str, int], keep: int) -> BaseWords:
        """Return those for the words of the training rows, and for the first `keep` further ones. counts: how often the
        rows have each word."""
        assert isinstance(base.tokenizer, WordTokenizer)  # for the type checker
        table, words = base.weights[EMBEDDING], base.tokenizer.words
        further = [word for word in words if word not in counts]
        covered = sum(counts.get(word, 0) for word in words) / max(1, sum(counts.values()))
        vectors = dict(zip(words, table[FIRST_WORD:], strict=True))
        return cls(vectors, table[:FIRST_WORD], further[:keep], covered)

    @property
    def known(self) -> Collection[str]:
        """The words that the base has."""
        return self.vectors.keys()

    def findings(self, path: str) -> list[str]:
        """Return what people should know of a base that is called `path`, in sentences; nothing of an ordinary one."""
        if self.covered >= LITTLE_COVERED:
            return []
        return [
            f"The base {path!r} knows {self.covered:.0%} of the training tokens: was it made from texts of their "
            "language and kind? Without it, leave --from out."
        ]

    def start(self, embedding: Embedding, words: Sequence[str]) -> None:
        """Fill a table [V, D] with the vectors of `words`, those that come along last.

        A word that the base lacks starts as its unknown word.
        """
        rows = [self.vectors.get(word, self.others[UNKNOWN]) for word in words]
        with torch.no_grad():
            embedding.weight.copy_(torch.from_numpy(np.stack([*self.others, *rows])))
        embedding.rate, embedding.learnt = RATE, FIRST_WORD + len(words) - len(self.extra)


def start_from(network: ManyToOneNetwork, base: Base, words: BaseWords | None, tokenizer: Tokenizer) -> None:
    """Give a network the word vectors and the recurrent layers of its base. words: of a base of words, for those of the
    tokenizer; another base has the very tokens of the network."""
    if words is not None and isinstance(tokenizer, WordTokenizer):
        words.start(network.embedding, tokenizer.words)
    else:
        with torch.no_grad():
            network.embedding.weight.copy_(torch.from_numpy(base.weights[EMBEDDING]))
        network.embedding.rate = RATE
    layers = {
        name.removeprefix("recurrent."): torch.from_numpy(weight)
        for name, weight in base.weights.items()
        if name.startswith(LAYERS)
    }
    network.recurrent.load_state_dict(layers)
    network.recurrent.rate = LAYER_RATE


def start_head(network: ManyToOneNetwork, rows: Examples, objective: Objective, seed: int) -> None:
    """Start the head at a linear model of what the base makes of the training rows.

    A head that starts at random would first spoil the layers below it: Kumar et al., 2022, Fine-tuning can distort
    pretrained features and underperform out-of-distribution. Nothing happens where the rows do not tell.
    """
    chosen = draw(np.arange(len(rows)), MOST_PROBED, seed)
    features = np.empty((len(chosen), network.shape.pooled), dtype=np.float32)
    network.eval()
    with torch.no_grad():
        for places in batches_by_length(rows.lengths[chosen], SCORING_TOKENS):
            batch, _ = rows.batch(chosen[places])
            features[places] = network.pooled(batch).float().numpy()
    mean, spread = features.mean(0), np.maximum(features.std(0), LEAST_SPREAD)
    fitted = objective.start_head((features - mean) / spread, rows.targets[chosen])
    if fitted is None:
        return
    weights = fitted[0] / spread
    bias = fitted[1] - weights @ mean
    with torch.no_grad():
        network.head.weight.copy_(torch.from_numpy(weights.astype(np.float32)))
        network.head.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
