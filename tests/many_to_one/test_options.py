"""What the options of a network and its training refuse, and what goes by the level of tokens."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.many_to_one.options import LEVEL_DEFAULTS, ModelOptions


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"subwords": "vectors", "level": "char"}, "--subwords vectors reads the spelling"),
        ({"subwords": "weights", "ngrams": 0}, "--ngrams 0 leaves out"),
        ({"ngrams": 4}, "at most 3 words"),
        ({"level": "bpe", "vocabulary": 100}, "at least 256"),
        ({"level": "char", "word_vectors": "glove.txt"}, "--word-vectors glove.txt"),
    ],
)
def test_options_that_contradict_each_other_are_refused(given: dict[str, object], what: str) -> None:
    with pytest.raises((OptionError, ValueError), match=what):
        ModelOptions.model_validate(given)


def test_a_level_brings_its_defaults_where_nothing_else_is_given() -> None:
    for level, defaults in LEVEL_DEFAULTS.items():
        chosen = ModelOptions(level=level)  # type: ignore[arg-type]
        assert {name: getattr(chosen, name) for name in defaults} == defaults
    assert ModelOptions(level="bpe", vocabulary=999).vocabulary == 999
    assert ModelOptions(vocabulary=999).at_level("bpe").vocabulary == 999
    assert ModelOptions().at_level("bpe").vocabulary == LEVEL_DEFAULTS["bpe"]["vocabulary"]
