"""The parts of rows with numbers: the same share of small and large ones, repeats together, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recurra.many_to_one.corpus import Corpus
from recurra.tasks.regress.learn.split import divided, held_out, numbers_of, read_numbers
from recurra.tasks.regress.options import RegressOptions
from recurra.terminal.progress import Reporter
from support.regressors import write_rated


@given(st.integers(30, 300), st.floats(0.05, 0.5), st.integers(0, 9))
def test_each_part_of_the_range_gives_its_share_and_repeats_stay_together(rows: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    targets, groups = rng.normal(size=rows), rng.integers(0, rows, rows).astype(np.int64)
    held = held_out(targets, groups, share, seed)
    for group in np.unique(groups):
        assert len(set(held[groups == group])) == 1
    assert held.sum() <= share * rows + 5
    alone = held_out(targets, np.arange(rows), share, seed)
    assert abs(alone.sum() - share * rows) <= 6
    order = np.argsort(targets)
    halves = [alone[order[: rows // 2]].mean(), alone[order[rows // 2 :]].mean()]
    assert abs(halves[0] - halves[1]) < 0.2


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    path = write_rated(tmp_path / "a.csv", 60)
    path.write_text(path.read_text() + "no number,\n,3\n")
    options = RegressOptions()
    with Corpus(tmp_path) as corpus:
        reporter = Reporter(quiet=True)
        opened, named, column = read_numbers(corpus, str(path), options, reporter, rejects=tmp_path / "r")
        corpus.seal()
        targets = numbers_of(corpus)
        parts = divided(corpus, targets, named, options)
    written = [float(line.rpartition(",")[2]) for line in path.read_text().splitlines()[1:61]]
    assert targets.tolist() == written
    assert (opened.text, opened.label, column.missing) == ("review", "stars", 1)
    assert not (parts.train & parts.test).any()
    assert parts.test.sum() == 6
    assert parts.valid.sum() >= 2
