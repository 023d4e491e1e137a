"""The texts of a base: read once, repeats left out, some held out, numbered by words or pieces."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recurra.errors import ColumnError, DataError, ReadError
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.texts import PretrainingTexts
from recurra.terminal.progress import Reporter
from support.commands import made_rows
from support.whole_commands import in_sentences

QUIET = Reporter(quiet=True)


def lines(count: int = 30, seed: int = 0) -> list[str]:
    return [text for text, _ in made_rows(count, seed=seed)]


def read(path: Path, tmp_path: Path, **options: object) -> PretrainingTexts:
    texts = PretrainingTexts(tmp_path, PretrainOptions.model_validate(options))
    try:
        texts.data = texts.read(str(path), QUIET, tmp_path / "rejects")  # type: ignore[attr-defined]
    except BaseException:
        texts.close()
        raise
    return texts


def written(path: Path, texts: list[str]) -> Path:
    content = "\n".join(texts).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["texts.txt", "texts.txt.gz"])
def test_each_line_is_a_text_and_the_first_of_equal_ones_stays(name: str, tmp_path: Path) -> None:
    given = lines()
    texts = read(written(tmp_path / name, [*given, given[3].upper(), "", "<br>"]), tmp_path, valid=0.1)
    assert list(texts.texts) == given
    assert (len(texts.train), len(texts.valid)) == (27, 3)
    assert sorted([*texts.train, *texts.valid]) == list(range(30))
    assert texts.data["rows"] == 30 and texts.data["texts"]["repeats"] == 1  # type: ignore[attr-defined]
    assert texts.level == "word"
    texts.close()


def test_the_counts_that_are_told_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = lines(40)
    path = written(tmp_path / "t.txt", [*given, given[3], given[4], "<br>"])
    for options, words in (
        ({}, "39 of 43 are learnt from; 1 held out; left out: 2 copies of each other, 1 without text."),
        ({"rows": 20, "valid": 0.1}, "18 of 43 are learnt from; 2 held out; 20 not drawn; left out: 2 copies"),
    ):
        texts = PretrainingTexts(tmp_path, PretrainOptions.model_validate(options))
        texts.read(str(path), Reporter(), tmp_path / "rejects")
        texts.close()
        assert f"Texts: {words}" in " ".join(capsys.readouterr().err.split())


def test_words_come_from_the_texts_that_are_learnt_from_alone(tmp_path: Path) -> None:
    texts = read(written(tmp_path / "t.txt", lines(40)), tmp_path, min_count=1, valid=0.2)
    numbered = texts.numbered()
    learnt = {word for text in texts.train for word in list(texts.texts)[text].lower().split()}
    assert set(numbered.tokenizer.vocabulary()["words"]) == learnt
    for text in (int(texts.train[0]), int(texts.valid[0])):
        expected = numbered.tokenizer.ids(list(texts.texts)[text])
        assert np.array_equal(numbered.table[texts.ids(text)], expected)
    texts.close()


def test_fewer_rows_are_drawn_by_the_seed(tmp_path: Path) -> None:
    path = written(tmp_path / "t.txt", lines(60))
    drawn = [read(path, tmp_path, rows=20, seed=seed) for seed in (0, 0, 1)]
    chosen = [sorted([*texts.train, *texts.valid]) for texts in drawn]
    assert len(chosen[0]) == 20 and chosen[0] == chosen[1] != chosen[2]
    for texts in drawn:
        texts.close()


@pytest.mark.parametrize("level", [None, "bpe", "char"])
def test_texts_without_spaces_are_read_as_subwords(level: str | None, tmp_path: Path) -> None:
    given = [f"หนังเรื่องนี้ดีมากครับ{'ๆ' * number}สนุก" for number in range(20)]
    texts = read(written(tmp_path / "t.txt", given), tmp_path, **({} if level is None else {"level": level}))
    assert texts.level == (level or "bpe")
    numbered = texts.numbered()
    assert numbered.tokenizer.level == texts.level
    for text in (0, 7):
        assert np.array_equal(texts.ids(text), numbered.tokenizer.ids(given[text]))
    texts.close()


def test_a_column_is_named_or_guessed(write_csv: Callable[..., Path], tmp_path: Path) -> None:
    rows = [(str(number), text, "x") for number, text in enumerate(lines())]
    path = write_csv(rows, "t.csv", ("id", "body", "note"))
    texts = read(path, tmp_path, text="body")
    assert list(texts.texts) == lines()
    texts.close()
    with pytest.raises(ColumnError, match="boody"):
        read(path, tmp_path, text="boody")
    guessed = read(write_csv(rows, "u.csv", ("id", "review", "note")), tmp_path)
    assert list(guessed.texts) == lines()
    guessed.close()


def test_too_few_texts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has 9 different texts; at least 10") as error:
        read(written(tmp_path / "t.txt", [*lines(9), lines(9)[0]]), tmp_path)
    in_sentences(str(error.value))
    with pytest.raises(ReadError):
        read(tmp_path / "nothing.txt", tmp_path)
