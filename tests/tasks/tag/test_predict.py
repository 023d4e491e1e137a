"""Texts are tagged word by word, each alone as among others."""

from __future__ import annotations

import pytest

import recurra
from recurra.errors import OptionError
from recurra.tasks.tag.options import TagTextOptions
from recurra.tasks.tag.predict import tag_texts
from support.written_models import MODELS


def test_words_are_parted_at_white_space_and_get_a_tag_each() -> None:
    model = recurra.load(MODELS / "tag", task="tag")
    texts = ["the film  was good", "", "\u00a0Anna\t\n", "Smith Zyx a"]
    answers = list(tag_texts(model, iter(texts)))
    assert [answer["tokens"] for answer in answers] == [text.split() for text in texts]
    assert [answer["tags"] for answer in answers] == model.tag([text.split() for text in texts])
    assert [next(tag_texts(model, [text])) for text in texts] == answers


def test_tags_that_mark_no_spans_have_no_scheme() -> None:
    model = recurra.load(MODELS / "tag", task="tag")
    with pytest.raises(OptionError, match=r"scheme iobes is for tags that mark spans.*Leave it out"):
        list(tag_texts(model, ["the film"], TagTextOptions(scheme="iobes")))
