"""The dictionary beside which a translator is judged."""

from __future__ import annotations

from recurra.tasks.translate.learn.baseline import TranslationTable


def test_a_dictionary_learns_what_goes_with_what() -> None:
    pairs = [("das haus", "the house"), ("das buch", "the book"), ("ein buch", "a book"), ("ein haus!", "a house!")] * 3
    learnt = TranslationTable.fit(pairs)
    assert {word: learnt.words[word] for word in ("das", "haus", "buch", "ein")} == {
        "das": "the",
        "haus": "house",
        "buch": "book",
        "ein": "a",
    }
    assert learnt.translate("ein haus das unbekannt!") == "a house the unbekannt!"
    assert learnt.pairs == 12
    assert TranslationTable.fit([]).translate("so") == "so"
