"""The share of characters of scripts without spaces between words."""

from __future__ import annotations

import pytest

from recurra.text.spaceless import spaceless_share


@pytest.mark.parametrize(
    "text",
    ["หนังเรื่องนี้แย่มาก", "ຮູບເງົານີ້ດີຫຼາຍ", "ខ្សែភាពយន្តនេះល្អ", "ဒီရုပ်ရှင်ကောင်းတယ်", "བཀྲ་ཤིས་བདེ་ལེགས"],
)
def test_scripts_without_spaces(text: str) -> None:
    assert spaceless_share([text]) == 1.0
    assert spaceless_share([text, "x" * len(text)]) == 0.5
    assert spaceless_share([text + " " * 100]) == 1.0


@pytest.mark.parametrize("text", ["a film", "кино", "영화가 좋다", "यह फिल्म", "فيلم جيد", ""])
def test_scripts_with_spaces(text: str) -> None:
    assert spaceless_share([text]) == spaceless_share([text], ideographs=True) == 0.0


@pytest.mark.parametrize("text", ["这部电影很好看", "この映画はよかった", "カタカナ"])
def test_ideographs_count_on_request(text: str) -> None:
    assert spaceless_share([text]) == 0.0
    assert spaceless_share([text], ideographs=True) == 1.0


def test_of_a_long_text_the_beginning_counts() -> None:
    assert spaceless_share(["a" * 1_000 + "ก" * 9_000]) == 0.0
