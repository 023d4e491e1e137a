"""`SequenceClassifier` has scikit-learn's manners, and what it saves answers as it does."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import joblib
import numpy as np
import pandas
import polars
import pytest
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Tags
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

import recurra
from recurra import SequenceClassifier
from recurra.errors import ArtefactError, LabelError, OptionError, OutputError
from recurra.many_to_one.corpus import kind_of
from recurra.storage.base import read_base
from recurra.tasks.classify.options import ClassifierOptions
from support.bases import written_base
from support.commands import made_rows

TINY: dict[str, Any] = {"hidden": 4, "embedding": 4, "epochs": 2, "threads": 1, "batch": 16}
TEXTS = [f"{('good', 'bad')[i % 2]} film number {i}" for i in range(60)]
TRUTH = ["positive" if i % 2 == 0 else "negative" for i in range(60)]


class _OfNumbers(SequenceClassifier):
    """Scikit-learn's checks give tables of numbers: this makes words of them and leaves all else to the classifier."""

    def fit(self, X: Any, y: Any) -> Self:
        if y is None:
            return super().fit(X, y)
        X, y = validate_data(self, X, y, dtype="numeric")
        return super().fit(_in_words(X), y)

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:  # type: ignore[override]
        X, y = validate_data(self, X, y, dtype="numeric", reset=not hasattr(self, "classes_"))
        return super().partial_fit(_in_words(X), y, classes)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self)
        return super().predict_proba(_in_words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = True, False, False
        return tags


def _in_words(X: NDArray[Any]) -> list[str]:
    return [" ".join(f"c{j}v{round(float(v) * 2)}".replace("-", "m") for j, v in enumerate(row)) for row in X]


@parametrize_with_checks(
    [_OfNumbers(hidden=4, embedding=4, epochs=15, batch=8, learning_rate=0.1, threads=1, pooling="mean", dropout=0.0)]
)
def test_scikit_learns_checks(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore:Can't test estimator SequenceClassifier which requires input")
def test_scikit_learns_checks_of_the_classifier_itself() -> None:
    """Those that need no table of numbers; the tags say that it takes texts, so the others do not apply."""
    for estimator, check in estimator_checks_generator(SequenceClassifier(**TINY)):
        check(estimator)
    tags = SequenceClassifier().__sklearn_tags__()
    assert (tags.estimator_type, tags.input_tags.string, tags.input_tags.two_d_array) == ("classifier", True, False)


def test_parameters_are_stored_and_nothing_else() -> None:
    given = {"cell": "no such cell", "hidden": -1, "clip": None}
    classifier = SequenceClassifier(**given)
    assert {name: classifier.get_params()[name] for name in given} == given
    assert vars(classifier).keys() == inspect.signature(SequenceClassifier).parameters.keys()
    assert clone(classifier).get_params() == classifier.get_params()
    assert classifier.set_params(hidden=3).hidden == 3
    with pytest.raises(ValueError, match="hiden"):
        classifier.set_params(hiden=3)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"hidden": 0}, "hidden cannot be 0"),
        ({"cell": "lstmm"}, "Did you mean 'lstm'"),
        ({"dropout": 1.0}, "dropout cannot be 1.0"),
        ({"epochs": "many"}, "epochs cannot be 'many'"),
    ],
)
def test_fit_validates_parameters(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        SequenceClassifier(**parameters).fit(TEXTS, TRUTH)


@pytest.mark.parametrize(
    ("texts", "labels", "kind", "words"),
    [
        ("one text", ["a"], OptionError, "got one text"),
        ([["a"], ["b"]], ["a", "b"], OptionError, "Item 0 of X is list"),
        (["a", None], ["a", "b"], OptionError, "Item 1 of X is NoneType"),
        (np.array([["a", "b"], ["c", "d"]]), ["a", "b"], OptionError, r"shape \(2, 2\)"),
        (pandas.DataFrame({"x": ["a", "b"], "z": ["c", "d"]}), ["a", "b"], OptionError, "one column of texts"),
        ({"a": 1}, ["a"], OptionError, "must be a list of texts; got dict"),
        (["a", "b"], ["a"], OptionError, "2 texts and y 1 labels"),
        (["a", "b"], [["a", "b"], ["a", "b"]], OptionError, "one column of labels"),
        (["a", "b"], None, OptionError, "requires y to be passed, but the target y is None"),
        (["a", "b"], ["x", "x"], LabelError, r"only one class.*\['x'\]"),
        (["a", "b"], ["x", None], LabelError, "item 1"),
        (["a", "b"], pandas.Series([1, pandas.NA], dtype="Int64"), LabelError, "item 1"),
        (["a", "b"], [1.0, float("nan")], LabelError, "item 1"),
        (["a", "b"], ["x", 1], LabelError, r"several types \(int, str\)"),
        (["a", "b"], [0.5, 1.25], ValueError, "continuous"),
        ([], [], LabelError, "class"),
    ],
)
def test_unusable_training_data_are_refused(texts: Any, labels: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceClassifier(**TINY).fit(texts, labels)


def test_it_must_be_fitted_first(tmp_path: Path) -> None:
    classifier = SequenceClassifier()
    for call in (classifier.predict, classifier.predict_proba, classifier.save):
        with pytest.raises(NotFittedError):
            call(TEXTS if call != classifier.save else tmp_path)  # type: ignore[operator]


@pytest.fixture(scope="module")
def fitted() -> SequenceClassifier:
    return SequenceClassifier(**{**TINY, "epochs": 20, "learning_rate": 0.05}).fit(TEXTS, TRUTH)


def test_it_learns(fitted: SequenceClassifier) -> None:
    assert fitted.score(TEXTS, TRUTH) > 0.95
    assert fitted.classes_.tolist() == ["negative", "positive"]
    assert fitted.n_iter_ == len(fitted.history_)
    assert fitted.predict(["a good one", "a bad one"]).tolist() == ["positive", "negative"]
    assert fitted.predict_proba([]).shape == (0, 2)


@pytest.mark.parametrize(
    "given",
    [
        list,
        tuple,
        np.array,
        lambda x: np.array(x, dtype=object),
        pandas.Series,
        polars.Series,
        iter,
        pandas.Index,
        lambda x: pandas.DataFrame({"x": x}, index=range(100, 100 + len(x))),
        lambda x: polars.DataFrame({"x": x}),
        lambda x: np.array(x, dtype=object)[:, None],
    ],
)
def test_texts_and_labels_of_every_kind_give_the_same_model(given: Callable[[Any], Any]) -> None:
    plain = SequenceClassifier(**TINY).fit(TEXTS, TRUTH)
    several = hasattr(given(TRUTH), "columns") or getattr(given(TRUTH), "ndim", 1) == 2
    labels = list(TRUTH) if given is iter or several else given(TRUTH)
    other = SequenceClassifier(**TINY).fit(given(TEXTS), labels)
    assert other.classes_.tolist() == plain.classes_.tolist()
    np.testing.assert_array_equal(other.predict_proba(given(TEXTS)), plain.predict_proba(TEXTS))


@pytest.mark.filterwarnings("ignore:y holds blank labels")
@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (["a", "b"], "<U1"),
        ([3, 10], "int64"),
        ([-1, 1], "int64"),
        ([False, True], "bool"),
        ([1.0, 2.0], "float64"),
        (np.array(["a", "b"], dtype=object), "object"),
        (np.array([1, 2], dtype=np.uint8), "uint8"),
        (pandas.Series(["a", "b"], dtype="category"), "object"),
        (["", " "], "<U1"),
    ],
)
def test_labels_keep_their_type_and_survive_saving(labels: Any, dtype: str, tmp_path: Path) -> None:
    kinds = list(labels)
    y = np.array(
        [kinds[i % 2] for i in range(60)], dtype=getattr(labels, "dtype", None) if dtype != "object" else object
    )
    classifier = SequenceClassifier(**TINY).fit(TEXTS, y)
    assert (classifier.classes_.dtype, classifier.predict(TEXTS).dtype) == (dtype, dtype)
    assert classifier.classes_.tolist() == sorted(kinds)
    classifier.save(tmp_path / "m")
    loaded = recurra.load(tmp_path / "m")
    assert loaded.classes_.tolist() == classifier.classes_.tolist()
    assert [type(label) for label in loaded.classes_.tolist()] == [type(x) for x in classifier.classes_.tolist()]
    np.testing.assert_array_equal(loaded.predict(TEXTS), classifier.predict(TEXTS))
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS))


