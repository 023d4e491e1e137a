"""Labels that may be one label in several spellings, or none at all: found by their names, and told in plain sentences.

Labels stay as they are written. What is found here is only reported, before a training run starts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

SHOWN = 20
"""Labels that a sentence names."""
SHOWN_CLASHES = 5
"""Clashes that get a sentence each."""

SEVERAL = "give --task multilabel"
"""What to do with texts that have several labels each."""

MISSING = frozenset(
    ("nan", "-nan", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nat", "null", "<null>", "undefined", "(blank)", "?")
)
"""How programs write that there is no value, in lower case; and `None` is Python's, where "none" is often a class."""

_TRUE, _FALSE = ("true", "yes"), ("false", "no")
_TRUE_LETTERS, _FALSE_LETTERS = ("t", "y", "on"), ("f", "n", "off")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
_JOINER = r"[\s_\-\u2010-\u2015\u2212]+"
_BETWEEN_LETTERS = re.compile(rf"(?<=[^\W\d_]){_JOINER}(?=[^\W\d_])")
_BETWEEN_WORDS = re.compile(rf"(?<=[^\W_]){_JOINER}(?=[^\W_])")
_WITHOUT_WIDTH = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\u2800\u3164\ufeff"))
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_ENDS = ".,;:! "
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_LOOKALIKES = str.maketrans("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf\u03b1", "aeopcyxijsoa")
"""Cyrillic and Greek letters that look like Latin ones."""
_MOST_COMPARED = 2_000
"""With more labels no misspelling is looked for, which compares each with each."""
_TYPO_LENGTH = 5
_TYPO_SHARE = 0.05
"""A misspelt label is at least this long, and has at most this share of the rows of the label it looks like."""


@dataclass(frozen=True)
class Clash:
    """Labels that differ in spelling alone. labels: name to rows, the commonest first; differ: in what they do."""

    labels: dict[str, int]
    differ: str


def is_blank(label: str | None) -> bool:
    """Return whether a label holds nothing: no character, or white space and characters without width alone."""
    return not label or not label.translate(_WITHOUT_WIDTH).strip()


def looks_missing(label: str) -> bool:
    """Return whether a label is how programs write that there is no value: nan, NA, None, null ..."""
    trimmed = _trimmed(label)
    return trimmed.casefold() in MISSING or trimmed in ("None", "<None>")


def clashes(rows: Mapping[str, int]) -> list[Clash]:
    """Return the groups of labels that are equal but for their spelling, the largest group first.

    rows: how many rows each label has. Equal are labels that differ in case, white space, Unicode form, quotes, hyphens
    and underscores, accents, in the way a number is written (1, 1.0, 01), or in that of yes and no (true, 1). A rare
    label one letter away from a common one is taken for a misspelling.
    """
    leaders = {label: label for label in rows}

    def leader(label: str) -> str:
        while leaders[label] != label:
            leaders[label] = leaders[leaders[label]]
            label = leaders[label]
        return label

    for keys in _key_functions(rows):
        first: dict[object, str] = {}
        for label in rows:
            key = keys(label)
            if key is not None:
                leaders[leader(label)] = leader(first.setdefault(key, label))
    for rare, common in _misspelt(rows):
        leaders[leader(rare)] = leader(common)
    groups: dict[str, list[str]] = {}
    for label in rows:
        groups.setdefault(leader(label), []).append(label)
    found = []
    for labels in groups.values():
        if len(labels) > 1 and not _parted_elsewhere(labels):
            labels.sort(key=lambda label: (-rows[label], label))
            found.append(Clash({label: rows[label] for label in labels}, _difference(labels)))
    return sorted(found, key=lambda clash: (-sum(clash.labels.values()), *clash.labels))


def near_label(label: str, known: Iterable[str]) -> str | None:
    """Return the label in `known` that `label` is another spelling or a misspelling of; None where there is none."""
    return near_labels([label], known).get(label)


