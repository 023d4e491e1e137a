"""How tags write spans: the schemes IOB1, IOB2, IOBES and BILOU, told from each other and written as each other.

A tagger learns IOB2, which has the fewest tags in which every span can be told from its neighbours, whatever its
training data are written in. All four begin and end spans where `spans.spans` finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from recurra.data.tables.table import listed
from recurra.tasks.tag.spans import OUTSIDE, Span, are_spans, marks_span, parted, spans

Scheme = Literal["iob1", "iob2", "iobes", "bilou"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
INNER: Scheme = "iob2"
"""What a network learns and answers."""

_ENDS = {"iobes": ("E", "S"), "bilou": ("L", "U")}
"""The marks of a last word and of a single one."""


def written(found: Iterable[Span], words: int, scheme: Scheme) -> list[str]:
    """Return the tags of a sentence of so many words with these spans, which are in order."""
    tags = [OUTSIDE] * words
    kind_before, end_before = "", -2
    for kind, first, last in found:
        begin = "B" if scheme != "iob1" or (kind == kind_before and first == end_before + 1) else "I"
        tags[first : last + 1] = [f"{begin}-{kind}", *[f"I-{kind}"] * (last - first)]
        if scheme in _ENDS:
            end, single = _ENDS[scheme]
            tags[last] = f"{single if first == last else end}-{kind}"
        kind_before, end_before = kind, last
    return tags


def converted(tags: Sequence[str], scheme: Scheme) -> list[str]:
    """Return the tags of a sentence as a scheme writes their spans."""
    return written(spans(tags), len(tags), scheme)


def inner_tags(tags: list[str], scheme: Scheme | None) -> list[str]:
    """Return the tags of a sentence as a network learns them. Tags in the inner scheme, or in none, stay as they are,
    also where they do not keep to it."""
    return tags if scheme in (None, INNER) else converted(tags, INNER)


def tags_of(scheme: Scheme, labels: Iterable[str]) -> list[str]:
    """Return every tag that a scheme may write where a network answers `labels`."""
    kinds = sorted({parted(label)[1] for label in labels} - {""})
    marks = ("B", "I", *_ENDS.get(scheme, ()))
    return [OUTSIDE, *(f"{mark}-{kind}" for kind in kinds for mark in marks)]


@dataclass
class SchemeCount:
    """How well the sentences of a file keep to each scheme.

    Sentences are added with what a message calls their place. scheme: the one that most tags keep to, once all are
    added; None where the tags mark no spans.
    """

    likely: Scheme | None = None
    """The scheme of the training, which wins where the sentences keep to several equally well, or have no span."""
    _tags: set[str] = field(default_factory=set)
    _wrong: Counter[Scheme] = field(default_factory=Counter)
    _sentences: Counter[Scheme] = field(default_factory=Counter)
    _first: dict[Scheme, tuple[str, str, int, str]] = field(default_factory=dict)

    def add(self, tags: Sequence[str], place: str) -> None:
        """Count a sentence."""
        self._tags.update(tags)
        found = spans(tags)
        for scheme in SCHEMES if found else ():
            pairs = zip(tags, written(found, len(tags), scheme), strict=True)
            if wrong := [(index, *pair) for index, pair in enumerate(pairs, 1) if pair[0] != pair[1]]:
                self._wrong[scheme] += len(wrong)
                self._sentences[scheme] += 1
                index, there, expected = wrong[0]
                self._first.setdefault(scheme, (place, there, index, expected))

    @property
    def scheme(self) -> Scheme | None:
        """The scheme of the sentences that were added."""
        marked = all(map(marks_span, self._tags)) if self.likely else are_spans(self._tags)
        if not marked:
            return None
        order = sorted(SCHEMES, key=lambda scheme: (scheme != self.likely, scheme != INNER))
        return min(order, key=lambda scheme: self._wrong[scheme])

    def facts(self) -> dict[str, Any]:
        """Return the scheme, and how many tags do not keep to it, for a manifest."""
        scheme = self.scheme
        return {"scheme": scheme, "tags_out_of_scheme": self._wrong[scheme] if scheme else 0}

    def findings(self) -> list[str]:
        """Return a sentence on the tags that do not keep to the scheme, if there are any."""
        scheme = self.scheme
        if scheme is None or not (wrong := self._wrong[scheme]):
            return []
        place, there, index, expected = self._first[scheme]
        several = wrong > 1
        treated = "left as they are" if scheme == INNER else "read as `conlleval` reads them"
        return [
            f"{wrong:,} tag{'s do' if several else ' does'} not keep to {scheme.upper()}, in which the others are "
            f"written, in {self._sentences[scheme]:,} sentence{'s'[: self._sentences[scheme] != 1]}; the first is "
            f"{listed([there])} at word {index} of {place}, where {listed([expected])} is expected. They are {treated}."
        ]