def test_a_column_of_labels_is_taken_with_a_warning() -> None:
    with pytest.warns(DataConversionWarning):
        classifier = SequenceClassifier(**TINY).fit(TEXTS, np.array(TRUTH)[:, None])
    assert classifier.predict(TEXTS[:3]).shape == (3,)


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])  # noqa: S301
def test_a_fitted_classifier_can_be_copied(
    fitted: SequenceClassifier, copied: Callable[[SequenceClassifier], SequenceClassifier]
) -> None:
    other = copied(fitted)
    np.testing.assert_array_equal(other.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert copied(SequenceClassifier(hidden=3)).hidden == 3


def test_joblib(fitted: SequenceClassifier, tmp_path: Path) -> None:
    joblib.dump(fitted, tmp_path / "classifier.joblib")
    other = joblib.load(tmp_path / "classifier.joblib")
    np.testing.assert_array_equal(other.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_saving_twice(fitted: SequenceClassifier, tmp_path: Path) -> None:
    assert fitted.save(tmp_path / "m") is fitted
    with pytest.raises(OutputError):
        fitted.save(tmp_path / "m")
    fitted.save(str(tmp_path / "m"), overwrite=True)


def test_grid_search() -> None:
    search = GridSearchCV(SequenceClassifier(**TINY), {"cell": ["rnn", "gru"], "hidden": [2, 3]}, cv=2)
    search.fit(pandas.Series(TEXTS), pandas.Series(TRUTH))
    assert set(search.best_params_) == {"cell", "hidden"}
    assert search.predict(TEXTS).shape == (60,)


def test_cross_validation_in_a_pipeline() -> None:
    pipeline = make_pipeline(FunctionTransformer(_upper), SequenceClassifier(**TINY))
    scores = cross_val_score(pipeline, np.array(TEXTS, dtype=object), TRUTH, cv=2)
    assert scores.shape == (2,)
    pipeline.set_params(sequenceclassifier__hidden=5).fit(TEXTS, TRUTH)
    assert pipeline.predict_proba(TEXTS[:4]).shape == (4, 2)
    assert pipeline[-1].network_shape_.hidden == 5


def _upper(texts: Any) -> list[str]:
    return [text.upper() for text in texts]


def test_many_classes_and_empty_texts() -> None:
    texts = ["", "  ", *(f"{'abc'[i % 3] * 3} word" for i in range(60))]
    classifier = SequenceClassifier(**TINY).fit(texts, [0, 1, *(i % 3 for i in range(60))])
    chances = classifier.predict_proba(texts)
    assert chances.shape == (62, 3)
    np.testing.assert_allclose(chances.sum(axis=1), 1)


def test_the_callers_program_keeps_its_random_numbers_and_threads() -> None:
    torch.manual_seed(7)
    expected = torch.rand(2).tolist()
    torch.manual_seed(7)
    threads = torch.get_num_threads()
    SequenceClassifier(**{**TINY, "threads": threads + 1}).fit(TEXTS, TRUTH)
    assert torch.rand(2).tolist() == expected
    assert torch.get_num_threads() == threads


def test_the_same_seed_gives_the_same_model_and_another_another() -> None:
    first, second = (SequenceClassifier(**TINY).fit(TEXTS, TRUTH).predict_proba(TEXTS) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, SequenceClassifier(**TINY, seed=1).fit(TEXTS, TRUTH).predict_proba(TEXTS))


def test_the_classifier_has_every_option_with_the_same_default() -> None:
    parameters = list(inspect.signature(SequenceClassifier).parameters.values())
    fields = ClassifierOptions.model_fields
    assert {p.name: p.default for p in parameters} == {name: field.default for name, field in fields.items()}


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["pos", "Pos", "neg"], "differ only in case: 'Pos' \\(20 rows\\), 'pos' \\(20 rows\\)"),
        (["1", "1.0", "0"], "the way the number is written"),
        (["pos", "nan", "neg"], "'nan' \\(20 rows\\) looks like a missing label"),
        (["pos", " ", "neg"], "y holds blank labels, such as item 1"),
        (["a", "b", "a;b"], "look like several labels in one"),
    ],
)
def test_fit_warns_of_odd_labels(labels: list[str], words: str) -> None:
    for y in ([labels[i % 3] for i in range(60)], np.array([labels[i % 3] for i in range(60)], dtype=object)):
        with pytest.warns(UserWarning, match=words) as caught:
            fitted = SequenceClassifier(**TINY).fit(TEXTS, y)
        assert len(caught) == 1 and caught[0].filename == __file__
        assert fitted.classes_.tolist() == sorted(labels)


