"""The texts of several columns as one, and the mark between them at every level of tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.normalise import normalise
from recurra.errors import ArtefactError
from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.piece_tokenizer import PieceTokenizer
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.sentences import sentences
from recurra.text.text_columns import MARK, joined, parts, readable
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN, Tokenizer
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(f"aZé the'’ \n<br/>中ไ\u0e31\u0301,.!{MARK}\ud800")), max_size=40
)
COLUMNS = ("title", "body")
CORPUS = [("The other film", "isn't good, the others are!"), ("", "the the ab"), ("中ไทย e\u0301", "")]


def tokenizers(*, columns: tuple[str, ...]) -> dict[tuple[str, bool], Tokenizer]:
    texts = [joined(cells) if len(columns) > 1 else " ".join(cells) for cells in CORPUS]
    made: dict[tuple[str, bool], Tokenizer] = {}
    for signs in (True, False):
        counter = TokenCounter(punctuation=signs, marked=len(columns) > 1)
        ids = [counter.number(text) for text in texts]
        words, table = counter.vocabulary(ids, size=50, min_count=1)
        made["word", signs] = WordTokenizer(words, max_tokens=None, punctuation=signs, columns=columns)
        for provisional, text in zip(ids, texts, strict=True):
            assert table[provisional].tolist() == made["word", signs].ids(text).tolist()
        for level, kind, size in (("bpe", PieceTokenizer, 300), ("char", CharacterTokenizer, 50)):
            made[level, signs] = kind.fit(  # type: ignore[attr-defined]
                texts,
                size=size,
                min_count=1,
                max_tokens=None,
                truncate="tail",
                fill=False,
                punctuation=signs,
                columns=columns,
            )
    return made


MARKED, PLAIN = tokenizers(columns=COLUMNS), tokenizers(columns=())
every = pytest.mark.parametrize("key", MARKED, ids=str)


@given(st.lists(st.none() | TEXTS, min_size=2, max_size=4))
def test_a_joined_text_has_its_cells(cells: list[str | None]) -> None:
    text = joined(cells)
    sound = [(cell or "").replace(MARK, "\ufffd") for cell in cells]
    if not any(map(normalise, sound)):
        assert text == ""
        return
    assert [text[start:end] for start, end in parts(text)] == sound
    assert text.count(MARK) == len(cells) - 1
    assert MARK not in readable(text) and len(readable(text)) == len(text)


@every
@given(title=TEXTS, body=TEXTS)
def test_the_mark_has_an_id_that_no_text_has(key: tuple[str, bool], title: str, body: str) -> None:
    tokenizer, text = MARKED[key], joined([title, body])
    title, body = title.replace(MARK, "\ufffd"), body.replace(MARK, "\ufffd")
    ids = tokenizer.ids(text)
    assert np.count_nonzero(ids == FIRST_WORD) == (1 if text else 0)
    assert FIRST_WORD not in tokenizer.ids(title)
    if text and key[0] != "char":  # whose white space beside the mark is a token
        assert ids.tolist() == [*tokenizer.ids(title), FIRST_WORD, *tokenizer.ids(body)]
    with_offsets, offsets = tokenizer.ids_with_offsets(text)
    assert with_offsets.tolist() == ids.tolist()
    assert [text[start:end] for (start, end), id in zip(offsets, ids, strict=True) if id == FIRST_WORD] == (
        [MARK] if text else []
    )
    spans = tokenizer.spans(text, offsets)
    assert all(span == -1 for span, id in zip(spans, ids, strict=True) if id == FIRST_WORD)


@every
def test_the_mark_says_nothing_by_itself(key: tuple[str, bool]) -> None:
    tokenizer = MARKED[key]
    encoding = tokenizer.encode(joined(["\u2603", "\u2603\u2603"] if key[1] else ["ж", "ж"]))
    if key[0] == "bpe":  # every byte is a piece, and those that training had not are unknown
        assert set(encoding.ids.tolist()) <= {UNKNOWN, FIRST_WORD, *np.flatnonzero(tokenizer.silent).tolist()}
    assert encoding.nothing_known
    assert not tokenizer.encode(joined(["film", ""])).nothing_known


@every
@given(text=TEXTS)
def test_a_saved_tokenizer_reads_the_same(key: tuple[str, bool], text: str) -> None:
    text = joined([text, "film"])
    again = tokenizer_from_json(MARKED[key].to_json())
    assert (again.columns, again.size) == (COLUMNS, MARKED[key].size)
    assert again.ids(text).tolist() == MARKED[key].ids(text).tolist()


@every
def test_a_tokenizer_of_one_column_is_as_it_was(key: tuple[str, bool]) -> None:
    assert not PLAIN[key].marked and '"columns"' not in PLAIN[key].to_json()
    assert (PLAIN[key].ids("the") + 1).tolist() == MARKED[key].ids("the").tolist()
    assert PLAIN[key].size + 1 == MARKED[key].size


def test_a_vocabulary_without_the_mark_is_refused() -> None:
    for level in ("word", "char"):
        broken = PLAIN[level, True].to_json().replace('"fill"', '"columns": ["a", "b"], "fill"')
        with pytest.raises(ArtefactError, match="no mark between them"):
            tokenizer_from_json(broken)


def test_the_mark_is_in_a_vocabulary_of_any_size() -> None:
    counter = TokenCounter(punctuation=False, marked=True)
    ids = [counter.number(joined(["film", "film film"]))]
    assert counter.vocabulary(ids, size=1, min_count=9)[0] == [MARK]
    assert counter.vocabulary(ids, size=2, min_count=1)[0] == [MARK, "film"]


def test_a_sentence_ends_with_its_column() -> None:
    text = joined(["A title", "A body. More"])
    _, offsets = MARKED["word", True].ids_with_offsets(text)
    assert [text[offsets[part.start][0] : offsets[part.stop - 1][1]] for part in sentences(text, offsets)] == [
        f"A title {MARK}",
        "A body.",
        "More",
    ]
