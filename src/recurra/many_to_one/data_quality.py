"""What to know about the rows before training: repeats, contradictions, gaps and the balance of the classes."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_spelling import is_blank
from recurra.data.normalise import digest, normalise

EXAMPLES = 5

_TAG = re.compile(r"<[/!?]?[a-zA-Z!?][^<>]*>")


class DataQuality:
    """Counts over rows that stream by. Keeps 20 bytes a row: two 64-bit digests and a label number; no text."""

    def __init__(self) -> None:
        self._exact = array("Q")
        self._normalised = array("Q")
        self._label_of = array("i")  # -1: missing
        self._labels: dict[str, int] = {}
        self._empty = array("q")

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, text: str | None, label: str | None) -> bool:
        """Take in the next row and return whether it can be used for training: it has a text and a label.

        A text of nothing but white space and HTML is empty; a label without a visible character, or None, is
        missing.
        """
        label = None if is_blank(label) else label
        plain = normalise(text) if text else ""
        if not plain:
            self._empty.append(len(self._exact))
        self._exact.append(digest(text or ""))
        self._normalised.append(digest(plain))
        self._label_of.append(self._labels.setdefault(label, len(self._labels)) if label else -1)
        return bool(plain and label)

    @property
    def digests(self) -> NDArray[np.uint64]:
        """uint64 [rows]: equal for equal normalised texts, also between two DataQuality objects."""
        return np.array(self._normalised, dtype=np.uint64)

    @property
    def groups(self) -> NDArray[np.int64]:
        """int64 [rows]: equal for rows of equal normalised text; each empty text is a group of its own."""
        digests = np.frombuffer(self._normalised, dtype=np.uint64)
        order = np.argsort(digests)
        begins = np.zeros(len(order), dtype=np.bool_)
        begins[1:] = np.diff(digests[order]) != 0
        groups = np.empty(len(order), dtype=np.int64)
        groups[order] = np.cumsum(begins, dtype=np.int64)
        empty = np.frombuffer(self._empty, dtype=np.int64)
        groups[empty] = len(groups) + np.arange(len(empty))  # beyond all other numbers
        return groups

    def report(self) -> dict[str, Any]:
        """Return the counts, ready for JSON.

        rows; empty_texts; missing_labels; exact_duplicates and normalised_duplicates (rows beyond the first of equal
        text); duplicate_groups (normalised texts that occur more than once); conflicting_texts (normalised texts
        under two labels or more) and conflicting_rows; classes {label: rows}, the largest first; majority_share;
        examples {what: row numbers, counted from 1}.
        """
        rows = len(self)
        exact_duplicates = self._exact_duplicates()
        groups, label_of = self.groups, np.frombuffer(self._label_of, dtype=np.int32)
        sizes = np.bincount(groups, minlength=1)
        conflicting = self._conflicting(groups, label_of, len(sizes))
        counts = np.bincount(label_of[label_of >= 0], minlength=len(self._labels))
        classes = sorted(((label, int(counts[i])) for label, i in self._labels.items()), key=lambda c: (-c[1], c[0]))
        labelled = sum(count for _, count in classes)
        return {
            "rows": rows,
            "empty_texts": len(self._empty),
            "missing_labels": int((label_of < 0).sum()),
            "exact_duplicates": exact_duplicates,
            "normalised_duplicates": int(np.maximum(sizes - 1, 0).sum()),
            "duplicate_groups": int((sizes > 1).sum()),
            "conflicting_texts": int(conflicting.sum()),
            "conflicting_rows": int(sizes[conflicting].sum()),
            "classes": dict(classes),
            "majority_share": classes[0][1] / labelled if labelled else 0.0,
            "examples": {
                "empty_texts": [int(row) + 1 for row in self._empty[:EXAMPLES]],
                "missing_labels": [int(row) + 1 for row in np.flatnonzero(label_of < 0)[:EXAMPLES]],
                "duplicates": _rows_of(groups, sizes > 1),
                "conflicts": _rows_of(groups, conflicting),
            },
        }

    def _exact_duplicates(self) -> int:
        full = np.ones(len(self), dtype=np.bool_)
        full[np.frombuffer(self._empty, dtype=np.int64)] = False
        exact = np.frombuffer(self._exact, dtype=np.uint64)[full]
        exact.sort()
        return int((exact[1:] == exact[:-1]).sum())

    @staticmethod
    def _conflicting(groups: NDArray[np.int64], label_of: NDArray[np.int32], n_groups: int) -> NDArray[np.bool_]:
        """bool [groups]: whether the group's rows carry two labels or more."""
        lowest, highest = np.full(n_groups, np.iinfo(np.int32).max, dtype=np.int32), np.full(n_groups, -1, np.int32)
        known = label_of >= 0
        np.minimum.at(lowest, groups[known], label_of[known])
        np.maximum.at(highest, groups[known], label_of[known])
        return highest > lowest


