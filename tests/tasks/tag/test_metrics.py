"""The scores of a tagger against scikit-learn and seqeval, and what the intervals and the paired test claim."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.tag.metrics import compare_taggers, score_tags, unknown_tags_message

BIO = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def random_tags(labels: list[str], sentences: int = 60, seed: int = 0) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags that agree in most places."""
    rng = np.random.default_rng(seed)
    gold = [list(rng.choice(labels, rng.integers(1, 12))) for _ in range(sentences)]
    return gold, [[tag if rng.random() < 0.7 else str(rng.choice(labels)) for tag in tags] for tags in gold]


def unknown_to_none(gold: list[list[str]]) -> list[list[bool]]:
    return [[True] * len(tags) for tags in gold]


def test_scores_of_words_equal_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    gold, predicted = random_tags(["NOUN", "VERB", "ADJ", "X"])
    result = score_tags(gold, predicted, ["ADJ", "NOUN", "VERB", "X"], unknown_to_none(gold))
    flat = [list(itertools.chain.from_iterable(each)) for each in (gold, predicted)]
    assert (result["rows"], result["words"]) == (60, len(flat[0]))
    assert result["accuracy"] == pytest.approx(metrics.accuracy_score(*flat))
    assert result["macro_f1"] == pytest.approx(metrics.f1_score(*flat, average="macro"))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(*flat, zero_division=0)
    for place, row in enumerate(result["per_class"]):
        expected = [precision[place], recall[place], f1[place], support[place]]
        assert [row[name] for name in ("precision", "recall", "f1", "support")] == pytest.approx(expected)
    assert result["exact_match"] == np.mean([a == b for a, b in zip(gold, predicted, strict=True)])
    assert "f1" not in result and result["unknown_words"] == {"words": 0, "accuracy": None, "accuracy_ci95": None}
    low, high = result["accuracy_ci95"]
    assert low < result["accuracy"] < high < low + 0.2
    mixed = result["mix_ups"]
    assert mixed == sorted(mixed, key=lambda row: -row["count"]) and all(r["truth"] != r["predicted"] for r in mixed)


def test_scores_of_spans_equal_seqevals() -> None:
    oracle = pytest.importorskip("seqeval.metrics")
    gold, predicted = random_tags(BIO, seed=1)
    result = score_tags(gold, predicted, BIO, unknown_to_none(gold))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("precision", "recall", "f1"):
            assert result[name] == pytest.approx(getattr(oracle, f"{name}_score")(gold, predicted))
            assert result[f"{name}_ci95"][0] < result[name] < result[f"{name}_ci95"][1]
        report = oracle.classification_report(gold, predicted, output_dict=True)
    for row in result["per_span"]:
        expected = report[row["label"]]
        assert [row["f1"], row["support"]] == pytest.approx([expected["f1-score"], expected["support"]])


def test_unknown_words_and_unknown_tags_are_counted() -> None:
    gold, predicted = [["A", "B", "Q"], ["A"]], [["A", "A", "A"], ["B"]]
    result = score_tags(gold, predicted, ["A", "B"], [[True, False, False], [False]])
    assert result["unknown_tags"] == {"Q": 1}
    assert (
        unknown_tags_message({"Q": 1_000, "b": 1}, ["A", "B"])
        == "1,001 words have tags that the model does not know ('Q', 'b') and count as wrong. "
        "The model has 'B' where it is 'b' here."
    )
    assert (result["known_words"]["words"], result["known_words"]["accuracy"]) == (1, 1.0)
    assert (result["unknown_words"]["words"], result["unknown_words"]["accuracy"]) == (3, 0.0)
    assert result["accuracy"] == 0.25 and result["exact_match"] == 0


def test_a_perfect_score_claims_no_certainty() -> None:
    gold = [["A", "B"], ["B"]]
    result = score_tags(gold, gold, ["A", "B"], unknown_to_none(gold))
    assert result["accuracy"] == 1 and result["accuracy_ci95"][0] < 0.7 and result["mix_ups"] == []


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([["A"]], [], "1 sentences and answers for 0"),
        ([["A"]], [["A", "B"]], "Sentence 0 has 1 words and 2 answers"),
        ([[]], [[]], "no word to evaluate"),
    ],
)
def test_answers_that_do_not_fit_are_refused(gold: list[list[str]], predicted: list[list[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        score_tags(gold, predicted, ["A"], unknown_to_none(gold))


def test_the_paired_test_tells_a_better_tagger_from_a_lucky_one() -> None:
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 20, 300)
    right = rng.binomial(sizes, 0.9)
    worse, alike = rng.binomial(sizes, 0.8), rng.binomial(sizes, 0.9)
    better = compare_taggers(right, worse, sizes)
    assert better["difference"] == pytest.approx((right - worse).sum() / sizes.sum())
    assert better["p_value"] < 0.001 and better["difference_ci95"][0] > 0
    lucky = compare_taggers(right, alike, sizes)
    assert lucky["p_value"] > 0.05 and lucky["difference_ci95"][0] < 0 < lucky["difference_ci95"][1]
    assert compare_taggers(right, right, sizes)["p_value"] == 1


def test_the_paired_test_is_exact_on_few_sentences() -> None:
    gained = np.array([3, 2, 1, -1])
    ways = [
        abs(sum(sign * each for sign, each in zip(signs, gained, strict=True)))
        for signs in itertools.product((1, -1), repeat=4)
    ]
    expected = np.mean([way >= 5 for way in ways])
    found = compare_taggers(gained + 5, np.full(4, 5), np.full(4, 10))["p_value"]
    assert found == pytest.approx(expected, abs=0.02)