def test_fit_warns_of_texts_without_known_words() -> None:
    unlike = [
        f"w{i} v{i} x{i} y{i} z{i} u{i} t{i} s{i} r{i} q{i} p{i} o{i} n{i} m{i} l{i} k{i} j{i}" for i in range(60)
    ]
    with pytest.warns(UserWarning, match="100% of the tokens of the validation texts are unknown"):
        fitted = SequenceClassifier(**TINY, valid=0.2).fit(unlike, TRUTH)
    assert fitted.predict(unlike).shape == (60,)


def test_a_saved_model_states_its_share_of_unknown_words(tmp_path: Path) -> None:
    fitted = SequenceClassifier(**TINY).fit(TEXTS, TRUTH).save(tmp_path / "m")
    (part,) = recurra.load(tmp_path / "m").predict_iter(TEXTS)
    stated = recurra.load(tmp_path / "m").manifest.metrics["unknown_rate"]
    assert 0 <= stated < 0.5 and part.nothing_known.sum() == 0
    assert fitted.temperature_ == recurra.load(tmp_path / "m").manifest.metrics["temperature"]


def test_unlabelled_texts_are_learnt_from() -> None:
    rows, more = made_rows(120), [text for text, _ in made_rows(60, seed=3)]
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    chosen = {"hidden": 4, "embedding": 4, "epochs": 1, "threads": 1, "precision": "fp32"}
    plain = SequenceClassifier(**chosen).fit(texts, labels)
    taught = SequenceClassifier(**chosen).fit(texts, labels, unlabelled=[*more, texts[0], "", more[0].upper()])
    again = SequenceClassifier(**chosen).fit(texts, labels, more)
    np.testing.assert_array_equal(taught.predict_proba(more), again.predict_proba(more))
    assert np.abs(taught.predict_proba(more) - plain.predict_proba(more)).max() > 1e-3
    assert taught.tokenizer_.encode("reel3x1").unknown == 0 < plain.tokenizer_.encode("reel3x1").unknown
    assert SequenceClassifier(**{**chosen, "hidden": 64}).fit(texts, labels, more).network_shape_.hidden == 96
    for wrong, message in (
        ("one text", "unlabelled must be a list of texts; got one text"),
        ([1], "Item 0 of unlabelled is int"),
        ([], "No text of unlabelled is left to learn from. There are none."),
        (texts, "Left out: 6 copies of held-out or validation texts, 114 copies of training texts."),
    ):
        with pytest.raises(OptionError, match=message):
            SequenceClassifier(**chosen).fit(texts, labels, wrong)


