"""From tagged sentences to a trained tagger and its exported graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from recurra.errors import OptionError, TrainingError
from recurra.inference.threads import processor_count
from recurra.options.everything import TagOptions
from recurra.tasks.tag.features import Lexicon
from recurra.tasks.tag.learn.check import check
from recurra.tasks.tag.learn.graph import build
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.learn.objective import TaggedExamples, Tagging
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.shape import TaggerShape
from recurra.tasks.tag.spans import are_spans
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import CheckpointStore
from recurra.training.loop import Run, train
from recurra.training.setup import auto_epochs, chosen_bf16, chosen_device

AFFIX_BUCKETS = 2**14
KIND_EMBEDDING = 16
CHARACTER_EMBEDDING, CHARACTER_FEATURES = 24, 64
CHECKED = 64
"""Validation sentences on which the graph is compared with the network."""

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True)
class FittedTagger:
    """A trained tagger in plain parts. history: one entry an epoch. precision: of the recurrent layers in training."""

    shape: TaggerShape
    lexicon: Lexicon
    tags: list[str]
    graph: bytes
    weights: dict[str, NDArray[np.float32]]
    history: list[dict[str, Any]]
    epochs: int
    precision: str
    device: str


def fit_tagger(
    training: tuple[Sentences, Sentences],
    validation: tuple[Sentences, Sentences],
    tags: Sequence[str],
    options: TagOptions,
    *,
    store: CheckpointStore | None = None,
    resume: bool = False,
    identity: dict[str, Any] | None = None,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
) -> FittedTagger:
    """Train on the `training` sentences, steered by the `validation` ones: each (words, tags), all tags among `tags`.

    Raises TrainingError's kinds (see `errors.py`) and ExportError where the exported graph answers differently.
    """
    if not training[0] or not validation[0]:
        raise TrainingError(
            f"There are {len(training[0])} sentences to train on and {len(validation[0])} to steer by; both need at "
            "least one. Give more."
        )
    device = chosen_device(options.device)
    bf16 = chosen_bf16(options.precision, device)
    torch.set_num_threads(options.threads or processor_count())
    lexicon = Lexicon.fitted(
        (word for words in training[0] for word in words),
        size=options.vocabulary,
        min_count=options.min_count,
        buckets=AFFIX_BUCKETS,
    )
    places = {tag: place for place, tag in enumerate(tags)}

    def examples(part: tuple[Sentences, Sentences]) -> TaggedExamples:
        return TaggedExamples.of(part[0], [[places[tag] for tag in each] for each in part[1]], lexicon)

    shape = _shape(options, lexicon, tags)
    torch.manual_seed(options.seed)
    network = TaggerNetwork(shape, options.dropout, options.word_dropout).to(device)
    epochs = options.epochs or auto_epochs(len(training[0]))
    run = Run(
        Tagging(network.crf),
        options,
        epochs,
        device,
        bf16,
        examples(training),
        examples(validation),
        identity=identity or {},
        store=store,
        on_progress=on_progress,
    )
    history = train(network, run, resume=resume)
    network = network.cpu().eval()
    weights = {name: tensor.detach().float().numpy() for name, tensor in network.state_dict().items()}
    graph = build(shape, weights)
    check(network, Tagger(shape, lexicon, graph, tags), validation[0][:CHECKED])
    return FittedTagger(
        shape=shape,
        lexicon=lexicon,
        tags=list(tags),
        graph=graph,
        weights=weights,
        history=history,
        epochs=epochs,
        precision="bf16" if bf16 else "fp32",
        device=device.type,
    )


def _shape(options: TagOptions, lexicon: Lexicon, tags: Sequence[str]) -> TaggerShape:
    try:
        return TaggerShape(
            vocabulary=lexicon.vocabulary,
            embedding=options.embedding,
            kind_embedding=KIND_EMBEDDING,
            affix_buckets=lexicon.buckets,
            affix_embedding=options.affix_embedding,
            characters=options.characters,
            alphabet=lexicon.alphabet,
            character_embedding=CHARACTER_EMBEDDING,
            character_features=CHARACTER_FEATURES,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            tags=len(tags),
            crf=are_spans(tags) if options.crf is None else options.crf,
        )
    except ValidationError as error:
        raise OptionError(
            f"This network cannot be built: {error.errors()[0]['msg']}. Choose a smaller --hidden, --embedding, "
            "--layers or --vocabulary."
        ) from None
