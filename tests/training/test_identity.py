"""A run is resumed only where the machine gives the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from recurra.errors import ResumeError
from recurra.nn.backends.choice import Backend
from recurra.options.training import TaskOptions
from recurra.pretraining.options import PretrainOptions
from recurra.tasks.classify.options import ClassifyOptions
from recurra.training.checkpoints import CheckpointStore
from recurra.training.identity import check_same_command, check_same_run, run_identity
from support.vector_files import glove, made_vectors, written

THEN: dict[str, Any] = {
    "options": {"hidden": 4},
    "data": "ab" * 32,
    "rows": 9,
    "split": "cd",
    "machine": {"device": "cpu", "precision": "bf16", "threads": 2, "torch": "2.13"},
}


@pytest.mark.parametrize(
    ("name", "value"), [("device", "cuda"), ("precision", "fp32"), ("threads", 8), ("torch", "2.14")]
)
def test_another_machine_is_refused_with_the_difference(tmp_path: Path, name: str, value: object) -> None:
    store = CheckpointStore(tmp_path)
    store.save(3, {"weights.x": torch.zeros(1)}, {"run": {"step": 3}, "identity": THEN})
    saved = store.newest()
    assert saved is not None
    check_same_run(saved[1]["identity"], THEN)
    now = THEN | {"machine": THEN["machine"] | {name: value}}
    with pytest.raises(ResumeError, match=f"the {name} was .* and is now {value}"):
        check_same_run(saved[1]["identity"], now)


def test_a_task_need_not_have_a_recurrent_cell() -> None:
    data = {"fingerprint": "ab" * 32, "rows": 9}
    without = run_identity(TaskOptions(), data, b"division")
    assert "cell" not in without["options"] and "recurrence" not in without["machine"]
    check_same_run(without, run_identity(TaskOptions(), data, b"division"))
    with pytest.raises(ResumeError, match="divided differently"):
        check_same_run(without, run_identity(TaskOptions(), data, b"another division"))
    with_a_cell = run_identity(ClassifyOptions(cell="gru"), data, b"division")
    assert with_a_cell["machine"]["recurrence"] in get_args(Backend)
    assert set(with_a_cell["machine"]) - {"recurrence"} == set(without["machine"])


def test_another_content_of_the_word_vectors_is_refused(tmp_path: Path) -> None:
    data, path = {"fingerprint": "ab" * 32, "rows": 9}, tmp_path / "vectors.txt"
    identities = []
    for seed in (0, 0, 1):
        written(path, glove(made_vectors(["a", "b"], 3 + seed, seed)))
        identities.append(run_identity(ClassifyOptions(word_vectors=str(path)), data, b"division"))
    first, same, other = identities
    check_same_run(first, same)
    with pytest.raises(ResumeError, match="the file of --word-vectors has another content"):
        check_same_run(first, other)
    plain = run_identity(ClassifyOptions(), data, b"division")
    check_same_run({name: value for name, value in plain.items() if name != "word_vectors"}, plain)


def test_other_unlabelled_texts_are_refused() -> None:
    data = {"fingerprint": "ab" * 32, "rows": 9}
    without = run_identity(TaskOptions(), data, b"division")
    those, others = (
        run_identity(TaskOptions(), {**data, "unlabelled": {"fingerprint": name}}, b"division") for name in "xy"
    )
    check_same_run(those, those)
    before = {name: value for name, value in without.items() if name != "unlabelled"}
    check_same_run(before, without)  # a run that was begun when there was no such thing
    for saved, now in ((those, others), (without, those), (those, without)):
        with pytest.raises(ResumeError, match="the texts of --unlabelled are others"):
            check_same_run(saved, now)


def test_another_base_is_refused() -> None:
    options = ClassifyOptions(from_="base")
    data = {"fingerprint": "ab" * 32, "rows": 9, "from": {"digest": "12" * 32}}
    saved = run_identity(options, data, b"division")
    check_same_run(saved, run_identity(options, data, b"division"))
    with pytest.raises(ResumeError, match="the base of --from is another one"):
        check_same_run(saved, run_identity(options, {**data, "from": {"digest": "34" * 32}}, b"division"))
    with pytest.raises(ResumeError, match=r"--from was 'base' and is now None; the base of --from is another one"):
        check_same_run(saved, run_identity(ClassifyOptions(), {"fingerprint": "ab" * 32, "rows": 9}, b"division"))


@pytest.mark.parametrize(
    ("then", "now", "commands"),
    [
        ("base", ClassifyOptions(), ("`recurra pretrain`", "`recurra train`")),
        ("classify", PretrainOptions(), ("`recurra train`", "`recurra pretrain`")),
        ("tag", ClassifyOptions(), ("`recurra train --task tag`", "`recurra train`")),
    ],
)
def test_a_run_of_another_command_is_named_in_one_sentence(
    then: str, now: TaskOptions, commands: tuple[str, str]
) -> None:
    with pytest.raises(ResumeError) as error:
        check_same_command({"identity": {"options": {"task": then, "hidden": 3}}}, now)
    assert all(command in str(error.value) for command in commands) and "was 3" not in str(error.value)


@pytest.mark.parametrize("state", [{}, {"identity": None}, {"identity": {"options": []}}, {"identity": THEN}])
def test_a_state_that_names_no_command_is_left_to_the_other_checks(state: dict[str, Any]) -> None:
    check_same_command(state, ClassifyOptions())
    check_same_command({"identity": {"options": {"task": "classify"}}}, ClassifyOptions())