def test_a_base_is_started_from(tmp_path: Path) -> None:
    weights = written_base(tmp_path / "base")
    base = read_base(tmp_path / "base")
    rows = made_rows(80)
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    few = {"epochs": 1, "threads": 1, "learning_rate": 1e-6}
    for start in (tmp_path / "base", str(tmp_path / "base")):
        made = SequenceClassifier(**few, from_=start).fit(texts, labels)
        assert (made.network_shape_.hidden, made.network_shape_.embedding) == (base.shape.hidden, base.shape.embedding)
        assert made.tokenizer_.encode("unheard").unknown == 0, "a word that the base alone knows"
    name = "recurrent.layers.0.left_to_right.weight_hh"
    np.testing.assert_allclose(made._fitted.weights[name], weights[name], atol=1e-3)
    made.save(tmp_path / "m")
    found = recurra.load(tmp_path / "m")
    assert found.manifest.data["from"] == base.facts()
    np.testing.assert_allclose(found.predict_proba(texts), made.predict_proba(texts), atol=1e-6)
    np.testing.assert_allclose(
        clone(made).fit(texts, labels).predict_proba(texts), made.predict_proba(texts), atol=1e-6
    )
    assert SequenceClassifier(**few, from_=start).fit(texts, labels, ["more texts"]).network_shape_.hidden == 3
    with pytest.raises(OutputError, match="is the base of --from"):
        made.save(tmp_path / "base", overwrite=True)
    with pytest.raises(OptionError, match="--hidden 5 contradicts --from"):
        SequenceClassifier(**few, hidden=5, from_=start).fit(texts, labels)
    with pytest.raises(ArtefactError, match="nowhere"):
        SequenceClassifier(**few, from_=tmp_path / "nowhere").fit(texts, labels)


