"""The coloured text of an explanation in a terminal."""

from __future__ import annotations

import pytest

from recurra.many_to_one.explain import Contribution, Explanation


def test_notes_on_texts_that_are_long(capsys: pytest.CaptureFixture[str]) -> None:
    from recurra.tasks.classify.explanation_text import print_explanation

    words = (Contribution(0, 9, "good film", 0.5),)
    print_explanation(
        Explanation("good film, more", "pos", "pos", {"pos": 0.9, "neg": 0.1}, 2.2, words, words, 2, 700, True), 1
    )
    shown = capsys.readouterr().out
    assert "The text has 700 words and signs, more than the model reads: it was cut." in shown
    assert "2 neighbouring words were hidden together" in shown
    assert "good film[+0.50], more" in shown


def with_ngrams(labels: tuple[str, ...] = ("pos", "neg")) -> Explanation:
    words = (Contribution(0, 3, "not", 0.5), Contribution(4, 8, "good", -0.25))
    ngrams = (
        Contribution(0, 8, "not [b]good", -1.5),
        Contribution(4, 8, "good", 0.25),
        Contribution(0, 3, "not", 0.125),
    )
    return Explanation(
        "not good", "pos", "pos", dict.fromkeys(labels, 1 / len(labels)), 0.5, words, words, 1, 2, False,
        ngrams=ngrams, ngram_total=-1.125, network_total=1.625,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "whole"),
    [
        (("pos", "neg"), "The log-odds of pos are"),
        (("pos", "neg", "so"), "The logit of pos, less the mean of all labels, is"),
    ],
)
def test_n_grams_and_what_they_and_the_network_add_up_to(
    capsys: pytest.CaptureFixture[str], labels: tuple[str, ...], whole: str
) -> None:
    from recurra.tasks.classify.explanation_text import print_explanation

    print_explanation(with_ngrams(labels), 2)
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{whole} +0.50: -1.12 from all n-grams and +1.62 from the network. The strongest n-grams:" in shown
    assert "N-gram Contribution not [b]good -1.50 good +0.25 Sentence" in shown


def test_of_a_network_alone_nothing_is_said_of_n_grams(capsys: pytest.CaptureFixture[str]) -> None:
    from recurra.tasks.classify.explanation_text import print_explanation

    words = (Contribution(0, 4, "good", 0.5),)
    print_explanation(Explanation("good", "pos", "pos", {"pos": 0.9, "neg": 0.1}, 2.2, words, words, 1, 1, False), 1)
    assert "gram" not in capsys.readouterr().out


@pytest.mark.parametrize(("fall", "what"), [(0.3, "goes by the spelling"), (0.0, "is that to any text")])
def test_a_text_without_a_known_word(capsys: pytest.CaptureFixture[str], fall: float, what: str) -> None:
    from recurra.tasks.classify.explanation_text import print_explanation

    words = (Contribution(0, 4, "zork", fall),)
    print_explanation(
        Explanation("zork", "pos", "pos", {"pos": 0.9, "neg": 0.1}, 2.2, words, words, 1, 1, False, nothing_known=True),
        1,
    )
    assert what in capsys.readouterr().out


def test_no_word_is_marked_with_a_zero() -> None:
    from recurra.tasks.classify.explanation_text import coloured

    words = (Contribution(0, 4, "zork", 0.0), Contribution(5, 9, "good", -0.25), Contribution(10, 14, "blah", 0.004))
    found = Explanation("zork good blah", "pos", "pos", {"pos": 0.9, "neg": 0.1}, 2.2, words, words, 1, 3, False)
    assert coloured(found, found.top()).plain == "zork good[-0.25] blah"
