"""The shape of a network that answers a whole text: see `storage/shape.py`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from recurra.errors import ArtefactError
from recurra.evaluation.temperature import COLDEST, HOTTEST
from recurra.kernel.layout import DIRECTION_NAMES, GATES, REDUCED_WIDTH, Cell, Direction, Reduction
from recurra.storage.model_directory import Artefact
from recurra.storage.shape import RecurrentStack, Shape
from recurra.text.ngram_limits import LONGEST, MAX_WORDS, MOST_SUBWORD_BUCKETS

if TYPE_CHECKING:
    from recurra.many_to_one.link import Link
    from recurra.text.ngrams import HashedNgrams

LinkName = Literal["softmax", "sigmoid", "cumulative", "identity"]
"""How answers are made of logits: see `link.py`."""

Pooling = Literal["last", "mean", "max", "max-mean", "attention"]

REDUCTIONS: dict[Pooling, Reduction] = {
    "last": "last",
    "mean": "sum",
    "max": "max",
    "max-mean": "max_and_sum",
    "attention": "all",
}
"""What each pooling takes from the top layer."""


SPELLING_SCALE = 0.6
"""The weight of a word's spelling in the n-gram model is this times the sum of its character n-grams' weights, divided
by the root of their number."""

CODES = ("ngrams.codes", "subwords.codes")
"""The weights that are codes, int8; all others are float32."""

MOST_NGRAM_BUCKETS = 2**30 - 1
MOST_FEATURE_INPUTS = 100_000
MOST_MEMBERS = 16
"""Networks of an ensemble."""


def sound_temperature(temperature: float) -> bool:
    """Return whether logits are divided by such a temperature, which may have been rounded to single precision."""
    return COLDEST * (1 - 1e-6) <= temperature <= HOTTEST * (1 + 1e-6)


def prefixes(members: int) -> tuple[str, ...]:
    """Return what the names of each member's weights begin with: nothing for the first, so that a network alone is an
    ensemble of one."""
    return ("", *(f"members.{member}." for member in range(1, members)))


class ManyToOneShape(Shape):
    """Embedding -> stacked recurrent layers -> pooling -> one linear head, plus a linear model of n-grams.

    V vocabulary, D embedding, H hidden; F = H * directions is the width of what is pooled, P that of the result.
    `outputs` are the units of the head: 1 for two classes, K for K classes or labels, 1 for a number or for classes in
    an order. Of an ensemble, there are `members` of all but the head, side by side; the head reads the M P features of
    all.

    link: how answers are made of the logits (`link.py`). levels: of classes in an order, how many there are: their
    logits are the output less each of `levels - 1` thresholds; else 0, and the outputs are the logits.

    ngrams: the longest n-gram, in words, of the linear model whose logits are added to the network's; 0: there is none.
    ngram_buckets: into how many its pairs and triples are hashed (`text/ngrams.py`). subwords: into how many buckets
    the character n-grams of a word are hashed (`text/subwords.py`), of which the weights of an unknown word are made,
    and its vector too with `subword_vectors`; 0: all unknown words are one.

    feature_inputs: the width of the vector beside the text, of which a layer of feature_hidden units and a linear one
    add to what the head says; 0: there is none. A manifest names neither then.
    """

    vocabulary: int = Field(ge=1)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    direction: Direction
    pooling: Pooling
    outputs: int = Field(ge=1)
    ngrams: int = Field(default=0, ge=0, le=LONGEST)
    ngram_buckets: int = Field(default=0, ge=0, le=MOST_NGRAM_BUCKETS)
    subwords: int = Field(default=0, ge=0, le=MOST_SUBWORD_BUCKETS)
    subword_vectors: bool = False
    members: int = Field(default=1, ge=1, le=MOST_MEMBERS)
    feature_inputs: int = Field(default=0, ge=0, le=MOST_FEATURE_INPUTS)
    feature_hidden: int = Field(default=0, ge=0, le=MOST_FEATURE_INPUTS)
    link: LinkName = "softmax"
    levels: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _outputs_fit_the_link(self) -> Self:
        if (self.link == "cumulative") != (self.levels > 1) or self.levels == 1:
            raise ValueError("classes in an order have levels, two at least, and nothing else has")
        if self.link in ("cumulative", "identity") and self.outputs != 1:
            raise ValueError("a number, or a place in an order, is one output")
        return self

    @model_serializer(mode="wrap")
    def _without_features_where_there_are_none(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = serialise(self)
        if not self.feature_inputs:
            for name in ("feature_inputs", "feature_hidden"):
                plain.pop(name, None)  # one that was never set may be left out already
        return plain

    @model_validator(mode="after")
    def _features_have_a_layer(self) -> Self:
        if bool(self.feature_inputs) != bool(self.feature_hidden):
            raise ValueError("features have a layer of their own, and nothing else has")
        return self

    @model_validator(mode="after")
    def _ngrams_fit_their_buckets(self) -> Self:
        if (self.ngrams > 1) != (self.ngram_buckets > 0):
            raise ValueError("n-grams of two words or more are hashed into buckets, and nothing else is")
        if bool(self.subwords) != (self.subword_vectors or bool(self.subwords and self.ngrams)):
            raise ValueError("spellings are for weights of n-grams, for vectors, or for both")
        if self.ngrams and self.vocabulary > MAX_WORDS:
            raise ValueError(f"the n-grams of more than {MAX_WORDS:,} words cannot be hashed")
        return self

    @property
    def hashing(self) -> HashedNgrams | None:
        """How the n-grams are numbered, where there are any."""
        from recurra.text.ngrams import HashedNgrams

        return HashedNgrams(self.vocabulary, self.ngrams, self.ngram_buckets) if self.ngrams else None

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.embedding, self.hidden, self.layers, self.direction)

    @property
    def directions(self) -> int:
        """2 when the sequence is read both ways, else 1."""
        return self.stack.directions

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each step: H * directions."""
        return self.stack.features

    @property
    def pooled(self) -> int:
        """P, the width of what the pooling makes of all steps: F, or 2F where it takes largest and mean."""
        return self.features * REDUCED_WIDTH[REDUCTIONS[self.pooling]]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of each member's weights begin with."""
        return prefixes(self.members)

    @property
    def member(self) -> Self:
        """The shape of one member alone."""
        return self.model_copy(update={"members": 1, "feature_hidden": self.feature_hidden // self.members})

    @property
    def answer(self) -> Link:
        """How answers are made of the logits."""
        from recurra.many_to_one.link import LINKS  # with NumPy, which the options do without

        return LINKS[self.link]

    @property
    def logits(self) -> int:
        """How many logits a text has."""
        return self.levels - 1 if self.levels else self.outputs

    @property
    def classes(self) -> int:
        """K, how many numbers an answer has: the probability of each class or label, or one number."""
        return self.answer.width(self.logits)

    @property
    def labels(self) -> int:
        return 0 if self.link == "identity" else self.classes

    @property
    def gates(self) -> int:
        """G, the number of blocks of H rows in a recurrent weight."""
        return GATES[self.cell]

    @property
    def direction_names(self) -> tuple[str, ...]:
        """The directions as they are called in the weights' names."""
        return DIRECTION_NAMES[self.direction]

    @property
    def parameters(self) -> int:
        attention = self.features * (self.features + 2) if self.pooling == "attention" else 0
        spelt = self.subwords * self.embedding if self.subword_vectors else 0
        member = self.vocabulary * self.embedding + spelt + self.stack.parameters + attention
        head = self.outputs * (self.members * self.pooled + 1)
        ngrams = (self.vocabulary + self.ngram_buckets + self.subwords) * self.outputs if self.ngrams else 0
        beside = sum(math.prod(shape) for shape in self._feature_shapes().values())
        return self.members * member + head + ngrams + max(0, self.levels - 1) + beside

    def _feature_shapes(self) -> dict[str, tuple[int, ...]]:
        if not self.feature_inputs:
            return {}
        return {
            "features.hidden.weight": (self.feature_hidden, self.feature_inputs),
            "features.hidden.bias": (self.feature_hidden,),
            "features.output.weight": (self.outputs, self.feature_hidden),
            "features.linear.weight": (self.outputs, self.feature_inputs),
        }

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        embedding [V, D]; the recurrent layers: see `RecurrentStack.weight_shapes`; attention: projection [F, F], [F]
        and score [1, F]; head [outputs, P], [outputs]; features: see
        `many_to_one/feature_side.py`; thresholds [levels - 1], rising; ngrams
        [V + ngram_buckets, outputs]; subwords: embedding [subwords, D], ngrams [subwords, outputs]. Those of `CODES`
        are codes in 8 bits (`text/rounded.py`), with a scale [1] each. Of an ensemble, the names of what each further
        member has begin with `prefixes`, and the head is [outputs, M P].
        """
        features = self.features
        shapes: dict[str, tuple[int, ...]] = {}
        for prefix in self.prefixes:
            shapes[f"{prefix}embedding.weight"] = (self.vocabulary, self.embedding)
            shapes |= self.stack.weight_shapes(f"{prefix}recurrent.layers")
            if self.pooling == "attention":
                shapes[f"{prefix}pooling.projection.weight"] = (features, features)
                shapes[f"{prefix}pooling.projection.bias"] = (features,)
                shapes[f"{prefix}pooling.score.weight"] = (1, features)
            if self.subword_vectors:
                shapes[f"{prefix}subwords.embedding"] = (self.subwords, self.embedding)
        shapes["head.weight"] = (self.outputs, self.members * self.pooled)
        shapes["head.bias"] = (self.outputs,)
        shapes |= self._feature_shapes()
        if self.levels:
            shapes["thresholds"] = (self.levels - 1,)
        if self.ngrams:
            shapes["ngrams.codes"] = (self.vocabulary + self.ngram_buckets, self.outputs)
            shapes["ngrams.scale"] = (1,)
            if self.subwords:
                shapes["subwords.codes"] = (self.subwords, self.outputs)
                shapes["subwords.scale"] = (1,)
        return shapes


def shape_of(source: Artefact, task: str, shape: type[ManyToOneShape]) -> ManyToOneShape:
    """Return the shape of the network of a model of a task. Raises ArtefactError for a model of another one."""
    manifest = source.manifest
    if manifest.task != task:
        raise ArtefactError(f"{source.path} is a model of the task {manifest.task!r}; this needs one of {task!r}.")
    return manifest.network_as(shape)
