"""The model is swapped while requests run: an answer never mixes two, and a bad one changes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import ArtefactError
from recurra.http.model_reloader import ModelReloader, signature
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.model_loading import load_model
from recurra.tasks.classify.http.classifier import ServedClassifier
from recurra.tasks.classify.http.predict import outputs
from support.live_server import PATIENCE_SECONDS, made_texts, write_model

SWAPS = 1000
ANSWERS = 100


def test_a_thousand_swaps_during_requests_never_mix_two_models(tmp_path: Path) -> None:
    directories = [
        write_model(tmp_path / name, seed=seed, labels=labels)
        for name, seed, labels in (("a", 1, ("a0", "a1")), ("b", 2, ("b0", "b1", "b2")))
    ]
    served = [load_model(directory) for directory in directories]
    texts = made_texts(3)
    expected = [
        (one.label_names, recurra.load(directory).predict(texts).tolist(), one.model.predict_proba(texts))
        for one, directory in zip(served, directories, strict=True)
    ]
    service = Service(directories[0], ServeOptions(max_queue=1000), load_model)
    classifier = ServedClassifier(service)
    service.reloader.swap(served[0])
    seen: Counter[tuple[str, ...]] = Counter()

    async def asking(over: asyncio.Event) -> None:
        while not over.is_set():
            answer = outputs(await classifier.predict(texts))
            names = {tuple(output["probabilities"]) for output in answer}
            assert len(names) == 1
            (known,) = [one for one in expected if one[0] in names]
            assert [output["label"] for output in answer] == known[1]
            told = [list(output["probabilities"].values()) for output in answer]
            np.testing.assert_allclose(told, known[2], rtol=0, atol=1e-6)
            seen[known[0]] += 1

    async def run() -> None:
        over = asyncio.Event()
        askers = [asyncio.create_task(asking(over)) for _ in range(8)]
        which = np.random.default_rng(0)
        swaps = 0
        while (swaps < SWAPS or len(seen) < 2 or seen.total() < ANSWERS) and not any(task.done() for task in askers):
            service.reloader.swap(served[which.integers(2)])
            swaps += 1
            await asyncio.sleep(0)  # lets the others run
        over.set()
        await asyncio.gather(*askers)

    try:
        asyncio.run(run())
    finally:
        service.close()
        classifier.batcher.close()
    assert len(seen) == 2 and seen.total() >= ANSWERS


def test_a_changed_directory_is_loaded_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model", labels=("a", "b"))
    outcomes: Queue[bool] = Queue()
    reloader = ModelReloader(directory, load_model, on_reload=outcomes.put, poll_seconds=0.01)
    reloader.load()
    reloader.watch()
    try:
        write_model(directory, seed=1, labels=("c", "d"))
        wait_for(outcomes, True)
        assert reloader.reloads == 1 and current(reloader) == ("c", "d") and reloader.last_error is None
        sound = (directory / "model.onnx").read_bytes()
        (directory / "model.onnx").write_bytes(sound[:-1] + b"\0\0")
        wait_for(outcomes, False)
        assert reloader.failed_reloads and current(reloader) == ("c", "d")
        assert reloader.last_error is not None and "model.onnx" in reloader.last_error
        (directory / "model.onnx").write_bytes(sound)
        wait_for(outcomes, True)
        assert reloader.last_error is None
        before = reloader.reloads
        reloader.request_reload()  # also of an unchanged one
        wait_for(outcomes, True)
        assert reloader.reloads > before
    finally:
        reloader.close()


def wait_for(outcomes: Queue[bool], sound: bool) -> None:
    """Wait for a reload with this outcome. (A file that is being written may fail more than once.)"""
    while outcomes.get(timeout=PATIENCE_SECONDS) is not sound:
        pass


def current(reloader: ModelReloader) -> tuple[str, ...]:
    assert reloader.current is not None
    return reloader.current.label_names


def test_a_directory_that_is_away_for_a_moment_is_no_reason_to_complain(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model")
    reloader = ModelReloader(directory, load_model)
    reloader.load()
    directory.rename(tmp_path / "away")
    assert signature(directory) == () and not reloader._changed()
    (tmp_path / "away").rename(directory)
    assert not reloader._changed()


def test_the_first_model_must_be_sound(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="does not exist"):
        ModelReloader(tmp_path / "none", load_model).load()


def test_reading_a_directory_that_is_replaced_all_the_time_gives_whole_models(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model", labels=("a0", "a1"), report=b"a0")
    over = threading.Event()

    def replace() -> None:
        for number in range(15):
            letter = "ab"[number % 2]
            write_model(directory, seed=number, labels=(f"{letter}0", f"{letter}1"), report=f"{letter}0".encode())
        over.set()

    thread = threading.Thread(target=replace)
    thread.start()
    loaded: list[Any] = []
    while not over.is_set():
        loaded.append(load_model(directory))
    thread.join()
    for served in loaded:
        assert served.report is not None and served.report.decode() == served.label_names[0]
        assert served.summary["labels"] == list(served.labels)
