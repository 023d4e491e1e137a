"""Several trained networks as one, whose logits are the mean of theirs.

Networks that differ by their seed alone err on different rows, and their mean is right on more of them (Hansen and
Salamon, 1990: Neural network ensembles). All but the heads stand side by side; a head that reads the pooled features of
all, with the weights of each divided by their number, gives the mean, and so do n-grams with the mean of the weights:
the answer is exact, and an artefact, a graph, a stream or an explanation has one model to do with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.many_to_one.engines.choice import exact_engine
from recurra.many_to_one.learn.feature_layer import FeatureLayer
from recurra.many_to_one.learn.finish import Finished
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork, Thresholds
from recurra.many_to_one.learn.ngram_side import NgramSide, Spellings
from recurra.many_to_one.model import AnyModel
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.nn.embedding import Embedding
from recurra.storage.model_directory import Label
from recurra.text.tokenizer import Tokenizer
from recurra.training.control import RunControl


def member_seeds(count: int, seed: int) -> list[int]:
    """Return the seed of each of `count` members.

    The first is the given one, so that it is the network of a run without an ensemble. The others are spawned from it,
    so that ensembles of neighbouring seeds share no member.
    """
    others = np.random.SeedSequence(seed).spawn(count - 1)
    return [seed, *(int(other.generate_state(1)[0]) for other in others)]


def member_controls(count: int, seed: int, control: RunControl) -> Iterator[tuple[int, RunControl]]:
    """Yield the seed of each of `count` members and the control of its training.

    Each but the last is a stage, whose checkpoints stay, so that a run that is resumed takes up all of them.
    """
    for number, its_seed in enumerate(member_seeds(count, seed), 1):
        name = f"member {number} of {count}"
        if count == 1:
            its = control
        elif number < count:
            its = control.stage(name, f"member-{number:02}")
        else:
            its = control.called(name)
        yield its_seed, its


class Ensemble(ManyToOneNetwork):
    """The mean of networks of one shape, for what comes after training. The networks are not changed by what is done to
    its head and its n-grams."""

    @torch.no_grad()
    def __init__(self, networks: Sequence[ManyToOneNetwork]) -> None:
        """networks: on the CPU, all of one shape."""
        first, count = networks[0], len(networks)
        shape = first.shape.model_copy(update={"members": count, "feature_hidden": count * first.shape.feature_hidden})
        nn.Module.__init__(self)
        self.shape = shape
        self.members = nn.ModuleList(networks)
        self.pooled_dropout = first.pooled_dropout
        self.head = nn.Linear(count * shape.pooled, shape.outputs)
        self.head.weight.copy_(torch.cat([network.head.weight for network in networks], dim=1) / count)
        self.head.bias.copy_(torch.stack([network.head.bias for network in networks]).mean(dim=0))
        self.features = None
        if first.features is not None:
            self.features = FeatureLayer.mean([cast(FeatureLayer, network.features) for network in networks])
        self.thresholds = None
        if shape.levels:
            self.thresholds = Thresholds(shape.levels)
            self.thresholds.start(torch.stack([_between(network) for network in networks]).mean(dim=0).numpy())
        self.ngrams, self.spellings = None, None
        if first.ngrams is not None and shape.hashing is not None:
            self.ngrams = NgramSide(shape.hashing, shape.outputs)
            self.ngrams.frozen = first.ngrams.frozen
            for network in networks:
                assert network.ngrams is not None  # for the type checker: they have one shape
                self.ngrams.table.weight.add_(network.ngrams.table.weight / count)
            if first.spellings is not None and first.spellings.ngrams is not None:
                self.spellings = Spellings((), shape.subwords, 0, shape.outputs)
                self.spellings.grams, self.spellings.ends = first.spellings.grams, first.spellings.ends
                _spelt(self).weight.copy_(torch.stack([_spelt(network).weight for network in networks]).mean(dim=0))

    def pooled(self, batch: Batch) -> Tensor:
        """Return what the head reads of each sequence [B, M P]."""
        return torch.cat([network.pooled(batch) for network in self._networks()], dim=-1)

    def encoder_weights(self) -> dict[str, NDArray[Any]]:
        """Return the weights of all before the head, by the names of `shape.weight_shapes()`."""
        return {
            prefix + name: array
            for prefix, network in zip(self.shape.prefixes, self._networks(), strict=True)
            for name, array in network.encoder_weights().items()
        }

    def _networks(self) -> list[ManyToOneNetwork]:
        return [cast(ManyToOneNetwork, network) for network in self.members]


def _between(network: ManyToOneNetwork) -> Tensor:
    """Return the thresholds, where there are some."""
    assert network.thresholds is not None  # for the type checker
    thresholds: Tensor = network.thresholds()
    return thresholds


def _spelt(network: ManyToOneNetwork) -> Embedding:
    """Return the table of the weights of spellings, where there is one."""
    assert network.spellings is not None and network.spellings.ngrams is not None  # for the type checker
    return network.spellings.ngrams


@dataclass(frozen=True)
class FittedMember:
    """One network of an ensemble, finished as if it were the only one.

    valid, temperature: as of `Finished`; history: one entry an epoch.
    """

    shape: ManyToOneShape
    weights: dict[str, NDArray[Any]]
    temperature: float
    valid: dict[str, Any]
    history: list[dict[str, Any]]

    @classmethod
    def of(cls, network: ManyToOneNetwork, finished: Finished, history: list[dict[str, Any]]) -> FittedMember:
        """Return a network that was finished."""
        return cls(network.shape, network.exported(), finished.temperature, finished.valid, history)

    def model(
        self, kind: type[AnyModel], tokenizer: Tokenizer, labels: Sequence[Label], threads: int | None = None
    ) -> AnyModel:
        """Return the model that it is alone. kind: the class of the task's models."""
        return kind(
            tokenizer,
            build(self.shape, self.weights, self.temperature),
            labels,
            threads=threads,
            engine=exact_engine(self.shape, self.weights, self.temperature, threads),
            network=self.shape,
        )
