"""What is written into every kind of record, when, and that a record that fails loses nothing but itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from recurra.errors import InterruptedTraining
from recurra.terminal.progress import Reporter, TrainingProgress
from recurra.training.records.recorder import Ending, Parameter, Point, Recorder, Token
from recurra.training.records.records import MOST_STEPS, WAITING, Records, read_tokens


class Kept(Recorder):
    """Keeps what it is given. fails: the method that raises from its second call on; last: what there is already."""

    name = "kept"

    def __init__(self, fails: str = "", last: dict[str, int] | None = None) -> None:
        super().__init__(Path("nowhere"), "m")
        self.fails, self.last = fails, last or {}
        self.calls: list[str] = []
        self.points: list[Point] = []
        self.said: list[Mapping[str, Parameter]] = []
        self.facts: Mapping[str, str] = {}
        self.ending: Ending | None = None

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if method == self.fails and self.calls.count(method) > (method == "write"):
            raise OSError(28, "No space left on device")

    def continues(self, token: Token) -> bool:
        return token == {"of": "kept"}

    def files(self) -> list[Path]:
        return []

    def begin(self) -> Token:
        self._called("begin")
        return {"of": "kept"}

    def resume(self, token: Token) -> dict[str, int]:
        self._called("resume")
        return self.last

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        self._called("parameters")
        self.said.append(values)

    def write(self, points: Sequence[Point]) -> None:
        self._called("write")
        self.points += points

    def finish(self, facts: Mapping[str, str]) -> None:
        self._called("finish")
        self.facts = facts

    def close(self, ending: Ending) -> None:
        self._called("close")
        self.ending = ending


class Said(Reporter):
    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.sentences: list[str] = []

    def info(self, sentence: str) -> None:
        self.sentences.append(sentence)


@pytest.fixture
def records(tmp_path: Path) -> Callable[..., Records]:
    def make(*recorders: Recorder, reporter: Reporter | None = None) -> Records:
        return Records(recorders, tmp_path / "records.json", reporter or Reporter(quiet=True))

    return make


def step(number: int, steps: int = 8, stage: str = "") -> TrainingProgress:
    return TrainingProgress(number, steps, 0, 1, 4, 9.0, None, stage, batch_loss=number / 7, learning_rate=number / 3)


def figures(kept: Kept) -> list[tuple[str, int, float]]:
    return [(point.name, point.step, point.value) for point in kept.points]


def test_steps_epochs_and_scores_are_written_under_their_stage(records: Callable[..., Records]) -> None:
    kept, entry = Kept(), {"epoch": 1, "train_loss": 0.5, "valid_loss": None, "valid_f1": 0.25, "seconds": 3.5}
    with records(kept) as every:
        every.begin({"hidden": 8, "cell": "gru", "device": "auto", "layers": None, "bands": [1, 2]}, resume=False)
        every.watch(step(1))
        every.watch(TrainingProgress(1, 8, 0, 1, 0, 0.5, entry))
        every.watch(step(3, stage="teacher, member 1 of 2"))
        assert kept.points == []
        every.flush()
        every.flush()
        scores = {"accuracy": 0.9, "accuracy_ci95": [0.8, 0.95], "rows": 20, "f1_ci95": None, "name": "x"}
        every.finish({"hidden": 9, "device": "cpu", "layers": 2}, scores, {"digest": "abc"})
    assert figures(kept) == [
        ("step/loss", 1, 1 / 7),
        ("step/learning_rate", 1, 1 / 3),
        ("epoch/number", 1, 1.0),
        ("epoch/train_loss", 1, 0.5),
        ("epoch/valid_f1", 1, 0.25),
        ("epoch/seconds", 1, 3.5),
        ("teacher/member-1-of-2/step/loss", 3, 3 / 7),
        ("teacher/member-1-of-2/step/learning_rate", 3, 1.0),
        ("test/accuracy", 3, 0.9),
        ("test/rows", 3, 20.0),
        ("test/accuracy_low", 3, 0.8),
        ("test/accuracy_high", 3, 0.95),
    ]
    assert kept.said == [{"hidden": 8, "cell": "gru", "bands": "[1, 2]"}, {"device": "cpu", "layers": 2}]
    assert (kept.facts, kept.ending) == ({"digest": "abc"}, "finished")


@pytest.mark.parametrize(
    ("error", "ending"),
    [(InterruptedTraining("x"), "stopped"), (KeyboardInterrupt(), "stopped"), (OSError(), "failed")],
)
def test_a_run_that_ends_early_keeps_what_it_has(
    records: Callable[..., Records], error: BaseException, ending: str
) -> None:
    kept = Kept()

    def run() -> None:
        with records(kept) as every:
            every.begin({}, resume=False)
            every.watch(step(1))
            raise error

    with pytest.raises(type(error)):
        run()
    assert len(kept.points) == 2 and kept.ending == ending


def test_what_a_resumed_run_does_again_is_left_out(records: Callable[..., Records], tmp_path: Path) -> None:
    records(Kept()).begin({}, resume=False)
    assert read_tokens(tmp_path / "records.json") == {"kept": {"of": "kept"}}
    kept = Kept(last={"step/loss": 3, "step/learning_rate": 2, "epoch/train_loss": 2})
    again = records(kept)
    again.begin({}, resume=True)
    assert kept.calls == ["resume", "parameters"]
    for number in (2, 3, 4):
        again.watch(step(number))
    again.watch(TrainingProgress(4, 8, 0, 1, 0, 0.5, {"train_loss": 0.1}))
    again.flush()
    assert [(name, number) for name, number, _ in figures(kept)] == [
        ("step/learning_rate", 3), ("step/loss", 4), ("step/learning_rate", 4), ("epoch/train_loss", 4),
    ]  # fmt: skip


def test_scores_of_a_run_that_is_resumed_after_training_are_at_its_last_step(
    records: Callable[..., Records],
) -> None:
    records(Kept()).begin({}, resume=False)
    kept = Kept(last={"step/loss": 30, "epoch/train_loss": 32})
    again = records(kept)
    again.begin({}, resume=True)
    again.finish({}, {"accuracy": 0.5}, {})
    assert figures(kept) == [("test/accuracy", 32, 0.5)]


@pytest.mark.parametrize("token", ["{}", "[]", "no JSON", '{"kept": {"of": "another place"}}'])
def test_a_record_that_is_not_found_again_is_begun_anew(
    records: Callable[..., Records], tmp_path: Path, token: str
) -> None:
    (tmp_path / "records.json").write_text(token)
    kept = Kept()
    records(kept).begin({}, resume=True)
    assert kept.calls == ["begin", "parameters"]


def test_of_many_steps_every_nth_is_recorded_and_memory_is_bounded(records: Callable[..., Records]) -> None:
    kept = Kept()
    every = records(kept)
    every.begin({}, resume=False)
    steps = 3 * MOST_STEPS - 5
    for number in range(1, steps + 1):
        every.watch(step(number, steps))
        assert number < 2000 or kept.points, "points do not wait for a checkpoint for ever"
    every.flush()
    found = [number for name, number, _ in figures(kept) if name == "step/loss"]
    assert found == list(range(3, steps + 1, 3))
    assert kept.calls.count("write") == -(-2 * len(found) // WAITING)


@pytest.mark.parametrize("method", ["begin", "parameters", "write", "finish", "close"])
def test_a_record_that_fails_is_told_once_and_the_others_go_on(records: Callable[..., Records], method: str) -> None:
    broken, whole, said = Kept(fails=method), Kept(), Said()
    whole.name = "whole"  # type: ignore[misc]
    with records(broken, whole, reporter=said) as every:
        every.begin({"hidden": 8}, resume=False)
        for number in range(1, 6):
            every.watch(step(number))
            every.flush()
        every.finish({}, {"accuracy": 0.5}, {"digest": "abc"})
    assert said.sentences == [
        "--log kept: the record ends here, and the run goes on: [Errno 28] No space left on device."
    ]
    assert len(whole.points) == 11 and whole.ending == "finished" and whole.facts
    assert broken.calls.count(method) == 1 + (method == "write")


def test_without_records_nothing_is_kept(records: Callable[..., Records], tmp_path: Path) -> None:
    with records() as none:
        none.begin({"hidden": 8}, resume=False)
        none.watch(step(1))
        none.finish({}, {"accuracy": 0.5}, {})
    assert list(tmp_path.iterdir()) == []