def test_a_base_of_characters_is_started_from(tmp_path: Path) -> None:
    fitting = {"size": 100, "min_count": 1, "max_tokens": None, "truncate": "tail", "fill": False, "punctuation": True}
    written_base(tmp_path / "base", tokenizer=kind_of("char").fit(TEXTS, **fitting))
    made = SequenceClassifier(epochs=1, threads=1, from_=tmp_path / "base").fit(TEXTS, TRUTH)
    assert made.tokenizer_.level == "char" and made.network_shape_.hidden == 3


def test_an_ensemble_is_one_model(tmp_path: Path) -> None:
    made = SequenceClassifier(**TINY, ensemble=2).fit(TEXTS, TRUTH)
    assert made.network_shape_.members == 2 and made.n_iter_ == len(made.history_)
    expected = made.predict_proba(TEXTS[:9])
    copied = pickle.loads(pickle.dumps(made))  # noqa: S301
    np.testing.assert_array_equal(copied.predict_proba(TEXTS[:9]), expected)
    made.save(tmp_path / "m")
    loaded = recurra.load(tmp_path / "m")
    np.testing.assert_allclose(loaded.predict_proba(TEXTS[:9]), expected, atol=1e-6)
    alone = SequenceClassifier(**TINY).fit(TEXTS, TRUTH)
    assert np.abs(alone.predict_proba(TEXTS[:9]) - expected).max() > 1e-6
    with pytest.raises(OptionError, match="ensemble"):
        SequenceClassifier(**TINY, ensemble=0).fit(TEXTS, TRUTH)


def test_weights_thresholds_and_withheld_answers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = (np.arange(120) % 10 == 0).astype(int)
    texts = [
        " ".join([*rng.choice(["one", "two", "three"], 3), "prize" if rng.random() < (0.8 if y else 0.1) else "x"])
        for y in truth
    ]
    small = {"hidden": 4, "embedding": 4, "epochs": 4, "threads": 1, "learning_rate": 0.02, "seed": 3}
    plain = SequenceClassifier(**small).fit(texts, truth)
    for heavy in (
        SequenceClassifier(**small, class_weight={1: 6.0}).fit(texts, truth),
        SequenceClassifier(**small).fit(texts, truth, sample_weight=np.where(truth, 6.0, 1.0)),
    ):
        assert (
            heavy.predict_proba(["prize x"])[0, 1] > plain.predict_proba(["prize x"])[0, 1]
        ) and heavy.decision_.plain
    left_out = SequenceClassifier(**small).fit([*texts, "one two x"], [*truth, 1], sample_weight=[*np.ones(120), 0])
    weighed = SequenceClassifier(**small).fit(texts, truth, sample_weight=np.ones(120))
    np.testing.assert_array_equal(left_out.predict_proba(texts), weighed.predict_proba(texts))
    tuned = SequenceClassifier(**small, tune_threshold="f1", positive=1, abstain=0.6).fit(texts, truth)
    assert tuned.decision_.positive == 1 and tuned.decision_.abstain == 0.6
    answers, chances = tuned.predict(texts), tuned.predict_proba(texts)
    assert all((answer is None) == (its.max() < 0.6) for answer, its in zip(answers, chances, strict=True))
    tuned.save(tmp_path / "m")
    assert recurra.load(tmp_path / "m").predict(texts).tolist() == answers.tolist()
    assert pickle.loads(pickle.dumps(tuned)).predict(texts).tolist() == answers.tolist()  # noqa: S301
    for wrong in ([1.0], np.zeros(120), np.full(120, -1.0), np.full(120, np.nan), ["a"] * 120):
        with pytest.raises(OptionError, match="sample_weight"):
            SequenceClassifier(**small).fit(texts, truth, sample_weight=wrong)
