"""Explanations: each contribution against hiding that word by hand, in any text, for any label."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.many_to_one import occlusion as module
from recurra.many_to_one.explain import log_odds
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.occlusion import span_for
from recurra.many_to_one.shape import ManyToOneShape
from recurra.tasks.classify.model import Classifier
from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.tokenizer import UNKNOWN
from recurra.text.word_tokenizer import WordTokenizer
from recurra.text.words import split_with_offsets
from support import ngram_models

WORDS = ["good", "bad", "film", "the", "a", ".", "!", "was", "not", ",", "don't"]
TEXT = "The film was good, not bad. The good film!  A bad, bad film.<br />Don't unheard"


def model_of(outputs: int = 1, seed: int = 0, direction: str = "both", **tokenizer: Any) -> Classifier:
    network = ManyToOneShape.model_validate(
        {
            "vocabulary": len(WORDS) + 2,
            "embedding": 6,
            "cell": "gru",
            "hidden": 5,
            "layers": 1,
            "direction": direction,
            "pooling": "mean",
            "outputs": outputs,
        }
    )
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(size=size) for name, size in network.weight_shapes().items()}
    labels: list[Any] = ["no", "yes"] if outputs == 1 else [f"class {n}" for n in range(outputs)]
    return Classifier(
        WordTokenizer(WORDS, **{"max_tokens": None, **tokenizer}), build(network, weights, 1.3), labels, threads=1
    )


def odds_by_hand(model: Classifier, ids: np.ndarray, target: int) -> float:
    probabilities = model.graph.run([ids])[1][0].astype(np.float64)
    return float(np.log(probabilities[target]) - np.log(np.delete(probabilities, target).sum()))


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("direction", ["both", "forward"])
def test_contributions_are_those_of_hiding_each_place_by_hand(outputs: int, direction: str) -> None:
    model = model_of(outputs, direction=direction)
    ids = model.tokenizer.encode(TEXT).ids
    answer = int(model.predict_proba([TEXT])[0].argmax())
    for target, label in enumerate(model.classes_.tolist()):
        found = model.explain(TEXT, label)
        assert (found.label, found.target) == (model.classes_[answer], label)
        whole = odds_by_hand(model, ids, target)
        assert found.log_odds == pytest.approx(whole, abs=1e-4)
        falls = []
        for place in range(len(ids)):
            without = ids.copy()
            without[place] = UNKNOWN
            falls.append(whole - odds_by_hand(model, without, target))
        np.testing.assert_allclose([word.contribution for word in found.words], falls, atol=1e-4)
        assert len({round(fall, 3) for fall in falls}) > 10, "repeated words count by their places"
        for sentence, (first, last) in zip(found.sentences, [(0, 8), (8, 12), (12, 18), (18, 20)], strict=True):
            without = ids.copy()
            without[first:last] = UNKNOWN
            assert sentence.contribution == pytest.approx(whole - odds_by_hand(model, without, target), abs=1e-4)
    np.testing.assert_allclose(list(found.probabilities.values()), model.predict_proba([TEXT])[0], atol=1e-6)


def test_offsets_are_those_of_the_text_as_given() -> None:
    found = model_of().explain(TEXT)
    assert [(word.text, word.start, word.end) for word in found.words] == split_with_offsets(TEXT)
    assert [sentence.text for sentence in found.sentences] == [
        "The film was good, not bad.",
        "The good film!",
        "A bad, bad film.",
        "Don't unheard",
    ]
    assert all(TEXT[part.start : part.end] == part.text for part in found.words + found.sentences)
    assert found.words[-1].contribution == pytest.approx(0, abs=1e-6), "a word that the model does not know is hidden"


@settings(max_examples=40, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("good bad.!<br />\n中\u0301'")), max_size=40))
def test_any_text_is_explained(text: str) -> None:
    found = MODEL.explain(text)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["text"] == text
    assert [(word["text"], word["start"], word["end"]) for word in plain["words"]] == split_with_offsets(text)
    assert bool(plain["sentences"]) == bool(plain["words"])
    assert plain["tokens"] == len(plain["words"])
    keys = "text label target probabilities log_odds words sentences span tokens truncated nothing_known"
    assert sorted(plain) == sorted([*keys.split(), "ngrams", "ngram_total", "network_total", "ordered"])
    assert (plain["ngrams"], plain["ngram_total"], plain["network_total"]) == ([], None, None)


@pytest.mark.parametrize(("text", "nothing"), [("", True), (" \n", True), ("zzz qqqq", True), (TEXT, False)])
def test_a_text_of_which_nothing_is_known_is_marked(text: str, nothing: bool) -> None:
    assert MODEL.explain(text).nothing_known is nothing


MODEL = model_of()


def test_top_has_the_strongest_of_either_sign_first() -> None:
    found = model_of().explain(TEXT)
    sizes = [abs(word.contribution) for word in found.top(5)]
    assert sizes == sorted((abs(word.contribution) for word in found.words), reverse=True)[:5]
    assert {word.contribution > 0 for word in found.words} == {True, False}
    assert len(found.top(1000)) == len(found.words)


@pytest.mark.parametrize(("truncate", "read"), [("head", "The film was"), ("tail", ". Don't unheard")])
def test_only_words_that_are_read_are_explained(truncate: Any, read: str) -> None:
    found = model_of(max_tokens=3, truncate=truncate).explain(TEXT)
    assert [word.text for word in found.words] == [token for token, _, _ in split_with_offsets(read)]
    assert all(TEXT[word.start : word.end] == word.text for word in found.words)
    assert (found.tokens, found.truncated) == (20, True)
    both = model_of(max_tokens=4, truncate="both").explain(TEXT)
    assert [word.text for word in both.words] == ["The", "film", "Don't", "unheard"]


def test_the_filler_in_front_stays_where_it_is() -> None:
    model = model_of(max_tokens=30, fill=True)
    found = model.explain("good, bad film")
    ids = model.tokenizer.encode("good, bad film").ids
    answer = int(model.predict_proba(["good, bad film"])[0].argmax())
    for word, place in zip(found.words, range(26, 30), strict=True):
        without = ids.copy()
        without[place] = UNKNOWN
        fall = odds_by_hand(model, ids, answer) - odds_by_hand(model, without, answer)
        assert word.contribution == pytest.approx(fall, abs=1e-4)
    assert not found.truncated


def test_punctuation_that_is_no_token_is_not_explained() -> None:
    found = model_of(punctuation=False).explain("Good, bad!")
    assert [(word.text, word.start) for word in found.words] == [("Good", 0), ("bad", 6)]


def test_a_long_text_is_explained_in_spans_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUDGET", 900)
    monkeypatch.setattr(module, "FEWEST_SPANS", 5)
    model, rng = model_of(), np.random.default_rng(1)
    for tokens, span in ((30, 1), (60, 4), (400, 80)):
        text = " ".join(rng.choice([word for word in WORDS if word.isalpha()], tokens))
        found = model.explain(text)
        assert (found.span, found.tokens) == (span, tokens)
        assert len(found.words) == -(-tokens // span)
        assert " ".join(word.text for word in found.words) == text
        without = model.tokenizer.encode(text).ids
        target = int(model.predict_proba([text])[0].argmax())
        whole = odds_by_hand(model, without, target)
        without[span : 2 * span] = UNKNOWN
        assert found.words[1].contribution == pytest.approx(whole - odds_by_hand(model, without, target), abs=1e-4)
        assert found.sentences[0].text == text


def test_the_number_of_evaluations_is_bounded() -> None:
    for tokens in (1, 10, 199, 500, 501, 1000, 3000, 100_000):
        span = span_for(tokens)
        asked = -(-tokens // span)
        assert asked <= max(module.FEWEST_SPANS, module.BUDGET // tokens)
        assert span == 1 or tokens > 500


def test_log_odds_keep_their_digits_where_probabilities_have_none() -> None:
    assert log_odds(np.array([[40.0], [-3.0]], dtype=np.float32), 1).tolist() == [40, -3]
    assert log_odds(np.array([[40.0], [-3.0]], dtype=np.float32), 0).tolist() == [-40, 3]
    logits = np.array([[50.0, -50.0, 1.0], [0.3, 0.2, 0.1]], dtype=np.float32)
    exact = logits.astype(np.longdouble)
    for target in range(3):
        rest = np.log(np.exp(np.delete(exact, target, axis=1)).sum(axis=1))
        np.testing.assert_allclose(log_odds(logits, target), (exact[:, target] - rest).astype(float), rtol=1e-12)


def test_a_target_that_is_no_label_and_a_text_that_is_none_are_refused() -> None:
    model = model_of(3)
    with pytest.raises(
        OptionError, match=r"no label 'clas 1'. It has: class 0, class 1, class 2. Did you mean 'class 1'"
    ):
        model.explain("good", "clas 1")
    for wrong in (None, b"good", ["good"], 3):
        with pytest.raises(OptionError, match="must be a str"):
            model.explain(wrong)  # type: ignore[arg-type]


def test_labels_are_found_by_value_and_by_spelling() -> None:
    graph_model = model_of(1)
    for labels in ([False, True], [0, 1], ["1", 1]):
        graph_model.classes_ = np.array(labels, dtype=object)
        for label in labels:
            target = graph_model.explain("good film", label).target
            assert (type(target), target) == (type(label), label)
    graph_model.classes_ = np.array([0, 1], dtype=object)
    assert graph_model.explain("good film", "1").target == 1


NGRAM_TEXT = "W1 w2, zork w1 w2 blah  zork W3"


@pytest.mark.parametrize("kind", [kind for kind in ngram_models.KINDS if kind["order"]], ids=str)
def test_shares_of_n_grams_are_exact_and_the_rest_is_the_networks(kind: dict[str, Any]) -> None:
    shape = ngram_models.shape(**kind)
    model, weights = ngram_models.classifier(shape), ngram_models.network(shape).exported()
    text = NGRAM_TEXT.replace(",", "")
    logits = model.engine.run(model.encode([text]))[0][0].astype(np.float64)
    beside = ngram_models.by_hand(shape, weights, text.lower()) / ngram_models.TEMPERATURE
    for target, label in enumerate(model.classes_.tolist()):
        found = model.explain(text, label)
        if shape.outputs == 1:
            whole, share = (value[0] * (1 if target else -1) for value in (logits, beside))
            assert found.log_odds == pytest.approx(whole, abs=1e-5)
        else:
            whole, share = (value[target] - value.mean() for value in (logits, beside))
        assert found.ngram_total == pytest.approx(share, abs=1e-5)
        assert found.ngram_total + found.network_total == pytest.approx(whole, abs=1e-5)
        assert sum(ngram.contribution for ngram in found.ngrams) == pytest.approx(share, abs=1e-5)
        sizes = [abs(ngram.contribution) for ngram in found.ngrams]
        assert sizes == sorted(sizes, reverse=True)


def test_n_grams_have_the_words_and_the_place_where_they_first_occur() -> None:
    shape = ngram_models.shape(2, subwords=97, vectors=True)
    found = {ngram.text: ngram for ngram in ngram_models.classifier(shape).explain(NGRAM_TEXT).ngrams}
    assert sorted(found) == [",", "W1", "W1 w2", "W3", "blah", "w2", "zork"]
    assert NGRAM_TEXT[found["W1 w2"].start : found["W1 w2"].end] == "W1 w2"
    assert (found["zork"].start, found["zork"].end) == (7, 11)
    weights = ngram_models.network(shape).exported()
    alone = ngram_models.by_hand(shape, weights, "blah")[0] / ngram_models.TEMPERATURE
    sign = 1 if ngram_models.classifier(shape).explain(NGRAM_TEXT).target == "yes" else -1
    assert found["blah"].contribution == pytest.approx(sign * alone, abs=1e-5)


@pytest.mark.parametrize(
    "rules", [{"max_tokens": 4}, {"max_tokens": 20, "fill": True}, {"max_tokens": 4, "truncate": "both"}]
)
def test_n_grams_of_what_is_read_alone(rules: dict[str, Any]) -> None:
    shape = ngram_models.shape(2, subwords=97)
    model = ngram_models.classifier(shape, **rules)
    found = model.explain(NGRAM_TEXT)
    assert found.ngram_total is not None and found.network_total is not None
    assert abs(found.ngram_total + found.network_total) == pytest.approx(abs(found.log_odds), abs=1e-5)
    read = {word.text.lower() for word in found.words}
    assert {ngram.text.lower() for ngram in found.ngrams if " " not in ngram.text} == read
    assert all(NGRAM_TEXT[ngram.start : ngram.end].split()[0] == ngram.text.split()[0] for ngram in found.ngrams)


def test_the_strongest_n_grams_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ngram_models.classifier(ngram_models.shape(3))
    whole = model.explain(NGRAM_TEXT)
    monkeypatch.setattr(module, "MOST_NGRAMS", 2)
    found = model.explain(NGRAM_TEXT)
    assert found.ngrams == whole.ngrams[:2] and len(whole.ngrams) > 2 and found.ngram_total == whole.ngram_total
    assert model.explain("").ngram_total == 0


@pytest.mark.parametrize(
    ("text", "places", "written"),
    [
        ("not  good", [(0, 3), (5, 9)], "not good"),
        ("Aspen, and", [(0, 5), (5, 6)], "Aspen,"),
        ("a<br />b", [(0, 1), (7, 8)], "a b"),
        ("\u8fd9\u90e8\u7535\u5f71", [(0, 1), (1, 2)], "\u8fd9\u90e8"),
        ("a \U0001f600", [(2, 3), (2, 3), (2, 3)], "\U0001f600"),
        ("m go", [(0, 1), (1, 2)], "m "),
    ],
)
def test_an_n_gram_is_written_as_in_the_text(text: str, places: list[tuple[int, int]], written: str) -> None:
    assert module._written(text, np.array(places)) == written


def test_n_grams_of_characters_read_as_text() -> None:
    shape = ngram_models.shape(2)
    tokenizer = CharacterTokenizer("gomd bcefhijkl", max_tokens=None)
    graph = build(shape, ngram_models.network(shape).exported(), 1.0)
    found = Classifier(tokenizer, graph, ["no", "yes"], threads=1, network=shape).explain("good mo")
    assert {"go", "oo", "od", "d ", " m", "mo"} <= {ngram.text for ngram in found.ngrams}


def test_n_grams_that_add_nothing_are_not_listed() -> None:
    shape = ngram_models.shape(1)
    weights = ngram_models.network(shape).exported()
    weights["ngrams.codes"][ngram_models.WORDS.index("w2") + 2] = 0
    model = Classifier(
        WordTokenizer(ngram_models.WORDS, max_tokens=None), build(shape, weights, 1.0), ["no", "yes"], network=shape
    )
    assert [ngram.text for ngram in model.explain("w1 w2").ngrams] == ["w1"]
    assert model.explain("w2").ngrams == ()


@pytest.mark.parametrize(("text", "shown"), [("d ", "d\u2423"), (" m", "\u2423m"), ("a b", "a b"), ("  ", "\u2423")])
def test_white_space_at_the_ends_of_an_n_gram_is_shown(text: str, shown: str) -> None:
    assert module.edges_shown(text) == shown
