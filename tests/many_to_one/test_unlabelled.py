"""Texts without labels: which of them are learnt from, and their ids beside those of a corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.normalise import normalise
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.unlabelled import UnlabelledTexts

TEXT = st.sampled_from(
    ["a b", "A  b", "a<br />b", "c", "C", "d e f", "", "  ", "<br/>", "!?", "ﬁlm &amp; x", "film & X"]
)


@settings(deadline=None)
@given(st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=6), st.lists(TEXT, max_size=12))
def test_each_new_text_is_learnt_from_once(train: list[str], judged: list[str], texts: list[str]) -> None:
    with Corpus() as corpus:
        training = [corpus.add(text, "x") for text in train]
        others = [corpus.add(text, "x") for text in judged]
        corpus.seal()
        is_training = np.array([True] * sum(training) + [False] * sum(others), dtype=bool)
        beside = corpus.unlabelled()
        for text in texts:
            beside.add(text)
        beside.seal(corpus.digests[is_training], corpus.digests[~is_training])

        known = {"held_out": {normalise(t) for t in judged}, "labelled": {normalise(t) for t in train}}
        counts, kept, seen = dict.fromkeys(("empty", "held_out", "labelled", "repeats"), 0), [], set()
        for text in texts:
            plain = normalise(text)
            reasons = [name for name, plains in known.items() if plain in plains]
            if not plain:
                counts["empty"] += 1
            elif reasons:
                counts[reasons[0]] += 1
            elif plain in seen:
                counts["repeats"] += 1
            else:
                kept.append(text)
            seen.add(plain)
        assert list(beside) == kept and len(beside) == len(kept)
        assert beside.counts == {"rows": len(texts), "used": len(kept), **counts}
        ends = beside.starts + beside.sizes
        found = [beside.pool[start:end].tolist() for start, end in zip(beside.starts, ends, strict=True)]
        assert found == [corpus.counter.number(text).tolist() for text in kept]
        assert [int(i) for ids in beside.ids() for i in ids] == [i for ids in found for i in ids]


def test_no_text_at_all_is_none_left() -> None:
    texts = UnlabelledTexts()
    texts.add(None)
    texts.seal(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64))
    assert (len(texts), list(texts), list(texts.ids()), texts.counts["empty"]) == (0, [], [], 1)
    texts.close()


def test_the_fingerprint_is_of_every_text_that_was_read() -> None:
    prints = set()
    for read in (["a", "b"], ["b", "a"], ["a", "b", ""], ["a", "b", None], ["ab"], ["a", "b", "b"]):
        texts = UnlabelledTexts()
        for text in read:
            texts.add(text)
        texts.seal(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64))
        prints.add(texts.fingerprint)
        texts.close()
    assert len(prints) == 6


@pytest.mark.parametrize("level", ["word", "bpe", "char"])
def test_the_vocabulary_is_of_both(level: str, tmp_path: Path) -> None:
    with Corpus(tmp_path, level=level) as corpus:  # type: ignore[arg-type]
        for text in ("aa bb", "aa cc", "dd aa"):
            corpus.add(text, "x")
        corpus.seal()
        beside = corpus.unlabelled()
        for text in ("zz zz zz", "zz aa", "DD aa"):
            beside.add(text)
        training = np.array([True, True, False])
        beside.seal(corpus.digests[training], corpus.digests[~training])
        chosen = {"size": 300, "min_count": 1, "max_tokens": None, "truncate": "tail", "fill": False}
        alone, _ = corpus.tokenizer(training, **chosen)  # type: ignore[arg-type]
        both, table = corpus.tokenizer(training, beside=beside, **chosen)  # type: ignore[arg-type]
        assert both.encode("zz").unknown == 0 < alone.encode("zz").unknown
        assert both.encode("dd").unknown > 0, "neither a held-out row nor its copy counts"
        for store, rows in ((corpus, ["aa bb", "aa cc", "dd aa"]), (beside, ["zz zz zz", "zz aa"])):
            sizes = corpus.counts if store is corpus else beside.sizes
            ids = [table[store.pool[s : s + n]].tolist() for s, n in zip(store.starts, sizes, strict=True)]
            assert ids == [both.ids(text).tolist() for text in rows]
        if level == "word":
            assert corpus.words(training, beside) == {"aa": 3, "bb": 1, "cc": 1, "zz": 4}
