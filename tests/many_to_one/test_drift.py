"""Drift in figures and in words: what changed is told, what did not is not, and models without a summary say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

import recurra
from recurra.many_to_one.drift import drift
from recurra.many_to_one.text_profile import NAME, TextProfile
from support.commands import made_rows
from support.written_models import MODELS

LENGTHS = np.random.default_rng(0).integers(20, 60, 2000)
NUMBERS = np.random.default_rng(1).normal(3, 1, 2000)
DIGESTS = np.random.default_rng(2).choice(2**62, 4000, replace=False).astype(np.uint64)


def _drift(lengths: Any = LENGTHS[:400], **changes: Any) -> dict[str, Any]:
    profile = TextProfile.of(LENGTHS, DIGESTS[:2000], empty=0.01, labels={"a": 1500, "b": 500}, numbers=NUMBERS)
    manifest: Any = SimpleNamespace(metrics={NAME: profile.facts(), "unknown_rate": 0.02})
    plain = {"empty": 0.01, "labels": {"a": 290, "b": 110}, "numbers": NUMBERS[:400], "unknown_rate": 0.03}
    found = drift(manifest, lengths, DIGESTS[3000 : 3000 + len(lengths)], **(plain | changes))
    assert found is not None
    return found


def test_rows_like_those_of_training_are_called_so() -> None:
    found = _drift()
    assert found["sentences"] == [
        "These rows resemble those of training in the length of texts, their words and their answers."
    ]
    assert not any(found[name]["changed"] for name in ("lengths", "numbers", "labels"))
    assert found["lengths"]["distance"] == pytest.approx(ks_2samp(LENGTHS[:400], LENGTHS).statistic, abs=0.02)
    assert found["labels"]["distance"] == pytest.approx(jensenshannon([290, 110], [1500, 500], base=2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lengths": LENGTHS[:400] // 2}, "Texts are half as long as in training: "),
        ({"lengths": LENGTHS[:400] * 3}, "Texts are 3.1 times as long as in training: "),
        ({"lengths": LENGTHS[:400] + 8}, "Texts are longer than in training: "),
        ({"labels": {"a": 100, "b": 300}}, "'a' 25.0%, against 75.0%"),
        ({"labels": {"a": 200, "b": 60, "new": 140}}, "'new' 35.0%, against 0.0%"),
        ({"numbers": NUMBERS[:400] + 2}, "The true numbers are larger than in training: "),
        ({"numbers": NUMBERS[:400] - 2}, "The true numbers are smaller"),
        ({"empty": 0.2}, "20% of the rows have no text, against 1% in training."),
        ({"unknown_rate": 0.1}, "10.0% of the tokens are unknown to the model, against 2.0%"),
    ],
)
def test_what_changed_is_told(changes: dict[str, Any], words: str) -> None:
    (sentence,) = _drift(**changes)["sentences"]
    assert words in sentence


def test_few_rows_are_not_called_others_by_chance() -> None:
    few = _drift(LENGTHS[:5], labels={"a": 3, "b": 2}, numbers=NUMBERS[:5])
    assert len(few["sentences"]) == 1 and "resemble" in few["sentences"][0]


def test_a_classifier_tells_of_other_texts_and_of_those_it_has_seen(
    cli: Callable[..., Any],
    trained: tuple[Path, Any],
    write_csv: Callable[..., Path],
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    known, new = made_rows(300), made_rows(100, seed=8)
    model = recurra.load(trained[0], task="classify")
    stated = TextProfile.stated(model.manifest)
    assert stated is not None and stated.rows == 270 and stated.labels == {"negative": 0.5, "positive": 0.5}
    tokens = [encoding.tokens for encoding in model.encode([text for text, _ in known])]
    assert min(tokens) <= min(stated.lengths) and max(stated.lengths) <= max(tokens)
    fresh = only_json(cli("evaluate", trained[0], write_csv(new), "--json").stdout)["drift"]
    assert fresh["seen"] == {"found": 0, "looked_up": 100, "share": 0.0} and "resemble" in fresh["sentences"][0]
    mixed = cli("evaluate", trained[0], write_csv([*known[:150], *new[:50]], "mixed.csv"))
    assert "of these texts are among those of training: the figures show in part" in mixed.stdout
    short = [(" ".join(text.split()[:3]), label) for text, label in new]
    assert "Drift: Texts are " in cli("evaluate", trained[0], write_csv(short, "short.csv")).stdout
    old = cli("evaluate", MODELS / "classify", write_csv(new))
    assert "Drift: not known" in old.stdout
    several = cli("evaluate", trained[0], MODELS / "classify", write_csv(known, "known.csv"))
    assert f"{trained[0].name}: " in several.stderr and "among those of training" in several.stderr


def test_models_of_labels_and_of_numbers_keep_theirs(labelled_model: tuple[Path, Any], tmp_path: Path) -> None:
    stated = TextProfile.stated(recurra.load(labelled_model[0]).manifest)
    assert stated is not None and sum(stated.labels.values()) == pytest.approx(1) and not stated.numbers
    texts, numbers = [f"text {i % 7} number {i}" for i in range(80)], np.arange(80.0)
    fitted = recurra.SequenceRegressor(hidden=4, embedding=4, epochs=1, threads=1, precision="fp32")
    fitted.fit(texts, numbers).save(tmp_path / "model")
    kept = TextProfile.stated(recurra.load(tmp_path / "model").manifest)
    assert kept is not None and kept.rows == 80 and (kept.numbers[0], kept.numbers[-1]) == (0, 79)
    assert kept.lengths == [4.0] * len(kept.lengths)
