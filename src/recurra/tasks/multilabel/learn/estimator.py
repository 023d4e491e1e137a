"""`SequenceMultilabelClassifier`: training and prediction of several labels a text with scikit-learn's interface."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from recurra.data.label_sets import to_key
from recurra.data.label_spelling import is_blank
from recurra.data.label_split import holdout_labels
from recurra.errors import LabelError, OptionError
from recurra.kernel.layout import Cell, Direction
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import columns_of, text_facts
from recurra.many_to_one.learn.defaults import sized, valid_share
from recurra.many_to_one.learn.estimator_rows import asked, feature_table, learnt_rows, table_names
from recurra.many_to_one.learn.findings import MUCH_UNKNOWN
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.from_base import OF_WORDS, SIZES, based
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.row_groups import group_numbers, validating
from recurra.many_to_one.learn.vocabulary import settled
from recurra.many_to_one.options import LEVEL_DEFAULTS, Quantise, Subwords
from recurra.many_to_one.shape import ManyToOneShape, Pooling
from recurra.many_to_one.text_profile import counted_labels
from recurra.options.base import validated
from recurra.options.network import TokenLevel, Truncate
from recurra.storage import model_directory
from recurra.storage.base import check_apart, read_base
from recurra.tasks.multilabel.learn.findings import label_findings
from recurra.tasks.multilabel.learn.fit import fit_multilabel, opened
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import DEFAULTS, MultilabelModelOptions
from recurra.text.tokenizer import Tokenizer
from recurra.training.estimator import torch_as_it_was

TOLD_TOKENS = 100
"""With fewer tokens in the validation texts, no share of unknown ones is told."""

Members = NDArray[np.bool_]


class SequenceMultilabelClassifier(ClassifierMixin, BaseEstimator):
    """Give texts any number of labels with a recurrent network.

        classifier = SequenceMultilabelClassifier(epochs=5)
        classifier.fit(texts, topics)                        # such as [["film", "person"], [], ["film"]]
        classifier.predict_labels(["A film of my friend."])  # [["film", "person"]]
        classifier.save("model")                             # then, without torch: recurra.load("model")

    The parameters are the options of `recurra train --task multilabel`; `recurra train --help` describes each.
    `from_` is `--from`: a base that `recurra pretrain` made, or the directory of a classifier, to start from.
    `valid` is the share of the rows given to `fit` (2,000 at most) that validates instead of training, and by which
    thresholds are chosen.

    Fitted attributes: classes_ [L], the labels; thresholds_ [L], the probability from which each is given; n_iter_, the
    epochs trained; history_, one dict an epoch (of an ensemble, both are those of its first network); temperature_;
    tokenizer_; network_shape_.
    """

    def __init__(
        self,
        *,
        text: str | Sequence[str] | None = DEFAULTS.text,
        features: str | Sequence[str] | None = DEFAULTS.features,
        cell: Cell = DEFAULTS.cell,
        direction: Direction = DEFAULTS.direction,
        layers: int = DEFAULTS.layers,
        hidden: int = DEFAULTS.hidden,
        embedding: int = DEFAULTS.embedding,
        pooling: Pooling = DEFAULTS.pooling,
        dropout: float = DEFAULTS.dropout,
        level: TokenLevel | None = DEFAULTS.level,
        vocabulary: int = DEFAULTS.vocabulary,
        min_count: int | None = DEFAULTS.min_count,
        ngrams: int | None = DEFAULTS.ngrams,
        subwords: Subwords = DEFAULTS.subwords,
        max_tokens: int = DEFAULTS.max_tokens,
        truncate: Truncate = DEFAULTS.truncate,
        punctuation: bool = DEFAULTS.punctuation,
        fill: bool = DEFAULTS.fill,
        from_: str | Path | None = DEFAULTS.from_,
        ensemble: int = DEFAULTS.ensemble,
        epochs: int | None = DEFAULTS.epochs,
        window: int | None = DEFAULTS.window,
        word_vectors: str = DEFAULTS.word_vectors,
        keep_words: int = DEFAULTS.keep_words,
        word_dropout: float | None = DEFAULTS.word_dropout,
        batch: int = DEFAULTS.batch,
        learning_rate: float | None = DEFAULTS.learning_rate,
        schedule: Literal["one-cycle", "constant"] = DEFAULTS.schedule,
        clip: float | None = DEFAULTS.clip,
        ema: float = DEFAULTS.ema,
        patience: int | None = DEFAULTS.patience,
        keep: Literal["best", "last"] = DEFAULTS.keep,
        threshold: float | None = DEFAULTS.threshold,
        calibrate: bool = DEFAULTS.calibrate,
        quantise: Quantise = DEFAULTS.quantise,
        valid: float = DEFAULTS.valid,
        seed: int = DEFAULTS.seed,
        device: Literal["auto", "cpu", "cuda"] = DEFAULTS.device,
        precision: Literal["auto", "fp32", "bf16"] = DEFAULTS.precision,
        threads: int | None = DEFAULTS.threads,
    ) -> None:
        self.text = text
        self.features = features
        self.cell = cell
        self.direction = direction
        self.layers = layers
        self.hidden = hidden
        self.embedding = embedding
        self.pooling = pooling
        self.dropout = dropout
        self.level = level
        self.vocabulary = vocabulary
        self.min_count = min_count
        self.ngrams = ngrams
        self.subwords = subwords
        self.max_tokens = max_tokens
        self.truncate = truncate
        self.punctuation = punctuation
        self.fill = fill
        self.from_ = from_
        self.ensemble = ensemble
        self.epochs = epochs
        self.window = window
        self.word_dropout = word_dropout
        self.word_vectors = word_vectors
        self.keep_words = keep_words
        self.batch = batch
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clip = clip
        self.ema = ema
        self.patience = patience
        self.keep = keep
        self.threshold = threshold
        self.calibrate = calibrate
        self.quantise = quantise
        self.valid = valid
        self.seed = seed
        self.device = device
        self.precision = precision
        self.threads = threads

    def fit(self, X: Iterable[str], Y: ArrayLike | Sequence[Iterable[Any]], groups: ArrayLike | None = None) -> Self:
        """Train on texts X [n] and the labels of each: Y is an indicator matrix [n, L] of 0 and 1, whose columns are
        the labels 0 to L - 1 (or the columns of a DataFrame), or a list of n lists of labels, some of which may be
        empty. groups: [n], such as who wrote each text: rows of one group all train, or all validate.

        A label that all texts have, or none has, is learnt as such. Warns of labels that differ in spelling alone or
        look like missing values, and of validation texts whose words are mostly unknown. Raises OptionError for a
        parameter or an input that cannot be used, LabelError for labels that cannot be used.
        """
        options = self._options()
        base = None if options.from_ is None else read_base(options.from_)
        if base is not None:
            options = based(options, base)
        columns, table = columns_of(self.text, X), feature_table(self.features, self.text, X)
        texts, cells = learnt_rows(X, columns, table)
        labels, members = _indicators(Y)
        if len(texts) != len(members):
            raise OptionError(f"X has {len(texts):,} texts and Y {len(members):,} rows; they must be equally many.")
        if members.all() or not members.any():
            which = "all of them" if members.size and members.all() else "none of them"
            raise LabelError(f"There is nothing to learn: every text has {which}, of the labels {labels[:5]}.")
        of_group = None if groups is None else group_numbers(groups, len(texts))
        _warn_of_labels(labels, members)
        with Corpus(punctuation=options.punctuation, level=options.level) as corpus:
            corpus.read_columns(columns, table)
            for row, text in enumerate(texts):
                key = to_key(str(k) for k in np.flatnonzero(members[row]))
                corpus.add(text, key, None, cells[row] if table is not None else ())
            corpus.seal()
            kept = members[corpus.sources - 1]  # a text without any character is left out
            share = valid_share(options, len(kept))
            if of_group is None:
                validation = holdout_labels(kept, corpus.groups, share, options.seed)
            else:
                validation = validating(corpus, of_group[corpus.sources - 1], kept, share, options.seed)
            if not validation.any():  # too few rows to hold some out: validate with all
                validation = np.ones(len(kept), dtype=bool)
            training = ~validation if not validation.all() else validation
            with torch_as_it_was():
                options = settled(corpus, training, options)
                options = sized(options, int(training.sum()), max(2, len(labels)), base is not None)
                fitted = fit_multilabel(corpus, kept, training, validation, options, base=base)
                self._model, thresholds = opened(fitted, labels, corpus, kept, validation, options)
            self._profile = profile_of(
                corpus, np.ones(len(kept), dtype=np.bool_), labels=counted_labels(list(map(str, labels)), kept)
            )
            many = corpus.counts[validation].sum() >= TOLD_TOKENS
        if many and fitted.valid["unknown_rate"] >= MUCH_UNKNOWN:
            warnings.warn(
                f"{fitted.valid['unknown_rate']:.0%} of the tokens of the validation texts are unknown: the training "
                "texts do not have them often enough. Try level='bpe', which reads parts of words.",
                stacklevel=2,
            )
        self.classes_ = self._model.classes_
        self.thresholds_: NDArray[np.float64] = thresholds.values
        self.n_iter_ = len(fitted.history)
        self.history_ = fitted.history
        self.temperature_ = fitted.temperature
        self.tokenizer_: Tokenizer = fitted.tokenizer
        self.network_shape_: ManyToOneShape = fitted.shape
        self._fitted: FittedText = fitted
        self._columns = columns
        self._from = {} if base is None else {"from": base.facts()}
        self._config = options.model_dump() | {"embedding": fitted.shape.embedding}
        return self

    def predict(self, X: Iterable[str]) -> NDArray[np.int64]:
        """Return an indicator matrix [n, L], columns as in `classes_`: 1 where a text is given the label."""
        return (self.predict_proba(X) >= self.thresholds_).astype(np.int64)

    def predict_labels(self, X: Iterable[str]) -> list[list[Any]]:
        """Return the labels of each text, the most probable first; a text may have none."""
        return self._model.labels_of(self.predict_proba(X))

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of each label [n, L], columns as in `classes_`."""
        check_is_fitted(self, "classes_")
        return self._model.predict_proba(asked(X, self._columns, features=self.features is not None))

    def score(self, X: Iterable[str], Y: ArrayLike | Sequence[Iterable[Any]], sample_weight: Any = None) -> float:
        """Return the subset accuracy: the share of texts that are given exactly their labels."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(self._as_fitted(Y), self.predict(X), sample_weight=sample_weight))

    def _as_fitted(self, Y: ArrayLike | Sequence[Iterable[Any]]) -> NDArray[np.int64]:
        """Return labels as an indicator matrix with the columns of `classes_`. Raises LabelError for an unknown one."""
        labels, members = _indicators(Y)
        known = {label: k for k, label in enumerate(self.classes_.tolist())}
        found = np.zeros((len(members), len(known)), dtype=np.int64)
        for k, label in enumerate(labels):
            if label in known:
                found[:, known[label]] = members[:, k]
            elif members[:, k].any():
                raise LabelError(f"Y has the label {label!r}, which the model does not know.")
        return found

    def save(self, directory: str | Path, *, overwrite: bool = False) -> Self:
        """Write a model directory, which `recurra.load` reads without torch. Raises OutputError where it cannot, and
        where the directory is the base that it started from."""
        from safetensors.numpy import save

        check_is_fitted(self, "classes_")
        check_apart(self._config["from_"], Path(directory), Path(directory))
        model_directory.write(
            directory,
            {
                model_directory.MODEL: self._fitted.graph,
                model_directory.TOKENIZER: self.tokenizer_.to_json().encode(),
                model_directory.WEIGHTS: save(self._fitted.weights),
                model_directory.METRICS: json.dumps(
                    {"history": self.history_, "temperature": self.temperature_}
                ).encode(),
            },
            task="multilabel",
            labels=self.classes_.tolist(),
            network=self.network_shape_.model_dump(),
            config=self._config,
            metrics={
                "export": self._fitted.export,
                "temperature": self.temperature_,
                "thresholds": self.thresholds_.tolist(),
                "unknown_rate": self._fitted.valid["unknown_rate"],
                **self._profile,
                **({"word_vectors": self._fitted.word_vectors} if self._fitted.word_vectors else {}),
            },
            data={
                "name": "rows given to SequenceMultilabelClassifier.fit",
                **text_facts(self.tokenizer_.columns, table_names(self.tokenizer_)),
                **self._from,
            },
            overwrite=overwrite,
        )
        return self

    def _options(self) -> MultilabelModelOptions:
        """Return the parameters, checked. The default of `embedding` counts as not given, as a file of word vectors has
        a width of its own; so do those that differ by `level`, and all that a base decides."""
        given = self.get_params()
        for name in ("text", "features"):
            if given[name] is not None and not isinstance(given[name], str):
                given[name] = list(given[name])
        if isinstance(self.from_, os.PathLike):
            given["from_"] = os.fspath(self.from_)
        usual = {"embedding", "truncate"}.union(*LEVEL_DEFAULTS.values())
        if self.from_ is not None:
            usual |= {*SIZES, *OF_WORDS, "level", "punctuation", "vocabulary", "word_vectors"}
        for name in usual:
            if given[name] == getattr(DEFAULTS, name):
                del given[name]
        return validated(MultilabelModelOptions, given)

    def _runtime(self) -> MultilabelClassifier:
        model = self._fitted.model(MultilabelClassifier, self.classes_.tolist(), self.threads)
        return model.with_thresholds(self.thresholds_)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the open session: another process opens its own."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_model"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "classes_" in state:
            self._model = self._runtime()

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether it is fitted, which scikit-learn would else take from the low line at the end of `from_`."""
        return hasattr(self, "classes_")

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.non_deterministic = False
        return tags


