"""Tables and plain sentences are told from files of tagged words."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import ReadError
from recurra.tasks.tag.other_files import if_plain, refuse_plain_sentences, refuse_tables


def look(tmp_path: Path, text: str, name: str = "a.txt") -> None:
    path = tmp_path / name
    path.write_text(text)
    refuse_tables(path, "utf-8")
    refuse_plain_sentences(path, "utf-8", tags_needed=False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Sentence #,Word,POS,Tag\nSentence: 1,Ana,NNP,B-PER\n,met,VBD,O\n"),
        ("a.txt", "Sentence #,Word,POS,Tag\nSentence: 1,Ana,NNP,B-PER\n,met,VBD,O\n"),
        ("a.csv", 'tokens,tags\n"[""Ana"", ""met""]","[""B-PER"", ""O""]"\n'),
    ],
)
def test_tables_are_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(ReadError, match=r"is a CSV table \(its first row: .*one word per line"):
        look(tmp_path, text, name)


@pytest.mark.parametrize(
    "text",
    [
        "Ana met Boris in Oslo .\nChen Smith lives in Lima today .\nDara left .\n",
        "Ana left\nChen Smith lives in Lima today .\n",
        "Hi\n\nChen Smith lives in Lima today .\n\nNo way\n",
    ],
)
def test_plain_sentences_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ReadError, match=r"plain sentences, one a line, .*recurra predict MODEL < FILE"):
        look(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ana B-PER\nmet O\n\n, O\n. O\n",
        ", ,\n. .\n",
        "Ana\nmet\n\nBoris\n",
        "New York\tB-LOC\nis\tO\n",
        "-DOCSTART- -X- -X- O\n\nAna NNP B-NP B-PER\n",
        "Ana NNP B-NP B-PER\nmet VBD B-VP\nBoris NNP B-NP\n",
        "# a long comment about this file\nAna B-PER\nmet O\n",
        "a,b,c O\nd O\n",
        "Ana B-PER\n" + "met O\n" * 20 + "broken row of many words\n",
    ],
)
def test_files_of_words_are_not(tmp_path: Path, text: str) -> None:
    look(tmp_path, text)


def test_a_hint_is_for_lines_without_tabs_or_gaps(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for text, hinted in (("Ana met\nBo left\n", True), ("Ana O\n\nBo O\n", False), ("Ana\tO\n", False)):
        path.write_text(text)
        assert bool(if_plain(path, "utf-8")) is hinted
