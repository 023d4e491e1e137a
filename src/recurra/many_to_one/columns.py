"""Which columns hold the text and its answer: as given, or guessed where the header makes it obvious."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recurra.data.tables.header import delimiter_hint
from recurra.data.tables.table import listed
from recurra.errors import ColumnError, did_you_mean
from recurra.options.columns import named_columns

TEXT_NAMES = (
    "text", "review", "reviews", "sentence", "comment", "content", "message", "body", "tweet", "utterance", "question",
    "document", "phrase", "post", "review_text", "reviewtext", "comment_text", "full_text", "texts",
)  # fmt: skip
LABEL_NAMES = (
    "label", "sentiment", "class", "category", "target", "polarity", "intent", "topic", "labels", "y", "is_spam",
    "spam", "label_text", "airline_sentiment",
)  # fmt: skip
TARGET_NAMES = (
    "target", "stars", "rating", "score", "price", "value", "number", "points", "grade", "y", "star_rating", "ratings",
    "overall", "amount", "salary", "cost", "review_rating", "stars_rating", "helpfulness",
)  # fmt: skip
"""Names that make a column obvious. The first of each wins over the others; of the others only one may be there."""


@dataclass(frozen=True)
class Answer:
    """The kind of answer that a column holds. what: in a word, which is its name in a manifest too; option: by which it
    is named; names: those that make it obvious."""

    what: str
    option: str
    names: tuple[str, ...]


LABEL = Answer("label", "--label", LABEL_NAMES)
TARGET = Answer("target", "--target", TARGET_NAMES)


@dataclass(frozen=True)
class Columns:
    """The columns in use; label is that of the answers. guessed: which of "text" and the answer's kind were not given
    but guessed. further: columns whose texts are joined to those of `text`."""

    text: str
    label: str | None
    guessed: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainedColumns:
    """The columns that a model was trained on, where they are known."""

    texts: tuple[str, ...] = ()
    label: str | None = None

    @property
    def text(self) -> str | None:
        """The column of the texts, where it is one."""
        return self.texts[0] if len(self.texts) == 1 else None


def choose_columns(
    columns: Sequence[str],
    text: str | None = None,
    label: str | None = None,
    *,
    label_needed: bool = True,
    trained: TrainedColumns | None = None,
    answer: Answer = LABEL,
    features: Sequence[str] = (),
) -> Columns:
    """Return the text and the label column out of a table's `columns`. answer: what the "label" is, such as a number.

    text, label: the names, or None to guess; the text may be in several columns (`named_columns`). label_needed: False
    leaves out a label that is not given. trained: the columns of a training, for a table to answer or to judge: they
    are meant where no name is given, also in another case, and a lone column of another name is not taken for the
    texts. features: columns that are read beside the text, and so are neither.
    Raises ColumnError for a name that is missing or doubled, or a guess that is not obvious; and where a training had
    several columns of texts that are not all there, or another number of them is named.
    """
    texts = _named_texts(columns, text, trained)
    first, further = (texts[0], texts[1:]) if texts else (None, ())
    named = [*((one, "--text") for one in texts), (label, answer.option), *((one, "--features") for one in features)]
    for name, option in named:
        if name is not None:
            _check_present(name, option, columns)
    if label is not None and label in texts:
        raise ColumnError(
            f"--text and {answer.option} both name the column '{label}'. Columns found: {listed(columns)}."
        )
    for name in features:
        if name == label or name in texts or features.count(name) > 1:
            other = answer.option if name == label else "--text" if name in texts else "--features"
            raise ColumnError(
                f"--features and {other} both name the column '{name}'. Columns found: {listed(columns)}."
            )
    others = [column for column in columns if column not in further and column not in features]
    if trained is not None and further:
        trained = TrainedColumns((), trained.label)
    found = _choose(others, first, label, label_needed=label_needed, trained=trained, answer=answer)
    return replace(found, further=further)


def _named_texts(columns: Sequence[str], text: str | None, trained: TrainedColumns | None) -> tuple[str, ...]:
    """Return the columns of texts that an option names, or else several of a training; none where one is to be found.

    Raises ColumnError as `choose_columns` does.
    """
    learnt = () if trained is None else trained.texts
    if text is not None:
        texts = named_columns(text, columns)
        if not texts:
            raise ColumnError(f"--text {text!r} names no column. Columns found: {listed(columns)}.")
        for name in texts:
            if texts.count(name) > 1:
                raise ColumnError(f"--text names the column '{name}' twice. Name each column of texts once.")
        if learnt and len(texts) != len(learnt):
            raise ColumnError(
                f"--text names {_columns(texts)}, and the model reads {_columns(learnt)}. Name as many, in that order."
            )
        return texts
    if len(learnt) < 2:
        return ()
    found = [name if name in columns else _like(name, columns, None) for name in learnt]
    if missing := [name for name, here in zip(learnt, found, strict=True) if here is None]:
        raise ColumnError(
            f"There is no column '{missing[0]}', and the model reads {_columns(learnt)}."
            f"{did_you_mean(missing[0], columns)} Columns found: {listed(columns)}.{delimiter_hint(columns)} If others "
            "hold the texts, name them all, in that order, with --text."
        )
    return tuple(name for name in found if name is not None)


def _columns(names: Sequence[str]) -> str:
    return f"the column{'s' if len(names) > 1 else ''} {listed(names)}"


def _choose(
    columns: Sequence[str],
    text: str | None,
    label: str | None,
    *,
    label_needed: bool,
    trained: TrainedColumns | None,
    answer: Answer,
) -> Columns:
    """Return one column of texts and that of the answers."""
    guessed = []
    if trained is not None:
        if text is None and trained.text is not None and trained.text in columns:
            text = trained.text
            _check_single(text, columns)
        if label_needed and label is None and trained.label is not None and trained.label in columns:
            label = trained.label if trained.label != text else None
    want_label = label_needed and label is None
    text_guess = None if text is not None else _guessed_text(columns, label, trained)
    label_guess = None
    if want_label:
        taken = text or text_guess
        label_guess = (trained and _like(trained.label, columns, taken)) or _obvious(columns, answer.names, taken)
    chosen_text, chosen_label = text or text_guess, label or label_guess
    if chosen_text is None and trained is not None:
        raise _not_as_in_training(columns, trained)
    if chosen_text is None and (chosen_label is not None or not label_needed):
        chosen_text = _only_other(columns, chosen_label)
    if chosen_label is None and want_label and chosen_text is not None:
        chosen_label = _only_other(columns, chosen_text) if len(columns) == 2 else None
    if chosen_text is None or (want_label and chosen_label is None):
        raise _not_obvious(columns, chosen_text, chosen_label, label_needed, answer)
    if text is None:
        guessed.append("text")
        _check_single(chosen_text, columns)
    if label is None and chosen_label is not None:
        guessed.append(answer.what)
        _check_single(chosen_label, columns)
    return Columns(chosen_text, chosen_label, tuple(guessed))


def _check_present(name: str, option: str, columns: Sequence[str]) -> None:
    if name not in columns:
        raise ColumnError(
            f"There is no column '{name}' ({option}).{did_you_mean(name, columns)} "
            f"Columns found: {listed(columns)}.{delimiter_hint(columns)}"
        )
    _check_single(name, columns)


def _check_single(name: str, columns: Sequence[str]) -> None:
    times = list(columns).count(name)
    if times > 1:
        raise ColumnError(
            f"{times} columns are named '{name}', so the name is ambiguous. Rename one in the file. "
            f"Columns found: {listed(columns)}."
        )


def _obvious(columns: Sequence[str], names: Sequence[str], taken: str | None) -> str | None:
    """Return the column whose name is in `names`: the first name wins, of the others there must be only one."""
    free = [column for column in columns if column != taken]
    plain = {column: column.strip().casefold().replace(" ", "_") for column in free}
    first = [column for column in free if plain[column] == names[0]]
    others = [column for column in free if plain[column] in names[1:]]
    for candidates in (first, others):
        if candidates:
            return candidates[0] if len(set(candidates)) == 1 else None
    return None


def _guessed_text(columns: Sequence[str], taken: str | None, trained: TrainedColumns | None) -> str | None:
    """Return the column whose name makes it the texts'; no other name than that of training does so for a lone one."""
    learnt = trained.text if trained is not None else None
    if name := _like(learnt, columns, taken):
        return name
    return None if learnt is not None and len(columns) == 1 else _obvious(columns, TEXT_NAMES, taken)


