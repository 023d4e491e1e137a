"""The talk between the driver and an engine, and the pace of Recurra's own loop."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from peers import worker
from peers.engines.recurra_engine import Paced
from peers.task import Task


class Counting:
    """An engine that counts its rounds; a task of the cell "none" cannot be prepared."""

    PACKAGES = ("numpy",)

    def set_up(self, threads: int) -> None: ...

    def prepare(self, task: Task, inputs: Path, threads: int) -> worker.Round:
        if task.cell == "none":
            raise ValueError("no such cell\nand a second line")
        done = [0]

        def round_() -> dict[str, Any]:
            done[0] += 1
            return {"items": task.batch * done[0], "seconds": 1.0}

        return round_


def test_each_request_has_one_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [Task("training", batch=2), Task("training", cell="none"), Task("training", batch=30)]
    asked: list[dict[str, Any]] = [{"prepare": task.plain()} for task in tasks]
    asked += [{"round": 0}, {"round": 1}, {"round": 0}, {"round": 7}, {"about": True}]
    answers = io.StringIO()
    worker.serve(Counting(), tmp_path, 2, io.StringIO("".join(json.dumps(one) + "\n" for one in asked)), answers)
    found = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert found[:3] == [{"number": 0}, {"error": "ValueError: no such cell"}, {"number": 1}]
    assert [each.get("items") for each in found[3:6]] == [2, 30, 4]
    assert found[6]["error"].startswith("IndexError")
    assert found[7]["versions"].keys() == {"numpy"} and found[7]["peak_mb"] > 0
    assert "no such cell" in capsys.readouterr().err


def test_the_loop_is_held_up_between_rounds_and_epochs_are_not_timed() -> None:
    paced = Paced(2)
    step, epoch = SimpleNamespace(finished_epoch=None), SimpleNamespace(finished_epoch={"epoch": 1})
    steps = []

    def loop() -> None:
        for number in range(12):
            steps.append(number)
            paced.watch(step)  # type: ignore[arg-type]
            if number % 4 == 3:
                paced.watch(epoch)  # type: ignore[arg-type]

    threading.Thread(target=loop, daemon=True).start()
    assert paced.result()[0] == 2 and steps == [0, 1, 2]  # the first only starts the clock
    paced.asked.put(3)
    count, seconds = paced.result()
    assert count == 3 and seconds > 0
    assert steps == [0, 1, 2, 3, 4, 5, 6]  # of 4, the first of an epoch, the time is not known


def test_a_failure_of_the_loop_is_the_rounds() -> None:
    paced = Paced(1)
    paced.done.put(ValueError("diverged"))
    with pytest.raises(ValueError, match="diverged"):
        paced.result()