def near_labels(labels: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return, for each of `labels` for which there is one, what `near_label` returns."""
    labels, known = list(labels), list(known)
    found: dict[str, str] = {}
    for key in _key_functions([*labels, *known]):
        by_key: dict[object, str] = {}
        for other in known:
            by_key.setdefault(key(other), other)
        for label in labels:
            mine = key(label)
            if mine is not None and mine in by_key:
                found.setdefault(label, by_key[mine])
    by_plain = {_plain(other): other for other in known}
    for label in labels:
        if label not in found and len(label) >= _TYPO_LENGTH:
            close = get_close_matches(_plain(label), list(by_plain), n=1, cutoff=0.8)
            found |= {label: by_plain[close[0]]} if close else {}
    return found


def clash_sentences(
    found: Iterable[Clash], what: str = "row", see: Mapping[str, int] | None = None, name: str = "label"
) -> list[str]:
    """Return clashes in plain sentences.

    what: what a label is counted in; see: a row number of each label; name: what a label is called.
    """
    found = list(found)
    sentences = [
        f"{name.capitalize()}s that differ only in {clash.differ}: {counted(clash.labels, what, see)}. Each is learned "
        f"as a {name} of its own; if they mean the same, spell them alike in the data."
        for clash in found[:SHOWN_CLASHES]
    ]
    if len(found) > SHOWN_CLASHES:
        names = ", ".join(written(next(iter(clash.labels))) for clash in found[SHOWN_CLASHES : SHOWN_CLASHES + SHOWN])
        more = " ..." if len(found) > SHOWN_CLASHES + SHOWN else ""
        sentences.append(f"{len(found) - SHOWN_CLASHES:,} more {name}s have several spellings: {names}{more}.")
    return sentences


def missing_sentences(rows: Mapping[str, int], what: str = "row") -> list[str]:
    """Return a sentence on the labels that look like missing values, if there are some beside others."""
    missing = {label: count for label, count in rows.items() if looks_missing(label)}
    if not missing or len(missing) == len(rows):
        return []
    one = len(missing) == 1
    return [
        f"{counted(missing, what)} {'looks like a missing label' if one else 'look like missing labels'}, and "
        f"{'is learned as a label' if one else 'are learned as labels'} like any other. If no label is meant, leave it "
        "empty in the data: such rows are left out."
    ]


def unknown_sentence(unknown: Mapping[str, int], known: Iterable[str], why: str, what: str = "row") -> str:
    """Return in a sentence which labels are not among `known`, and which known one each may mean.

    unknown: label to rows. why: the reason that such rows do not count, after "since".
    """
    rows, known, shown = sum(unknown.values()), list(known), list(unknown)[:SHOWN]
    near, alike = near_labels(shown, known), _look_alike([*shown, *known])
    parts = []
    for label in shown:
        hint = f"; did you mean {written(near[label], [label])}?" if label in near else ""
        count = unknown[label]
        parts.append(f"{written(label, alike)} ({_count(count, what)}{hint})")
    more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
    return (
        f"{_count(rows, what)} {'is' if rows == 1 else 'are'} left out, since {why} {', '.join(parts)}{more}. "
        "Spell labels alike in all files."
    )


def counted(
    labels: Mapping[str, int], what: str = "row", see: Mapping[str, int] | None = None, most: int = SHOWN
) -> str:
    """Return labels with their counts, the first `most` of them: 'spam' (2 rows), 'ham' (1 row, row 7)."""
    alike = _look_alike(labels)
    parts = [
        f"{written(label, alike)} ({_count(count, what)}"
        + (f", such as {what} {see[label]:,})" if see and label in see else ")")
        for label, count in list(labels.items())[:most]
    ]
    return ", ".join(parts) + (f" and {len(labels) - most:,} more" if len(labels) > most else "")


def _count(count: int, what: str) -> str:
    """Return a number with what is counted: 1 row, 2 rows, 2 series."""
    return f"{count:,} {what}{'' if count == 1 or what == 'series' else 's'}"


def written(label: str, beside: Iterable[str] = ()) -> str:
    """Return a label in quotes, at most 60 characters, with escapes where a reader could not tell it from another.

    Those are characters that cannot be seen, and spellings that look alike to labels in `beside`.
    """
    short = label if len(label) <= 60 else label[:59] + "…"
    drawn = _drawn(label)
    alike = any(other != label and _drawn(other) == drawn for other in beside)
    plain = f"'{short}'"
    return ascii(short) if alike or not plain.isprintable() else plain


def _look_alike(labels: Iterable[str]) -> list[str]:
    """Return the labels that look like another one of them."""
    groups: dict[str, set[str]] = {}
    for label in labels:
        groups.setdefault(_drawn(label), set()).add(label)
    return [label for group in groups.values() if len(group) > 1 for label in group]


def _drawn(label: str) -> str:
    """Return what a label looks like."""
    return unicodedata.normalize("NFC", _visible(label)).lower().translate(_LOOKALIKES).replace("\u00a0", " ")


def _visible(label: str) -> str:
    """Return a label without invisible characters: format characters (zero-width ones, byte order marks) and controls
    that are no white space."""
    return "".join(c for c in label if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))


def _trimmed(label: str) -> str:
    """Return a label in one Unicode form, without invisible characters, quotes, and white space at the ends."""
    return " ".join(_visible(unicodedata.normalize("NFKC", label)).split()).strip(_QUOTES + " ")


def _plain(label: str) -> str:
    """Return a label as it is compared: by what it says, not by how it is spelled."""
    if _number(label) is not None:
        return _trimmed(label).casefold()
    shorter = _joined(_bare(label)).rstrip(_ENDS).strip("_ ")
    return shorter if any(map(str.isalnum, shorter)) else _trimmed(label).casefold() or label


def _bare(label: str) -> str:
    """Return a label in lower case without accents, in Latin letters where others look like them."""
    decomposed = unicodedata.normalize("NFD", _trimmed(label).casefold()).translate(_LOOKALIKES)
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))


def _joined(label: str) -> str:
    """Return a label with its words joined in one way, whether hyphens, underscores or spaces were between them."""
    return _BETWEEN_WORDS.sub(" ", _BETWEEN_LETTERS.sub("", label))


def _parted_elsewhere(labels: Iterable[str]) -> bool:
    """Return whether labels of the same letters are parted in other places: Nc-sn and Ncs-n, where hyphens hold the
    places of features that are left out."""
    parted: dict[str, set[tuple[str, ...]]] = {}
    for label in labels:
        words = tuple(re.split(_JOINER, _bare(label).rstrip(_ENDS).strip("_ ")))
        if len(words) > 1:
            parted.setdefault("".join(words), set()).add(words)
    return any(len(ways) > 1 for ways in parted.values())


def _number(label: str) -> Decimal | None:
    """Return the value of a label that is a number, however it is written."""
    plain = _trimmed(label).lower().replace("\u2212", "-")
    if not _NUMBER.fullmatch(plain) or _THOUSANDS.fullmatch(plain):
        return None
    return Decimal(plain.replace(",", ".")).normalize()


def _key_functions(labels: Iterable[str]) -> Iterator[Callable[[str], object]]:
    """Yield functions from a label to a key that equal labels share; None for a label that has no such key."""
    yield _plain
    yield _number
    names = {_plain(label) for label in labels}
    letters = names <= {*_TRUE, *_FALSE, *_TRUE_LETTERS, *_FALSE_LETTERS, "0", "1", "0.0", "1.0", "none", *MISSING}
    truths = dict.fromkeys((*_TRUE, *(_TRUE_LETTERS if letters else ())), True)
    truths |= dict.fromkeys((*_FALSE, *(_FALSE_LETTERS if letters else ())), False)

    def truth(label: str) -> object:
        number = _number(label)
        return bool(number) if number in (0, 1) else truths.get(_plain(label))

    yield truth


def _misspelt(rows: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield (rare label, common label) where one letter makes the difference: left out, put in, changed or swapped."""
    if len(rows) > _MOST_COMPARED:
        return
    by_plain: dict[str, str] = {}
    for label in sorted(rows, key=lambda label: -rows[label]):
        by_plain.setdefault(_plain(label), label)
    total = max(rows.values(), default=0)
    for plain, label in by_plain.items():
        if len(plain) < _TYPO_LENGTH or rows[label] > _TYPO_SHARE * total or not plain.replace(" ", "").isalpha():
            continue
        for other in _one_letter_away(plain, by_plain):
            if rows[label] <= _TYPO_SHARE * rows[by_plain[other]]:
                yield label, by_plain[other]
                break


def _one_letter_away(word: str, words: Mapping[str, str]) -> Iterator[str]:
    """Yield the words that are one letter away from `word`, the first letter being the same."""
    for other in words:
        if other[:1] != word[:1] or other == word or abs(len(other) - len(word)) > 1 or len(other) < _TYPO_LENGTH:
            continue
        start = 0
        while word[start : start + 1] == other[start : start + 1]:
            start += 1
        a, b = word[start:], other[start:]
        if a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[1:2] + a[:1] == b[:2] and a[2:] == b[2:]):
            yield other