def alike(name: str, columns: Sequence[str]) -> str | None:
    """Return the column of that name, or the one that differs from it in case and white space around it alone."""
    return name if name in columns else _like(name, columns, None)


def _like(name: str | None, columns: Sequence[str], taken: str | None) -> str | None:
    """Return the one column whose name is `name` but for case and white space around it."""
    if name is None:
        return None
    plain = name.strip().casefold()
    alike = [column for column in columns if column != taken and column.strip().casefold() == plain]
    return alike[0] if len(alike) == 1 else None


def _not_as_in_training(columns: Sequence[str], trained: TrainedColumns) -> ColumnError:
    what = f"no column '{trained.text}', which held the texts in training" if trained.text else "no obvious text column"
    hint = delimiter_hint(columns)
    near = _obvious(columns, TEXT_NAMES, taken=trained.label) if len(columns) > 1 or hint else columns[0]
    name = shlex.quote(near) if near else "COL"
    step = hint or f" If another one holds the texts, name it with `--text {name}`."
    return ColumnError(
        f"There is {what}.{did_you_mean(trained.text or '', columns)} Columns found: {listed(columns)}.{step}"
    )


def _only_other(columns: Sequence[str], taken: str | None) -> str | None:
    others = [column for column in columns if column != taken]
    return others[0] if len(others) == 1 else None


def _not_obvious(
    columns: Sequence[str], text: str | None, label: str | None, label_needed: bool, answer: Answer
) -> ColumnError:
    missing = " and ".join(
        what
        for what, name, needed in (("text", text, True), (answer.what, label, label_needed))
        if needed and name is None
    )
    options = f"--text COL {answer.option} COL" if label_needed else "--text COL"
    return ColumnError(
        f"It is not obvious which column holds the {missing}. Columns found: {listed(columns)}. "
        f"Name it with `{options}`.{delimiter_hint(columns)}"
    )
