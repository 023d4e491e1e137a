"""What a model keeps of the rows that it was trained on, so that new rows can be laid beside them: no text.

Kept are how long the texts are, how many were empty, which share each label has or how numbers are spread, and a sample
of digests of the texts, by which it is estimated how many of other texts are among them: of all digests, which are as
good as random, the smallest are kept, so that a new text with as small a digest is in the sample if it was in training.
Source of the sample: Broder, 1997, "On the resemblance and containment of documents" (bottom-k).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recurra.evaluation.drift import pooled_quantiles, quantiles
from recurra.storage.model_directory import Manifest
from recurra.storage.parts import mismatch

NAME = "training_rows"
"""Its name among the metrics of a manifest."""
KEPT = 1_024
"""Digests that are kept."""
MOST_LABELS = 2_000
"""Labels whose shares are kept, the commonest; with more, the shares add to less than 1."""

Digests = NDArray[np.uint64]


class TextProfile(BaseModel):
    """rows: those that trained and validated; empty: the share of rows without a text; lengths: quantiles of the tokens
    of a text; labels: the share of each, of all labels of rows; numbers: quantiles, for a model that answers with such;
    texts: the smallest digests, in base64; whole: whether these are all there are."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False, extra="ignore")

    rows: int = Field(ge=1)
    empty: float = Field(ge=0, le=1)
    lengths: list[float] = Field(min_length=1, max_length=1_000)
    labels: dict[str, float] = {}
    numbers: list[float] = Field(default=[], max_length=1_000)
    texts: str = Field(default="", max_length=20 * KEPT)
    whole: bool = False

    @classmethod
    def of(
        cls,
        lengths: ArrayLike,
        digests: Digests,
        *,
        empty: float = 0.0,
        labels: Mapping[str, int] | None = None,
        numbers: ArrayLike = (),
    ) -> Self:
        """Return the profile of N rows. lengths, digests, numbers: [N]; labels: how many rows have each."""
        smallest = np.unique(digests)[:KEPT]
        counts = sorted((labels or {}).items(), key=lambda item: -item[1])
        total = sum(count for _, count in counts)
        return cls(
            rows=len(digests),
            empty=float(empty),
            lengths=quantiles(lengths),
            labels={label: count / total for label, count in counts[:MOST_LABELS] if count},
            numbers=quantiles(numbers),
            texts=_in_base64(smallest),
            whole=len(smallest) < KEPT,
        )

    @classmethod
    def stated(cls, manifest: Manifest | None) -> TextProfile | None:
        """Return that of a model; None where it has none, as one of an earlier version. Raises ArtefactError for what
        is no profile."""
        return None if manifest is None else cls.of_metrics(manifest.metrics)

    @classmethod
    def of_metrics(cls, metrics: Mapping[str, Any]) -> TextProfile | None:
        """Return that among the metrics of a manifest, as `stated` does."""
        given = metrics.get(NAME)
        if given is None:
            return None
        try:
            found = cls.model_validate(given)
            found.digests()
        except (ValidationError, ValueError):
            raise mismatch(f"what manifest.json states of the rows of training ({NAME}) cannot be read") from None
        return found

    def with_earlier(self, other: TextProfile) -> TextProfile:
        """Return the profile of these rows and of those of an earlier training together.

        The sample is that of all texts, as the smallest of both are; the rest is pooled by the numbers of rows.
        """
        smallest = np.union1d(self.digests(), other.digests())
        rows = self.rows + other.rows
        shares = [(profile, profile.rows / rows) for profile in (self, other)]
        labels: dict[str, float] = {}
        for profile, share in shares:
            for label, part in profile.labels.items():
                labels[label] = labels.get(label, 0.0) + share * part
        commonest = sorted(labels.items(), key=lambda item: -item[1])[:MOST_LABELS]
        return TextProfile(
            rows=rows,
            empty=min(1.0, sum(share * profile.empty for profile, share in shares)),
            lengths=pooled_quantiles(self.lengths, self.rows, other.lengths, other.rows),
            labels=dict(commonest),
            numbers=pooled_quantiles(self.numbers, self.rows, other.numbers, other.rows),
            texts=_in_base64(smallest[:KEPT]),
            whole=self.whole and other.whole and len(smallest) < KEPT,
        )

    def digests(self) -> Digests:
        """Return the digests that are kept, in ascending order."""
        return np.frombuffer(base64.b64decode(self.texts, validate=True), dtype="<u8").astype(np.uint64)

    def seen(self, digests: Digests) -> tuple[int, int]:
        """Return how many of some texts are among those of training, and how many of them could be looked up [N]."""
        kept = self.digests()
        if not len(kept):
            return 0, 0
        looked_up = digests if self.whole else digests[digests <= kept[-1]]
        return int(np.isin(looked_up, kept).sum()), len(looked_up)

    def facts(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return self.model_dump()


def _in_base64(digests: Digests) -> str:
    return base64.b64encode(digests.astype("<u8").tobytes()).decode()


def counted_labels(names: Sequence[str], members: NDArray[Any]) -> dict[str, int]:
    """Return how many rows have each label: members int [N], its index, or bool [N, L]."""
    counts = np.bincount(members, minlength=len(names)) if members.ndim == 1 else members.sum(axis=0)
    return {name: int(count) for name, count in zip(names, counts, strict=True)}
