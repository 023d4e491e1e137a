"""Near repeats: the vectorised count beside sets of tuples, and what the measure says of known changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.tasks.chat.near_duplicates import NEAR, RUN, containment, near_finding

WORDS = st.lists(st.sampled_from("abcdef"), max_size=14)


def runs(words: list[str]) -> set[tuple[str, ...]]:
    """The distinct runs, in the plainest way."""
    length = min(RUN, len(words))
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)} if words else set()


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(WORDS, max_size=5), others=st.lists(WORDS, max_size=5))
def test_it_counts_as_sets_do(texts: list[list[str]], others: list[list[str]]) -> None:
    wanted = [
        max((len(runs(text) & runs(other)) / len(runs(text)) for other in others if runs(text)), default=0.0)
        for text in texts
    ]
    assert containment(texts, iter(others)) == pytest.approx(wanted)


def test_a_text_with_one_word_changed_is_near_and_one_in_other_words_is_not() -> None:
    text = [f"word{number}" for number in range(40)]
    changed = [*text[:20], "another", *text[21:]]
    shuffled = text[::2] + text[1::2]
    shares = containment([text], [changed]), containment([text], [shuffled]), containment([text], [text * 2])
    assert shares[0] == pytest.approx((40 - RUN + 1 - RUN) / (40 - RUN + 1)) and shares[0] > NEAR
    assert (shares[1], shares[2]) == (0, 1)


def test_the_nearest_single_text_counts_not_all_together() -> None:
    text = [f"word{number}" for number in range(24)]
    assert containment([text], [text[:12], text[12:]]) == pytest.approx([(12 - RUN + 1) / (24 - RUN + 1)])
    assert containment([text], []) == pytest.approx([0])
    assert not len(containment([], [text]))


def test_the_finding_promises_scores_apart_only_where_there_are_some() -> None:
    assert near_finding(2, 3, "held-out ").startswith(
        "Data: 2 of 3 held-out dialogues nearly repeat one in training (25%"
    )
    assert near_finding(2, 3).endswith("there are scores without them too.")
    assert near_finding(3, 3).endswith("there are no others to score apart from them.")