def findings(report: Mapping[str, Any], more: Sequence[str] = ()) -> list[str]:
    """Return a report in plain sentences: the most important first, one of praise if there is nothing to report.

    more: sentences on other things that were found, which come first.
    """
    rows, sentences = report["rows"], list(more)
    if report["conflicting_texts"]:
        sentences.append(
            f"{_n(report['conflicting_texts'], 'text')} under more than one label "
            f"({_n(report['conflicting_rows'], 'row')}): no model can be right on all{_see(report, 'conflicts')}."
        )
    if report["normalised_duplicates"]:
        sentences.append(
            f"{_n(report['normalised_duplicates'], 'row')} of {rows:,} repeat another row's text "
            f"({report['exact_duplicates']:,} exactly; the rest apart from case, white space or HTML); "
            f"no copy counts on both sides of a split{_see(report, 'duplicates')}."
        )
    if report["empty_texts"]:
        sentences.append(f"{_n(report['empty_texts'], 'row')} without text{_see(report, 'empty_texts')}.")
    if report["missing_labels"]:
        sentences.append(f"{_n(report['missing_labels'], 'row')} without a label{_see(report, 'missing_labels')}.")
    classes = report["classes"]
    if len(classes) > 1 and report["majority_share"] > max(0.6, 1.5 / len(classes)):
        largest = next(iter(classes))
        sentences.append(
            f"The classes are unbalanced: '{largest}' holds {report['majority_share']:.1%} of the labelled rows, "
            "so a lower accuracy is worse than always predicting that class."
        )
    few = [label for label, count in classes.items() if count < 10]
    if few:
        names = ", ".join(f"'{label[:40]}'" for label in few[:EXAMPLES]) + (" ..." if len(few) > EXAMPLES else "")
        sentences.append(
            f"{_n(len(few), 'class', 'classes')} with fewer than 10 rows ({names}): expect low accuracy for them."
        )
    return sentences or [f"No repeats, contradictions, empty texts or missing labels in {rows:,} rows."]


def _rows_of(groups: NDArray[np.int64], chosen: NDArray[np.bool_]) -> list[list[int]]:
    """Return row numbers from 1 for the first EXAMPLES chosen groups, in the order of their first rows."""
    if not len(groups):
        return []
    rows = np.flatnonzero(chosen[groups])
    _, first = np.unique(groups[rows], return_index=True)
    ids = groups[rows[np.sort(first)[:EXAMPLES]]]
    return [[int(row) + 1 for row in np.flatnonzero(groups == group)[:EXAMPLES]] for group in ids]


def _n(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _see(report: Mapping[str, Any], what: str) -> str:
    rows = report["examples"].get(what) or []
    first = rows[0] if rows and isinstance(rows[0], list) else rows
    return f" (see rows {', '.join(str(row) for row in first[:EXAMPLES])})" if first else ""
