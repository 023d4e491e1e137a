"""ARPA files: a file written by hand, what is written is what is read, and what is broken is named."""

from __future__ import annotations

import gzip
import math
import shutil
from pathlib import Path

import pytest

from recurra.errors import ReadError
from recurra.tasks.transcribe.arpa import read_arpa, write_arpa
from recurra.tasks.transcribe.language_model import END, UNKNOWN
from recurra.tasks.transcribe.witten_bell import estimate

BY_HAND = """A comment before the data.

\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-0.5 </s>
-99 <s> -0.3
-0.7 one -0.2
-0.9 two -0.1
-2.0 <unk>

\\2-grams:
-0.1 <s> one
-0.4 one two
-0.2 two </s>

\\end\\
What follows does not count.
"""


def written(folder: Path, content: str) -> Path:
    path = folder / "model.arpa"
    path.write_text(content)
    return path


def test_backoff_is_that_of_the_file(tmp_path: Path) -> None:
    model = read_arpa(written(tmp_path, BY_HAND))
    assert model.order == 2

    def log10(text: str) -> float:
        return model.of_text(text.split()) / math.log(10)

    assert log10("one two") == pytest.approx(-0.1 - 0.4 - 0.2)
    assert log10("two") == pytest.approx(-0.3 - 0.9 - 0.2)  # backs off from <s>
    assert log10("one one") == pytest.approx(-0.1 + (-0.2 - 0.7) + (-0.2 - 0.5))
    assert log10("nine one") == pytest.approx((-0.3 - 2.0) + (0 - 0.7) + (-0.2 - 0.5))


def test_without_unknown_words_one_is_as_likely_as_the_least_likely_word(tmp_path: Path) -> None:
    model = read_arpa(written(tmp_path, BY_HAND.replace("-2.0 <unk>\n", "").replace("1=5", "1=4")))
    assert model.log_probability((), model.words[UNKNOWN]) == pytest.approx(-0.9 * math.log(10))
    spelt = read_arpa(written(tmp_path, BY_HAND.replace("<unk>", "<UNK>")))
    assert spelt.log_probability((), spelt.words[UNKNOWN]) == pytest.approx(-2.0 * math.log(10))


@pytest.mark.parametrize("order", [1, 2, 4])
def test_what_is_written_is_what_is_read_gzipped_or_not(tmp_path: Path, order: int) -> None:
    texts = ["one two three", "one two", "two two two one", "three", "né one two four"]
    model, path = estimate(texts, order), tmp_path / "model.arpa"
    write_arpa(model, path)
    packed = tmp_path / "packed.arpa.gz"
    with path.open("rb") as source, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(source, target)
    for again in (read_arpa(path), read_arpa(packed)):
        assert again.order == order
        assert again.words.keys() == model.words.keys()
        for words in (["one", "two"], ["four", "né"], [], ["nine", "one"]):
            assert again.of_text(words) == pytest.approx(model.of_text(words), abs=1e-5)
        assert again.log_probability((), again.words[END]) == pytest.approx(
            model.log_probability((), model.words[END]), abs=1e-6
        )


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("\\data\\", "data", "no line is .data"),
        ("\\end\\\nWhat follows does not count.\n", "", "has no .end"),
        ("-0.7 one -0.2", "x one -0.2", "line 10: no number"),
        ("-0.7 one -0.2", "-0.7 one -0.2 7", "line 10: expected a logarithm, 1 words"),
        ("-0.7 one -0.2", "-0.7", "line 10: expected a logarithm"),
        ("-0.7 one -0.2", "0.7 one -0.2", "line 10: expected a logarithm"),
        ("-0.7 one -0.2", "nan one -0.2", "line 10: expected a logarithm"),
        ("-0.7 one -0.2", "-0.7 one inf", "line 10: expected a logarithm"),
        ("-0.7 one -0.2", "-0.7 one 1e308", "line 10: expected a logarithm"),
        ("-0.7 one -0.2", "-0.7 one nan", "line 10: expected a logarithm"),
        ("-0.4 one two", "-0.4 one ten", "line 16: the word 'ten' has no 1-gram"),
        ("\\2-grams:", "\\3-grams:", "line 14: expected the 2-grams"),
        ("-0.5 </s>", "-0.5 end", "line 17: the word '</s>' has no 1-gram"),
    ],
)
def test_what_is_broken_is_named_with_its_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_arpa(written(tmp_path, BY_HAND.replace(before, after)))


@pytest.mark.parametrize(("before", "after"), [("2=3", "2=4"), ("-0.4 one two\n", ""), ("1=5", "1 = 6")])
def test_what_lacks_ngrams_is_refused(tmp_path: Path, before: str, after: str) -> None:
    with pytest.raises(ReadError, match=r"states \d [12]-grams, and \d are there"):
        read_arpa(written(tmp_path, BY_HAND.replace(before, after)))


def test_a_model_of_no_sentences_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no entry for <s> or </s>"):
        read_arpa(written(tmp_path, "\\data\\\nngram 1=1\n\\1-grams:\n-0.1 one\n\\end\\\n"))
    with pytest.raises(ReadError, match="empty"):
        read_arpa(written(tmp_path, ""))


def test_a_model_without_a_likely_word_is_read(tmp_path: Path) -> None:
    model = read_arpa(written(tmp_path, "\\data\\\n\\1-grams:\n-99 <s>\n-99 </s>\n\\end\\\n"))
    assert model.entries[(model.words[UNKNOWN],)][0] == pytest.approx(-99 * math.log(10))