def _indicators(Y: ArrayLike | Sequence[Iterable[Any]]) -> tuple[list[Any], Members]:
    """Return (the labels in order, which of them each row has [n, L]) of a matrix or of lists of labels.

    Raises OptionError or LabelError for anything else.
    """
    if Y is None:
        raise OptionError("SequenceMultilabelClassifier requires Y to be passed, but Y is None.")
    names = getattr(Y, "columns", None)
    if hasattr(Y, "toarray"):  # a sparse matrix
        Y = Y.toarray()
    if names is not None or (hasattr(Y, "ndim") and Y.ndim == 2):
        return _of_matrix(np.asarray(Y), None if names is None else list(names))
    if isinstance(Y, str | bytes | dict) or not isinstance(Y, Iterable):
        raise OptionError(f"Y must be a matrix of 0 and 1, or a list of lists of labels; got {type(Y).__name__}.")
    rows: list[list[Any]] = []
    for item, given in enumerate(Y):
        if isinstance(given, str | bytes | dict) or not isinstance(given, Iterable):
            raise OptionError(
                f"Item {item} of Y is {type(given).__name__}, where a list of labels is expected, such as ['a', 'b'], "
                "or []; for one label a text, SequenceClassifier is made."
            )
        rows.append([label.item() if isinstance(label, np.generic) else label for label in given])
    return _of_lists(rows)


