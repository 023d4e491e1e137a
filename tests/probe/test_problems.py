"""The problems of the probe: their targets follow from their rows, and their trivial scores need no memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from recurra.probe.problems import PROBLEMS, SHORTEST, Agreement, Copy


@pytest.mark.parametrize("length", [SHORTEST, 5, 11, 40])
@pytest.mark.parametrize("name", list(PROBLEMS))
def test_rows_have_one_length_and_depend_on_the_seed_alone(name: str, length: int) -> None:
    problem = PROBLEMS[name]
    one = problem.draw(np.random.default_rng(3), 17, length)
    again = problem.draw(np.random.default_rng(3), 17, length)
    other = problem.draw(np.random.default_rng(4), 17, length)
    assert torch.equal(one.values, again.values) and torch.equal(one.targets, again.targets)
    assert not torch.equal(one.values, other.values)
    steps = {"adding": length, "copy": length + 2 * Copy.SYMBOLS, "agreement": length + 2}[name]
    assert one.values.shape[:2] == (17, steps) and len(one.targets) == 17
    if problem.symbols:
        assert int(one.values.min()) >= 0 and int(one.values.max()) < problem.symbols


def test_adding_marks_one_number_in_each_half() -> None:
    sample = PROBLEMS["adding"].draw(np.random.default_rng(0), 50, 9)
    numbers, marks = sample.values[..., 0], sample.values[..., 1]
    assert marks[:, :4].sum(1).tolist() == [1] * 50 == marks[:, 4:].sum(1).tolist()
    torch.testing.assert_close((numbers * marks).sum(1), sample.targets[:, 0])


def test_copy_asks_for_what_came_first() -> None:
    sample = PROBLEMS["copy"].draw(np.random.default_rng(0), 20, 6)
    assert torch.equal(sample.values[:, : Copy.SYMBOLS], sample.targets)
    assert (sample.values == Copy.RECALL).sum(1).tolist() == [1] * 20
    # a symbol and its answer lie as far apart whichever it is: the blanks, and the other symbols
    assert (sample.values[:, Copy.SYMBOLS : Copy.SYMBOLS + 6] == Copy.BLANK).all()


def test_agreement_asks_about_the_first_person_and_the_others_carry_no_information() -> None:
    problem = Agreement()
    sample = problem.draw(np.random.default_rng(0), 2_000, 25)
    others: list[float] = []
    for values, target in zip(sample.values.tolist(), sample.targets[:, 0].tolist(), strict=True):
        words = [problem.WORDS[value] for value in values]
        assert words[0] == "the" and words[-1] == "because"
        assert words[1] in (problem.MEN, problem.WOMEN)[target]
        people = [word for word in words[2:] if word in problem.MEN + problem.WOMEN]
        if people:
            others.append(float((people[-1] in problem.WOMEN) == bool(target)))
    assert len(others) > 800 and abs(np.mean(others) - 0.5) < 0.06
    assert abs(float(sample.targets.double().mean()) - 0.5) < 0.05


@pytest.mark.parametrize("name", list(PROBLEMS))
def test_the_trivial_score_is_that_of_an_answer_that_remembers_nothing(name: str) -> None:
    problem = PROBLEMS[name]
    sample = problem.draw(np.random.default_rng(0), 4_000, 10)
    constant = {"adding": 1.0, "copy": 0.0, "agreement": 0.0}[name]
    answers = torch.full((*sample.targets.shape, problem.outputs), constant)
    assert problem.score_of(answers, sample.targets) == pytest.approx(problem.trivial, abs=0.02)
    assert not problem.is_solved(problem.trivial) and problem.is_solved(problem.perfect)
    assert problem.trivial == pytest.approx({"adding": 1 / 6, "copy": math.log(8), "agreement": 0.5}[name])