_DIFFERENCES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("white space", lambda label: " ".join(label.split())),
    ("characters that cannot be seen", _visible),
    ("Unicode form", lambda label: re.sub(r"\S+", lambda part: unicodedata.normalize("NFKC", part[0]), label)),
    ("quotes", lambda label: label.strip(_QUOTES)),
    ("case", str.casefold),
    ("letters of another alphabet", lambda label: label.translate(_LOOKALIKES)),
    ("hyphens, underscores and spaces", _joined),
    ("punctuation", lambda label: label.rstrip(".,;:!").strip("_")),
    ("accents", lambda label: _LATIN_MARKS.sub("", unicodedata.normalize("NFD", label))),
)
"""What spellings may differ in, and a function that takes the difference away."""


def _difference(labels: list[str]) -> str:
    """Return in words what makes labels differ that mean the same."""
    if all(_number(label) is not None for label in labels):
        return "the way the number is written"
    if len({_plain(label) for label in labels}) > 1:
        if any(_number(label) is not None or _plain(label) in (*_TRUE, *_FALSE) for label in labels):
            return "the way yes and no are written"
        return "a letter, perhaps by mistake"
    every = [reason for reason, _ in _DIFFERENCES]
    reasons = [one for one in every if len(_without(labels, [other for other in every if other != one])) > 1]
    for reason in every:  # where two of them would each do, the first is named
        left = len(_without(labels, reasons))
        if left > 1 and reason not in reasons and len(_without(labels, [*reasons, reason])) < left:
            reasons.append(reason)
    reasons.sort(key=every.index)
    return " or ".join((", ".join(reasons[:-1]), reasons[-1])) if len(reasons) > 1 else (reasons or ["spelling"])[0]


def _without(labels: list[str], reasons: list[str]) -> set[str]:
    """Return the labels with the differences of these reasons taken away."""
    for reason, without in _DIFFERENCES:
        labels = [without(label) for label in labels] if reason in reasons else labels
    return set(labels)
