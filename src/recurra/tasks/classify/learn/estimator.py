"""`SequenceClassifier`: training and prediction with scikit-learn's interface."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from recurra.data.label_order import stated_order
from recurra.data.label_spelling import is_blank
from recurra.data.split import holdout
from recurra.errors import LabelError, OptionError
from recurra.evaluation.decision import NONE, Decision
from recurra.kernel.layout import Cell, Direction
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import columns_of, text_facts
from recurra.many_to_one.learn.continued_options import going_on, learnt_options
from recurra.many_to_one.learn.defaults import student, valid_share
from recurra.many_to_one.learn.estimator_rows import asked, feature_table, learnt_rows, table_names
from recurra.many_to_one.learn.findings import MUCH_UNKNOWN
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.from_base import OF_WORDS, SIZES, based
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.row_groups import group_numbers, validating
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.options import LEVEL_DEFAULTS, Quantise, Subwords
from recurra.many_to_one.shape import ManyToOneShape, Pooling
from recurra.many_to_one.text_profile import counted_labels
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.many_to_one.unlabelled_facts import left_out_in_words
from recurra.options.base import validated
from recurra.options.network import TokenLevel, Truncate
from recurra.options.weighting import class_weights, weights_of_rows
from recurra.storage import model_directory
from recurra.storage.base import Base, check_apart, read_base
from recurra.tasks.classify.label_findings import label_findings
from recurra.tasks.classify.learn.decide import tuning
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.tasks.classify.learn.teacher import taught
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import DEFAULTS, ClassifierOptions
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.estimator import fitted_html, torch_as_it_was

TOLD_TOKENS = 100
"""With fewer tokens in the validation texts, no share of unknown ones is told."""


class SequenceClassifier(ClassifierMixin, BaseEstimator):
    """Classify texts with a recurrent network.

        classifier = SequenceClassifier(cell="gru", epochs=5)
        classifier.fit(texts, labels)
        classifier.predict(["A wonderful film."])
        classifier.save("model")                    # then, without torch: recurra.load("model")

    The parameters are the options of `recurra train`; `recurra train --help` describes each.
    `from_`: a base that `recurra pretrain` made, or the directory of a classifier. `fit` takes its words and layers and
    learns the labels anew, as `--from` with a base and `--new-head` with a classifier do; `partial_fit` goes on with a
    classifier, as `--from` does.
    `valid` is the share of the rows given to `fit` (2,000 at most) that validates instead of training.

    Fitted attributes: classes_ [K]; n_iter_, the epochs trained; history_, one dict an epoch (of an ensemble, both are
    those of its first network); temperature_;
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
        calibrate: bool = DEFAULTS.calibrate,
        ordered: bool = DEFAULTS.ordered,
        order: str | None = DEFAULTS.order,
        quantise: Quantise = DEFAULTS.quantise,
        class_weight: Mapping[Any, float] | str | None = DEFAULTS.class_weight,
        tune_threshold: str | None = DEFAULTS.tune_threshold,
        positive: Any = DEFAULTS.positive,
        abstain: float = DEFAULTS.abstain,
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
        self.calibrate = calibrate
        self.ordered = ordered
        self.order = order
        self.quantise = quantise
        self.class_weight = class_weight
        self.tune_threshold = tune_threshold
        self.positive = positive
        self.abstain = abstain
        self.valid = valid
        self.seed = seed
        self.device = device
        self.precision = precision
        self.threads = threads

    def fit(
        self,
        X: Iterable[str],
        y: ArrayLike,
        unlabelled: Iterable[str] | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Train on texts X [n] and labels y [n], and on `unlabelled` texts of the same kind where there are some.

        sample_weight: [n], by which rows count; those of 0 are left out. None: all alike. groups: [n], such as who
        wrote each text: rows of one group all train, or all validate.

        With unlabelled texts, a classifier of the labelled ones is trained first and answers them; the one that is kept
        learns from both, with a `hidden` of 96 unless another is given.

        Warns of labels that differ in spelling alone, look like missing values, or hold several labels, and of
        validation texts whose words are mostly unknown. Raises OptionError for a parameter or an input that cannot be
        used, LabelError for labels that cannot be used.
        """
        options = self._options(taught=unlabelled is not None)
        if unlabelled is not None and options.features is not None:
            raise OptionError("features do not go with unlabelled texts, which are learnt from alone. Leave one out.")
        base = None if options.from_ is None else read_base(options.from_)
        if base is not None:
            options = based(options, base)
        self._stated: NDArray[Any] | None = None
        return self._learn(X, y, options, base, unlabelled=unlabelled, sample_weight=sample_weight, groups=groups)

    def partial_fit(
        self, X: Iterable[str], y: ArrayLike, classes: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train on texts X [n] and labels y [n]; once it is fitted, or where `from_` names a classifier, training goes
        on from there, on these rows alone: `recurra train --from` has what stays and what is added.

        classes: on the first call, all labels that may ever come; others are then an error. None: labels are added to
        `classes_` as they come, after those that are there. sample_weight: [n], by which rows count.

        Each call is a training of its own, with validation rows of its own: give it some hundreds of rows at a time, of
        two classes at least. Raises as `fit` does, and OptionError for parameters that contradict what is there.
        """
        if self.features is not None:
            raise OptionError("partial_fit does not go with features. Leave them out, or fit anew on all rows.")
        first = not hasattr(self, "classes_")
        stated = None if classes is None else np.unique(_labels(classes))
        start: Base | Trained | None = None
        if not first:
            start = self._trained()
            options = going_on(self._options(known=True), start)
            stated = self._stated_before(stated)
        elif self.from_ is not None:
            start, options = read_start(self._options(known=True), "classify")
        else:
            options = self._options()
        self._stated = stated
        return self._learn(X, y, options, start, sample_weight=sample_weight, stated=stated)

    def _stated_before(self, stated: NDArray[Any] | None) -> NDArray[Any] | None:
        """Return the classes of the first call. Raises OptionError where others are given now."""
        before: NDArray[Any] | None = self._stated
        if stated is not None and (before is None or not np.array_equal(stated, before)):
            was = "were not given" if before is None else f"were {before.tolist()[:10]}"
            raise OptionError(
                f"classes is {stated.tolist()[:10]} and the classes {was} on the first call of partial_fit. Leave "
                "classes out, or fit anew."
            )
        return before

    def _trained(self) -> Trained:
        """Return the fitted classifier as a model that training goes on with. Raises OptionError for an ensemble."""
        if self._fitted.members:
            raise OptionError("partial_fit goes on with one network, and this is an ensemble. Fit with ensemble=1.")
        return Trained(
            "the fitted classifier",
            self.network_shape_,
            self.tokenizer_,
            self.classes_.tolist(),
            self._fitted.weights,
            self.temperature_,
            config=self._config,
            lineage=self._from.get("from") or {},
            metrics=self._profile,
        )

    def _learn(
        self,
        X: Iterable[str],
        y: ArrayLike,
        options: ClassifierOptions,
        base: Base | Trained | None,
        *,
        unlabelled: Iterable[str] | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        stated: NDArray[Any] | None = None,
    ) -> Self:
        """Train, beginning at a base or going on with a model. stated: all labels that may come, None for any."""
        columns, table = columns_of(self.text, X), feature_table(self.features, self.text, X)
        labels, (texts, cells) = _labels(y), learnt_rows(X, columns, table)
        if len(texts) != len(labels):
            raise OptionError(f"X has {len(texts):,} texts and y {len(labels):,} labels; they must be equally many.")
        weights, of_group = None, None if groups is None else group_numbers(groups, len(texts))
        if sample_weight is not None:
            weights = _weights(sample_weight, len(texts))
            kept_rows = np.flatnonzero(weights > 0)
            labels, texts = labels[kept_rows], [texts[row] for row in kept_rows]
            cells = [cells[row] for row in kept_rows] if table is not None else cells
            of_group = None if of_group is None else of_group[kept_rows]
            weights = weights[weights > 0]
        known = base.labels if isinstance(base, Trained) else []
        classes, targets = _classes(labels, known, stated)
        if options.ordered and len(classes) > len(known) > 0:
            raise LabelError(
                f"Classes in an order cannot be added to, and y holds {classes[len(known) :].tolist()}. Fit anew on "
                "all rows."
            )
        if options.ordered and not known:
            names = [str(label) for label in classes.tolist()]
            places = [names.index(name) for name in stated_order(names, options.order)]
            classes, targets = classes[places], np.argsort(places)[targets]
        _warn_of_labels(labels)
        with Corpus(punctuation=options.punctuation, level=options.level) as corpus:
            corpus.read_columns(columns, table)
            for row, (text, target) in enumerate(zip(texts, targets, strict=True)):
                weight = None if weights is None else float(weights[row])
                corpus.add(text, str(target), weight, cells[row] if table is not None else ())
            corpus.seal()
            kept = targets[corpus.sources - 1]  # a text without any character is left out
            share = valid_share(options, len(kept))
            if of_group is None:
                validation = holdout(kept, corpus.groups, share, options.seed)
            else:
                validation = validating(corpus, of_group[corpus.sources - 1], kept, share, options.seed)
            if not validation.any():  # too few rows of each class to hold some out: validate with all
                validation = np.ones(len(kept), dtype=bool)
            training = ~validation if not validation.all() else validation
            names = [str(label) for label in classes.tolist()]
            counts = np.bincount(kept[training], minlength=len(names)).tolist()
            by_class = None if options.class_weight is None else class_weights(options.class_weight, names, counts)
            counting = weights_of_rows(kept, corpus.weights, by_class)
            tuned = tuning(options, names, counts, options.seed)
            beside = None
            if unlabelled is not None:
                beside = _beside(corpus, learnt_rows(unlabelled, columns, None, "unlabelled")[0], training, validation)
            with torch_as_it_was():
                options = learnt_options(options, corpus, training, len(classes), base)
                rows, soft = (corpus, kept.astype(np.int64), len(classes), training, validation), None
                if beside is not None:
                    soft, _ = taught(*rows, options, beside, sample_weight=counting, base=base)
                    options = student(options)
                fitted = fit_classifier(*rows, options, sample_weight=counting, soft=soft, base=base)
            self.decision_ = Decision(abstain=options.abstain)
            if tuned is not None:
                chances = fitted.model(Classifier, names, self.threads).predict_proba(
                    corpus.rows(np.flatnonzero(validation))
                )
                own = None if corpus.weights is None else corpus.weights[validation]
                decision = tuned.decision(chances, kept[validation], own)
                self.decision_ = replace(decision, abstain=options.abstain)
            self._profile = profile_of(
                corpus,
                np.ones(len(kept), dtype=np.bool_),
                labels=counted_labels(list(map(str, classes.tolist())), kept),
                start=base,
            )
            many = corpus.counts[validation].sum() >= TOLD_TOKENS
        if many and fitted.valid["unknown_rate"] >= MUCH_UNKNOWN:
            warnings.warn(
                f"{fitted.valid['unknown_rate']:.0%} of the tokens of the validation texts are unknown: the training "
                "texts do not have them often enough. Try level='bpe', which reads parts of words.",
                stacklevel=3,
            )
        self.classes_ = classes
        self.n_iter_ = len(fitted.history)
        self.history_ = fitted.history
        self.temperature_ = fitted.temperature
        self.tokenizer_: Tokenizer = fitted.tokenizer
        self.network_shape_: ManyToOneShape = fitted.shape
        self._fitted: FittedText = fitted
        self._columns = columns
        facts = {} if base is None else base.facts()
        self._from = {"from": facts} if facts else {}
        start = None if self.from_ is None else os.fspath(self.from_)
        self._config = options.model_dump() | {"embedding": fitted.shape.embedding, "from_": start}
        self._model = self._runtime()
        return self

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """Return the label of each text [n]: the most probable one, or by `tune_threshold`, and None by `abstain`."""
        probabilities = self.predict_proba(X)
        indexes = self.decision_.answers(probabilities)
        labels: NDArray[Any] = self.classes_[indexes]
        if (indexes == NONE).any():
            labels = labels.astype(object)
            labels[indexes == NONE] = None
        return labels

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Return the probability of each class [n, K], columns as in `classes_`."""
        check_is_fitted(self, "classes_")
        return self._model.predict_proba(asked(X, self._columns, features=self.features is not None))

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
            task="classify",
            labels=self.classes_.tolist(),
            network=self.network_shape_.model_dump(),
            config=self._config,
            metrics={
                "export": self._fitted.export,
                "temperature": self.temperature_,
                "unknown_rate": self._fitted.valid["unknown_rate"],
                **self._profile,
                **({} if self.decision_.plain else {"decision": self.decision_.to_dict()}),
                **({"word_vectors": self._fitted.word_vectors} if self._fitted.word_vectors else {}),
            },
            data={
                "name": "rows given to SequenceClassifier.fit",
                **text_facts(self.tokenizer_.columns, table_names(self.tokenizer_)),
                **self._from,
            },
            overwrite=overwrite,
        )
        return self

    def _options(self, *, taught: bool = False, known: bool = False) -> ClassifierOptions:
        """Return the parameters, checked. The default of `embedding` counts as not given, as a file of word vectors has
        a width of its own; so do those that differ by `level`, `hidden`, of which a teacher's student has another, and
        all that a base decides; and where a model is `known`, all of them.
        """
        given = self.get_params()
        for name in ("text", "features"):
            if given[name] is not None and not isinstance(given[name], str):
                given[name] = list(given[name])
        if isinstance(self.from_, os.PathLike):
            given["from_"] = os.fspath(self.from_)
        if isinstance(self.class_weight, Mapping):
            given["class_weight"] = json.dumps({str(label): weight for label, weight in self.class_weight.items()})
        if self.positive is not None:
            given["positive"] = str(self.positive)
        usual = {"embedding", "truncate", *(["hidden"] if taught else [])}.union(*LEVEL_DEFAULTS.values())
        if self.from_ is not None:
            usual |= {*SIZES, *OF_WORDS, "level", "punctuation", "vocabulary", "word_vectors"}
        if known:
            usual |= set(given)
            if hasattr(self, "classes_"):  # how it once began is no matter now
                begun = ["from_", "word_vectors", "keep_words"]
                begun += [] if isinstance(self.tokenizer_, WordTokenizer) else ["vocabulary", "min_count"]
                given |= {name: getattr(DEFAULTS, name) for name in begun}
        for name in usual:
            if given[name] == getattr(DEFAULTS, name):
                del given[name]
        return validated(ClassifierOptions, given)

    def _runtime(self) -> Classifier:
        model = self._fitted.model(Classifier, self.classes_.tolist(), self.threads)
        model.decision = self.decision_
        return model

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the open session: another process opens its own."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_model"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "classes_" in state:
            self._model = self._runtime()

    def _repr_html_(self) -> str:
        """Return a fitted classifier for a notebook: its learning curves, and scikit-learn's list of parameters."""
        page: str = super()._repr_html_()
        return fitted_html(self, self.history_) + page if hasattr(self, "classes_") else page

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what notebooks ask for first."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether it is fitted, which scikit-learn would else take from the low line at the end of `from_`."""
        return hasattr(self, "classes_")

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.non_deterministic = False
        return tags


def _beside(
    corpus: Corpus, unlabelled: Sequence[str], training: NDArray[np.bool_], validation: NDArray[np.bool_]
) -> UnlabelledTexts:
    """Return the unlabelled texts to learn from. Raises OptionError where they cannot be used, or none is left."""
    texts = corpus.unlabelled()
    for text in unlabelled:
        texts.add(text)
    texts.seal(corpus.digests[training], corpus.digests[validation])
    if not len(texts):
        why = left_out_in_words(texts.counts)
        raise OptionError(
            f"No text of unlabelled is left to learn from. {f'Left out: {why}.' if why else 'There are none.'} "
            "Give other texts, or None."
        )
    return texts


def _weights(sample_weight: ArrayLike, rows: int) -> NDArray[np.float64]:
    """Return the weights [n]. Raises OptionError for anything but a number of 0 or more for each row."""
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise OptionError("sample_weight must hold a number for each text.") from None
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise OptionError(f"sample_weight has the shape {weights.shape}; it must be ({rows},), one for each text.")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise OptionError("sample_weight must hold finite numbers of 0 or more, and not 0 alone.")
    return weights


def _labels(y: ArrayLike) -> NDArray[Any]:
    """Return the labels as an array [n]. Raises OptionError or LabelError for anything but a column of labels."""
    if y is None:
        raise OptionError("SequenceClassifier requires y to be passed, but the target y is None.")
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = column_or_1d(labels, warn=True)
    if labels.ndim != 1:
        raise OptionError(f"y must be one column of labels; got shape {labels.shape}.")
    if labels.dtype.kind in "fO":
        for item, label in enumerate(labels.tolist()):
            if label is None or type(label).__name__ == "NAType" or label != label:
                raise LabelError(f"Input y contains NaN or None: item {item}. Every text needs a label.")
    if labels.dtype.kind in "UO":  # NumPy would turn 1 beside "a" into "1"
        kinds = {type(label).__name__ for label in cast(Iterable[object], y)} - {"str_"}
        if "str" in kinds and len(kinds) > 1:
            raise LabelError(f"y mixes labels of several types ({', '.join(sorted(kinds))}). Make them one type.")
    check_classification_targets(labels)
    return labels


def _classes(
    labels: NDArray[Any], known: Sequence[Any], stated: NDArray[Any] | None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the classes, those that are known first, and the place among them of each of the labels [n].

    stated: all that may come. Raises LabelError for others, for labels of another type, and for one label alone.
    """
    present = np.unique(labels)
    if len(present) < 2:
        raise LabelError(f"Classifier can't train when only one class is present: y holds only {present.tolist()}.")
    if not len(known) and stated is None:
        classes, targets = np.unique(labels, return_inverse=True)
        return classes, targets.astype(np.int64)
    if stated is not None and (others := np.setdiff1d(present, stated)).size:
        raise LabelError(f"y holds {others.tolist()[:10]}, which classes does not have: {stated.tolist()[:20]}.")
    before, there = np.array(known), present if stated is None else stated
    if len(before) and _kind(before) != _kind(there):
        raise LabelError(
            f"The classes are of another type than those before: {there.tolist()[:5]} beside {before.tolist()[:5]}."
        )
    classes = np.concatenate([before, np.setdiff1d(there, before)]) if len(before) else there
    order = np.argsort(classes, kind="stable")
    return classes, order[np.searchsorted(classes, labels, sorter=order)].astype(np.int64)


def _kind(labels: NDArray[Any]) -> str:
    """Return whether labels are texts, truth values or numbers."""
    return {"U": "text", "O": "text", "b": "truth"}.get(labels.dtype.kind, "number")


def _warn_of_labels(labels: NDArray[Any]) -> None:
    """Warn the caller of `fit` of what is odd about labels that are text."""
    if labels.dtype.kind not in "UO":
        return
    names, first, counts = np.unique(labels.astype(str), return_index=True, return_counts=True)
    rows = dict(zip(names.tolist(), counts.tolist(), strict=True))
    sentences = label_findings(rows)
    if blank := [int(first[i]) for i, name in enumerate(names.tolist()) if is_blank(name)]:
        sentences.append(
            f"y holds blank labels, such as item {min(blank)}; they are learned as a label like any other."
        )
    for sentence in sentences:
        warnings.warn(sentence, stacklevel=4)
