"""The tests by which cells are compared, and the note that names them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.evaluation.significance import mcnemar
from recurra.tasks.classify.learn import compare as module


def answers(rows: int, right: int) -> Any:
    """Whether a cell was right: the first `right` of the rows."""
    return np.arange(rows) < right


def test_one_seed_is_mcnemars_test() -> None:
    better = module.compare_correct([answers(200, 190)], [answers(200, 150)])
    assert better == mcnemar(answers(200, 190), answers(200, 150)) | {"better": True, "test": "McNemar's test"}
    assert not module.compare_correct([answers(200, 150)], [answers(200, 190)])["better"]  # as sure, on the wrong side
    assert not module.compare_correct([answers(200, 150)], [answers(200, 149)])["better"]


def test_several_seeds_are_tested_together() -> None:
    """The first seed alone says the contrary of the mean."""
    best = [answers(200, 150), answers(200, 190), answers(200, 190)]
    other = [answers(200, 170), answers(200, 150), answers(200, 150)]
    found = module.compare_correct(best, other)
    assert found["difference"] == pytest.approx(60 / 600)
    assert 0 < found["difference_ci95"][0] < found["difference"] < found["difference_ci95"][1]
    assert (found["better"], found["p_value"] < 0.05, len(found["by_seed"])) == (True, True, 3)
    assert (found["only_model"], found["only_baseline"]) == (80, 20)
    back = module.compare_correct(other, best)
    assert (back["better"], back["p_value"] < 0.05) == (False, True)
    same = module.compare_correct(best, best)
    assert (same["better"], same["p_value"], same["difference"]) == (False, 1.0, 0.0)
    assert same["difference_ci95"][0] < 0 < same["difference_ci95"][1], "equal on these rows is not equal"
    close = module.compare_correct([answers(200, 150)] * 2, [answers(200, 149)] * 2)
    assert not close["better"] and close["difference_ci95"][0] < 0


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_few_rows_prove_nothing(rows: int) -> None:
    found = module.compare_correct([answers(rows, rows)] * 3, [answers(rows, 0)] * 3)
    assert found["difference"] == 1 and not found["better"] and found["p_value"] > 0.05
    assert found["difference_ci95"][0] < 0.5


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("right", [199, 150])
def test_the_note_names_the_test(seeds: int, right: int) -> None:
    paired = module.compare_correct([answers(200, 199)] * seeds, [answers(200, right)] * seeds)
    note = module._note({"best": "gru", "seeds": seeds, "paired_with_best": {"rnn": paired}})
    assert ("not reliably better than rnn" in note) == (right == 199)
    assert ("McNemar" in note, "means over 3 seeds" in note) == (seeds == 1, seeds == 3)