def _of_matrix(matrix: NDArray[Any], names: list[Any] | None) -> tuple[list[Any], Members]:
    if matrix.ndim != 2 or not matrix.shape[1]:
        raise OptionError(f"Y must be a matrix with a column for each label; got an array of shape {matrix.shape}.")
    bad = ~np.isin(matrix, (0, 1))
    if bad.any():
        row, column = np.argwhere(bad)[0].tolist()
        raise LabelError(f"Y holds {matrix[row, column]!r} in row {row}, column {column}; an indicator is 0 or 1.")
    return list(range(matrix.shape[1])) if names is None else names, matrix.astype(np.bool_)


def _of_lists(rows: list[list[Any]]) -> tuple[list[Any], Members]:
    """Return (the labels in order, which of them each row has [n, L])."""
    kinds: dict[str, int] = {}
    for item, row in enumerate(rows):
        for label in row:
            if not isinstance(label, str | int) or label != label:
                raise LabelError(
                    f"Item {item} of Y holds {label!r} ({type(label).__name__}); a label is a str, an int or a bool."
                )
            kinds.setdefault(type(label).__name__, item)
    if len(kinds) > 1:
        raise LabelError(f"Y mixes labels of several types ({', '.join(sorted(kinds))}). Make them one type.")
    labels = sorted({label for row in rows for label in row})
    place = {label: k for k, label in enumerate(labels)}
    members = np.zeros((len(rows), len(labels)), dtype=np.bool_)
    for number, given in enumerate(rows):
        members[number, [place[label] for label in given]] = True
    return labels, members


def _warn_of_labels(labels: list[Any], members: Members) -> None:
    """Warn the caller of `fit` of what is odd about labels that are text."""
    if not all(isinstance(label, str) for label in labels):
        return
    rows = dict(zip(labels, members.sum(axis=0).tolist(), strict=True))
    sentences = label_findings(rows)
    if any(is_blank(label) for label in labels):
        sentences.append("Y holds blank labels; they are learned as a label like any other.")
    for sentence in sentences:
        warnings.warn(sentence, stacklevel=3)
