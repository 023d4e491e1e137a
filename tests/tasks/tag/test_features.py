"""Words as numbers: known ones by id, others by their spelling; and the lexicon in its file."""

from __future__ import annotations

import pytest

from recurra.errors import ArtefactError
from recurra.tasks.tag.features import Lexicon


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a tagger's lexicon"),
        ("[", "not a tagger's lexicon"),
        ('{"rule": "x", "buckets": 1, "characters": [], "words": []}', "knows 'lower"),
        ('{"rule": "RULE", "buckets": 0, "characters": [], "words": []}', "out of its range"),
        ('{"rule": "RULE", "buckets": 1, "characters": [], "words": ["a", "a"]}', "out of its range"),
        ('{"rule": "RULE", "buckets": 1, "characters": [1], "words": []}', "out of its range"),
    ],
)
def test_a_lexicon_that_is_not_sound_is_refused(text: str, message: str) -> None:
    from recurra.tasks.tag.features import RULE

    with pytest.raises(ArtefactError, match=message):
        Lexicon.from_json(text.replace("RULE", RULE))
