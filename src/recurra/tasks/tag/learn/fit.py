"""From tagged sentences to a trained tagger and its exported graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from recurra.options.word_vectors import COUNTED, names_a_file
from recurra.storage.model_directory import MODEL
from recurra.tasks.tag.features import UNKNOWN, WordFeatures, normal
from recurra.tasks.tag.learn.check import check
from recurra.tasks.tag.learn.graph import build
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.learn.objective import TaggedExamples, Tagging
from recurra.tasks.tag.learn.vocabulary import Vocabulary, fit_vocabulary
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TagOptions
from recurra.tasks.tag.shape import TaggerShape
from recurra.tasks.tag.spans import are_spans
from recurra.text.tokenizer import FIRST_WORD
from recurra.training.adam import takes_rows
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.counted_vectors import vectors
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.setup import prepare, require_rows, shape_errors_as_option_errors
from recurra.training.word_vectors import with_width

EPOCHS = EpochBudget(rows=70_000)
WORD_DROPOUT, FILE_WORD_DROPOUT = 0.25, 0.1
"""Share of the words that a training step hides, without a file of word vectors and with one."""
RARE = 0.5
"""With a file, a word that occurs c times is hidden with probability 1 - (1 - word_dropout) c / (c + RARE)."""
KIND_EMBEDDING = 16
VECTOR_SCALE = 0.1
"""Standard deviation of word vectors that start from counts, as that of random ones."""
CHARACTER_EMBEDDING, CHARACTER_FEATURES = 24, 64
CHECKED = 64
"""Validation sentences on which the graph is compared with the network."""

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class FittedTagger(Fitted[TaggerShape]):
    """A trained tagger. tags: K, in the order of its outputs."""

    word_features: WordFeatures
    tags: list[str]


def fit_tagger(
    training: tuple[Sentences, Sentences],
    validation: tuple[Sentences, Sentences],
    tags: Sequence[str],
    options: TagOptions,
    *,
    control: RunControl = UNATTENDED,
) -> FittedTagger:
    """Train on the `training` sentences and validate with the `validation` ones: (words, tags), tags among `tags`.

    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    require_rows(len(training[0]), len(validation[0]), "sentences", "Give more sentences.")
    setup = prepare(options)
    options = with_width(options)
    vocabulary = fit_vocabulary(training[0], options)
    word_features = vocabulary.word_features
    index = {tag: i for i, tag in enumerate(tags)}

    def examples(part: tuple[Sentences, Sentences]) -> TaggedExamples:
        return TaggedExamples.of(part[0], [[index[tag] for tag in sentence] for sentence in part[1]], word_features)

    shape = _shape(options, word_features, tags)
    network = TaggerNetwork(shape, options.dropout, _hidden(options, vocabulary, shape.vocabulary))
    if vocabulary.vectors:
        table = np.zeros((shape.vocabulary, shape.embedding), dtype=np.float32)
        vocabulary.vectors.fill(table, word_features.words, UNKNOWN + 1)
        network.words.fix(torch.from_numpy(table), len(vocabulary.counts))
    elif options.word_vectors == COUNTED and not control.resumes:
        _start_from_counts(network, training[0], word_features, options)
    network = network.to(setup.device)
    if takes_rows(setup.device):
        network.gradients_by_row()
    epochs = EPOCHS.epochs(options, len(training[0]))
    history = fit_network(
        network,
        Tagging(network.crf),
        examples(training),
        examples(validation),
        options,
        setup,
        epochs=epochs,
        control=control,
    )
    network = network.cpu().eval()
    network.words.merge()
    weights = weight_arrays(network)
    graph = build(shape, weights)
    check(network, Tagger(shape, word_features, graph, tags), validation[0][:CHECKED])
    return FittedTagger(
        shape=shape,
        word_features=word_features,
        tags=list(tags),
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
        word_vectors=vocabulary.facts,
    )


def word_dropout(options: TagOptions) -> float:
    """Return the share of the words that a training step hides: the option, or the default."""
    usual = FILE_WORD_DROPOUT if names_a_file(options.word_vectors) else WORD_DROPOUT
    return usual if options.word_dropout is None else options.word_dropout


def _hidden(options: TagOptions, vocabulary: Vocabulary, words: int) -> float | Tensor:
    """Return the probability of hiding each id [words] in a training step. With a file of word vectors rare words are
    hidden more often: what is hidden is the learnt vector alone."""
    rate, counts = word_dropout(options), vocabulary.counts
    if not rate or vocabulary.vectors is None:
        return rate
    rates = np.zeros(words, dtype=np.float32)
    rates[: len(counts)] = 1 - (1 - rate) * counts / (counts + RARE)
    return torch.from_numpy(rates)


def _start_from_counts(
    network: TaggerNetwork, sentences: Sentences, word_features: WordFeatures, options: TagOptions
) -> None:
    """Start the word vectors from co-occurrence counts in the training sentences: see `counted_vectors`."""
    ids = {word: number for number, word in enumerate(word_features.words, FIRST_WORD)}
    known = (np.array([ids.get(normal(word), 0) for word in words], dtype=np.int32) for words in sentences)
    counted = vectors(known, len(ids) + FIRST_WORD, options.embedding, scale=VECTOR_SCALE, seed=options.seed)
    if counted is not None:
        with torch.no_grad():
            network.words.weight[UNKNOWN + 1 :] = torch.from_numpy(counted[FIRST_WORD:])


def _shape(options: TagOptions, word_features: WordFeatures, tags: Sequence[str]) -> TaggerShape:
    with shape_errors_as_option_errors():
        return TaggerShape(
            vocabulary=word_features.vocabulary,
            embedding=options.embedding,
            kind_embedding=KIND_EMBEDDING,
            affix_buckets=word_features.buckets,
            affix_embedding=options.affix_embedding,
            characters=options.characters,
            alphabet=word_features.alphabet,
            character_embedding=CHARACTER_EMBEDDING,
            character_features=CHARACTER_FEATURES,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            tags=len(tags),
            crf=are_spans(tags) if options.crf is None else options.crf,
        )
