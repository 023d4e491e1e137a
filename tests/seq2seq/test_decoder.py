"""What a model does with many sources is what its session does with each alone, in their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import ArtefactError, OptionError
from recurra.seq2seq import decoder
from recurra.seq2seq.beam_search import Search, beam_search
from recurra.seq2seq.decoder import Seq2SeqModel, parts_of
from recurra.storage.model_directory import MODEL, STEP, TOKENIZER, Artefact, read
from support.live_models import write_translator

SPECIALS = ("<s>", "</s>")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    directory: Path = write_translator(tmp_path_factory.mktemp("models") / "translator")
    return read(directory, (MODEL, STEP, TOKENIZER))


@pytest.fixture(scope="module")
def model(source: Artefact) -> Seq2SeqModel:
    return Seq2SeqModel(*parts_of(source, SPECIALS), threads=2)


def rows_of(model: Seq2SeqModel, lengths: list[int], seed: int = 0) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(2, model.shape.vocabulary, length).tolist() for length in lengths]


def test_many_sources_are_answered_in_their_order(model: Seq2SeqModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "BATCH_SOURCES", 3)
    sources, search = rows_of(model, [4, 0, 1, 6, 2, 0, 5, 3]), Search(2, 1.0)
    for row, written in zip(sources, model.write(sources, search), strict=True):
        if not row:
            assert (written.ids, written.ended) == ((), True)
            continue
        (alone,) = beam_search(model.session, [row], search, longest=model.shape.max_tokens)
        assert written.ids == alone.ids
        assert written.score == pytest.approx(alone.score, abs=1e-5)
    assert model.write([], search) == []


def test_targets_are_scored_in_their_order(model: Seq2SeqModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "SCORED_SOURCES", 2)
    sources, targets = rows_of(model, [3, 1, 5, 2]), rows_of(model, [2, 0, 4, 1], seed=1)
    pairs = list(zip(sources, targets, strict=True))
    for pair, scored in zip(pairs, model.score_ids(pairs), strict=True):
        (alone,) = model.score_ids([pair])
        assert len(scored.nats) == len(scored.right) == len(pair[1]) + 1  # the pieces and END
        np.testing.assert_allclose(scored.nats, alone.nats, atol=1e-5)
        assert (scored.nats > 0).all()
    with pytest.raises(OptionError, match="The source of pair 1 is empty"):
        model.score_ids([pairs[0], ([], [3])])


def test_a_search_is_the_models_own_but_for_what_is_given(model: Seq2SeqModel) -> None:
    shape = model.shape
    assert model.search() == Search(shape.beam, shape.length_penalty)
    assert model.search(7, 0.5) == Search(7, 0.5)
    assert model.search(length_penalty=0) == Search(shape.beam, 0)
    with pytest.raises(OptionError, match="beam width"):
        model.search(0)


def test_parts_of_another_task_or_model_are_refused(source: Artefact) -> None:
    with pytest.raises(ArtefactError, match="They belong to different models"):
        parts_of(source, (*SPECIALS, "<self>"))
    whole = Artefact(source.path, source.manifest, {**source.files, TOKENIZER: b"\xff"})
    with pytest.raises(ArtefactError, match="not UTF-8"):
        parts_of(whole, SPECIALS)
    swapped = Artefact(source.path, source.manifest, {**source.files, MODEL: source.files[STEP]})
    with pytest.raises(ArtefactError, match=r"model\.onnx does not have the inputs and outputs"):
        parts_of(swapped, SPECIALS)
    alone = Artefact(source.path, source.manifest, {MODEL: source.files[MODEL], TOKENIZER: source.files[TOKENIZER]})
    with pytest.raises(ArtefactError, match=r"has no step\.onnx"):
        parts_of(alone, SPECIALS)
