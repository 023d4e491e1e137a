"""Pieces and characters of a word are shown as one; where spaces do not part words, a few characters are."""

from __future__ import annotations

import pytest

from recurra.text.spans import spans, without_spaces


def of_characters(text: str, block: int) -> list[str]:
    numbers = spans(text, [(place, place + 1) for place in range(len(text))], block=block)
    parts: dict[int, str] = {}
    for character, number in zip(text, numbers.tolist(), strict=True):
        parts[number] = parts.get(number, "") + character
    parts.pop(-1, None)
    return list(parts.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It isn't good!", ["It", "isn't", "good", "!"]),
        ("e\u0301te\u0301 a", ["e\u0301te\u0301", "a"]),
        ("我喜欢", ["我", "喜", "欢"]),
        ("ภาษาไทย ดี", ["ภาษา", "ไทย", "ดี"]),
        ("ก\u0e31\u0e48ก\u0e31กกก", ["ก\u0e31\u0e48ก\u0e31กก", "ก"]),
        ("x" * 31, ["xxxx"] * 7 + ["xxx"]),
        ("x" * 30, ["x" * 30]),
    ],
)
def test_characters(text: str, expected: list[str]) -> None:
    assert of_characters(text, 4) == expected


def test_pieces_of_one_character_are_never_parted() -> None:
    offsets = [(0, 2), (1, 2), (1, 3), (3, 4)]  # the first ends and the others begin inside the second character
    assert spans("ภาษา", offsets, block=1).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["The film was good.", "Donaudampfschifffahrtsgesellschaft ist ein langes Wort."], False),
        (["Epäjärjestelmällisyydestä on kirjoitettu aiemmin"], False),
        (["thefilmwasgoodandsowerethepeopleinit"], True),
        (["ภาษาไทยไม่มีช่องว่าง ดี"], True),
        (["我喜欢这个电影"], True),
        (["この映画は good"], True),
        (["I saw 电影 there yesterday with all the others"], False),
        (["https://www.example.org/some/page?number=3 was down"], False),
        ([], False),
        (["", "!"], False),
    ],
)
def test_texts_without_spaces(texts: list[str], expected: bool) -> None:
    assert without_spaces(texts) is expected
