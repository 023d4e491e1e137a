"""`SequenceRegressor`: training and prediction of numbers with scikit-learn's interface."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, column_or_1d

from recurra.errors import OptionError
from recurra.evaluation.conformal import ConformalIntervals
from recurra.kernel.layout import Cell, Direction
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import columns_of, text_facts
from recurra.many_to_one.learn.continued_options import going_on, learnt_options
from recurra.many_to_one.learn.defaults import valid_share
from recurra.many_to_one.learn.estimator_rows import asked, feature_table, learnt_rows, table_names
from recurra.many_to_one.learn.from_base import OF_WORDS, SIZES, based
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.row_groups import group_numbers, validating
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.options import LEVEL_DEFAULTS, Quantise, Subwords
from recurra.many_to_one.shape import ManyToOneShape, Pooling
from recurra.options.base import validated
from recurra.options.network import TokenLevel, Truncate
from recurra.storage import model_directory
from recurra.storage.base import Base, check_apart, read_base
from recurra.tasks.regress.intervals import stated
from recurra.tasks.regress.learn.fit import FittedNumbers, fit_regressor
from recurra.tasks.regress.learn.split import STRATA, held_out, strata_of
from recurra.tasks.regress.options import DEFAULTS, NumberModelOptions
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.estimator import torch_as_it_was


class SequenceRegressor(RegressorMixin, BaseEstimator):
    """Predict a number for each text with a recurrent network.

        regressor = SequenceRegressor(cell="gru", epochs=5)
        regressor.fit(texts, stars)
        regressor.predict(["A wonderful film."])
        regressor.predict_interval(["A wonderful film."])
        regressor.save("model")                       # then, without torch: recurra.load("model")

    The parameters are the options of `recurra train --task regress`; `recurra train --help` describes each.
    `valid` is the share of the rows given to `fit` (2,000 at most) that validates instead of training, and from which
    the intervals come.

    Fitted attributes: n_iter_, the epochs trained; history_, one dict an epoch (of an ensemble, both are those of its
    first network); intervals_, see `recurra.evaluation.conformal`; tokenizer_; network_shape_.
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
        quantise: Quantise = DEFAULTS.quantise,
        interval: float = DEFAULTS.interval,
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
        self.quantise = quantise
        self.interval = interval
        self.valid = valid
        self.seed = seed
        self.device = device
        self.precision = precision
        self.threads = threads

    def fit(
        self,
        X: Iterable[str],
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Train on texts X [n] and numbers y [n]. sample_weight: how much each row counts [n], above 0 (None: alike).
        groups: [n], such as who wrote each text: rows of one group all train, or all validate.

        Raises OptionError for a parameter or an input that cannot be used.
        """
        options = self._options()
        base = None if options.from_ is None else read_base(options.from_)
        if base is not None:
            options = based(options, base)
        return self._learn(X, y, options, base, sample_weight=sample_weight, groups=groups)

    def partial_fit(self, X: Iterable[str], y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on texts X [n] and numbers y [n]; once it is fitted, or where `from_` names a model of numbers, it goes
        on from there, on these rows alone: `recurra train --from` has what stays and what is added.

        Each call is a training of its own, with validation rows of its own, on which its intervals rest: give it some
        hundreds of rows at a time. Raises as `fit` does, and OptionError for parameters that contradict what is there.
        """
        if self.features is not None:
            raise OptionError("partial_fit does not go with features. Leave them out, or fit anew on all rows.")
        start: Base | Trained | None = None
        if hasattr(self, "intervals_"):
            start = self._trained()
            options = going_on(self._options(known=True), start)
        elif self.from_ is not None:
            start, options = read_start(self._options(known=True), "regress")
        else:
            options = self._options()
        return self._learn(X, y, options, start, sample_weight=sample_weight)

    def _trained(self) -> Trained:
        """Return the fitted regressor as a model that training goes on with. Raises OptionError for an ensemble."""
        if self._fitted.members:
            raise OptionError("partial_fit goes on with one network, and this is an ensemble. Fit with ensemble=1.")
        return Trained(
            "the fitted regressor",
            self.network_shape_,
            self.tokenizer_,
            [],
            self._fitted.weights,
            self._fitted.temperature,
            config=self._config,
            lineage=self._from.get("from") or {},
            metrics={"intervals": stated(self.intervals_), **self._profile},
        )

    def _learn(
        self,
        X: Iterable[str],
        y: ArrayLike,
        options: NumberModelOptions,
        base: Base | Trained | None,
        *,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Train, beginning at a base or going on with a model."""
        columns, table = columns_of(self.text, X), feature_table(self.features, self.text, X)
        targets, (texts, cells) = _numbers(y), learnt_rows(X, columns, table)
        if len(texts) != len(targets):
            raise OptionError(f"X has {len(texts):,} texts and y {len(targets):,} numbers; they must be equally many.")
        weights = None if sample_weight is None else _weights(sample_weight, len(targets))
        of_group = None if groups is None else group_numbers(groups, len(texts))
        with Corpus(punctuation=options.punctuation, level=options.level) as corpus:
            corpus.read_columns(columns, table)
            for row, text in enumerate(texts):
                corpus.add(text, repr(float(targets[row])), None, cells[row] if table is not None else ())
            corpus.seal()
            given = corpus.sources - 1  # a text without any character is left out
            kept = targets[given]
            share = valid_share(options, len(kept))
            if of_group is None:
                validation = held_out(kept, corpus.groups, share, options.seed)
            else:
                validation = validating(corpus, of_group[given], strata_of(kept, STRATA), share, options.seed)
            if not validation.any():  # too few rows to hold some out: validate with all
                validation = np.ones(len(kept), dtype=bool)
            training = ~validation if not validation.all() else validation
            if not len(kept) or kept[training].min() == kept[training].max():
                raise OptionError("y holds one number alone, so that there is nothing to learn. Give rows that differ.")
            with torch_as_it_was():
                options = learnt_options(options, corpus, training, 2, base)
                fitted = fit_regressor(
                    corpus,
                    kept,
                    training,
                    validation,
                    options,
                    sample_weight=None if weights is None else weights[given],
                    base=base,
                )
            self._profile = profile_of(corpus, np.ones(len(kept), dtype=np.bool_), numbers=kept, start=base)
        self.n_iter_ = len(fitted.history)
        self.history_ = fitted.history
        self.intervals_: ConformalIntervals = fitted.intervals
        self.tokenizer_: Tokenizer = fitted.tokenizer
        self.network_shape_: ManyToOneShape = fitted.shape
        self._fitted: FittedNumbers = fitted
        self._columns = columns
        self._from = {} if base is None else {"from": base.facts()}
        self._config = options.model_dump() | {"embedding": fitted.shape.embedding}
        self._model = fitted.regressor(self.threads)
        return self

    def predict(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return the number of each text [n]. `score` is their R²."""
        check_is_fitted(self, "intervals_")
        return self._model.predict(asked(X, self._columns, features=self.features is not None))

    def predict_interval(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return the ends of the interval about the number of each text [n, 2], as `TextRegressor.predict_interval`."""
        check_is_fitted(self, "intervals_")
        return self._model.predict_interval(asked(X, self._columns, features=self.features is not None))

    def save(self, directory: str | Path, *, overwrite: bool = False) -> Self:
        """Write a model directory, which `recurra.load` reads without torch. Raises OutputError where it cannot, and
        where the directory is the base that it started from."""
        from safetensors.numpy import save

        check_is_fitted(self, "intervals_")
        check_apart(self._config["from_"], Path(directory), Path(directory))
        model_directory.write(
            directory,
            {
                model_directory.MODEL: self._fitted.graph,
                model_directory.TOKENIZER: self.tokenizer_.to_json().encode(),
                model_directory.WEIGHTS: save(self._fitted.weights),
                model_directory.METRICS: json.dumps(
                    {"history": self.history_, "intervals": stated(self.intervals_)}
                ).encode(),
            },
            task="regress",
            labels=[],
            network=self.network_shape_.model_dump(),
            config=self._config,
            metrics={
                "export": self._fitted.export,
                "temperature": self._fitted.temperature,
                "intervals": stated(self.intervals_),
                "unknown_rate": self._fitted.valid["unknown_rate"],
                **self._profile,
                **({"word_vectors": self._fitted.word_vectors} if self._fitted.word_vectors else {}),
            },
            data={
                "name": "rows given to SequenceRegressor.fit",
                **text_facts(self.tokenizer_.columns, table_names(self.tokenizer_)),
                **self._from,
            },
            overwrite=overwrite,
        )
        return self

    def _options(self, *, known: bool = False) -> NumberModelOptions:
        """Return the parameters, checked. The default of `embedding` counts as not given, as a file of word vectors has
        a width of its own; so do those that differ by `level`, and all that a base decides; and where a model is
        `known`, all of them."""
        given = self.get_params()
        for name in ("text", "features"):
            if given[name] is not None and not isinstance(given[name], str):
                given[name] = list(given[name])
        if isinstance(self.from_, os.PathLike):
            given["from_"] = os.fspath(self.from_)
        usual = {"embedding", "truncate"}.union(*LEVEL_DEFAULTS.values())
        if self.from_ is not None:
            usual |= {*SIZES, *OF_WORDS, "level", "punctuation", "vocabulary", "word_vectors"}
        if known:
            usual |= set(given)
            if hasattr(self, "intervals_"):  # how it once began is no matter now
                begun = ["from_", "word_vectors", "keep_words"]
                begun += [] if isinstance(self.tokenizer_, WordTokenizer) else ["vocabulary", "min_count"]
                given |= {name: getattr(DEFAULTS, name) for name in begun}
        for name in usual:
            if given[name] == getattr(DEFAULTS, name):
                del given[name]
        return validated(NumberModelOptions, given)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the open session: another process opens its own."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_model"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_fitted" in state:
            self._model = self._fitted.regressor(self.threads)

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether it is fitted, which scikit-learn would else take from the low line at the end of `from_`."""
        return hasattr(self, "intervals_")

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.non_deterministic = False
        return tags


def _numbers(y: ArrayLike) -> NDArray[np.float64]:
    """Return the targets as an array [n]. Raises OptionError for anything but a column of finite numbers."""
    if y is None:
        raise OptionError("SequenceRegressor requires y to be passed, but the target y is None.")
    try:
        targets = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise OptionError(f"y must be one column of numbers: {error}.") from None
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = column_or_1d(targets, warn=True)
    if targets.ndim != 1:
        raise OptionError(f"y must be one column of numbers; got shape {targets.shape}.")
    if not np.isfinite(targets).all():
        item = int(np.flatnonzero(~np.isfinite(targets))[0])
        raise OptionError(f"Input y contains NaN or infinity: item {item}. Every text needs a finite number.")
    return targets


def _weights(given: ArrayLike, rows: int) -> NDArray[np.float64]:
    weights = np.asarray(given, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights) & (weights > 0)).all():
        raise OptionError(f"sample_weight must be {rows:,} finite numbers above 0, one a text.")
    return weights
