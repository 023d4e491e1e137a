"""The loop learns, stops when told, keeps the best, and resumes to the very same weights."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from recurra.errors import DivergedError, InterruptedTraining, ResumeError
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import KEPT, CheckpointStore
from recurra.training.loop import Run, State, train
from support.torch_cells import MODULES

Maker = Callable[..., tuple[ManyToOneNetwork, Run]]


class Killed(BaseException):
    """Stands for a process that ends in the middle of a step."""


def weights_of(network: ManyToOneNetwork) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def answers_of(network: torch.nn.Module, run: Run) -> torch.Tensor:
    """Return the log-probabilities of the validation rows [N, K]."""
    logits = torch.from_numpy(run.objective.logits(network, run.valid, run.device))
    whole = torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits
    return whole.log_softmax(-1)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("cell", MODULES)
def test_it_learns(new_run: Maker, cell: str) -> None:
    network, run = new_run(epochs=8, cell=cell, dropout=0.1)
    history = train(network, run)
    assert [entry["epoch"] for entry in history] == list(range(1, 9))
    assert history[-1]["valid_accuracy"] > 0.9
    answers = answers_of(network, run)
    torch.testing.assert_close(answers.exp().sum(1), torch.ones(len(answers), dtype=answers.dtype))


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(new_run: Maker) -> None:
    ends = []
    for seed in (0, 0, 1):
        network, run = new_run(seed=seed, epochs=1)
        train(network, run)
        ends.append(weights_of(network))
    assert same(ends[0], ends[1])
    assert not same(ends[0], ends[2])


@pytest.mark.parametrize("ema", [0.0, 0.9])
@pytest.mark.parametrize("stop_at", [1, 12, 13, 14, 30, 38])
def test_a_run_cut_off_anywhere_resumes_to_the_same_weights(
    new_run: Maker, tmp_path: Path, stop_at: int, ema: float
) -> None:
    network, run = new_run(ema=ema)
    whole = train(network, run)
    expected = weights_of(network)

    def die(progress: TrainingProgress) -> None:
        if progress.step == stop_at and progress.finished_epoch is None:
            raise Killed

    store = CheckpointStore(tmp_path)
    network, run = new_run(ema=ema, store=store, checkpoint_seconds=0.0, on_progress=die)
    with pytest.raises(Killed):
        train(network, run)
    assert 1 <= len(store.paths()) <= KEPT
    torch.manual_seed(999)  # a new process starts from another state
    torch.rand(7)
    network, run = new_run(ema=ema, store=store)
    history = train(network, run, resume=True)
    assert same(weights_of(network), expected)
    plain = [{k: v for k, v in entry.items() if k != "seconds"} for entry in history]
    assert plain == [{k: v for k, v in entry.items() if k != "seconds"} for entry in whole]


def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(new_run: Maker, tmp_path: Path) -> None:
    network, run = new_run()
    train(network, run)
    expected = weights_of(network)
    store = CheckpointStore(tmp_path)
    network, run = new_run(store=store, checkpoint_seconds=0.0)
    train(network, run)
    newest = store.paths()[-1]
    newest.write_bytes(newest.read_bytes()[:1000])
    network, run = new_run(store=store)
    train(network, run, resume=True)
    assert same(weights_of(network), expected)
    for path in store.paths():
        path.write_bytes(b"no checkpoint")
    network, run = new_run(store=store)
    with pytest.raises(ResumeError, match="None of the checkpoints"):
        train(network, run, resume=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_a_checkpoint_and_loses_nothing(new_run: Maker, tmp_path: Path, number: int) -> None:
    network, run = new_run()
    train(network, run)
    expected = weights_of(network)

    def signalled(progress: TrainingProgress) -> None:
        if progress.step == 20:
            os.kill(os.getpid(), number)

    store = CheckpointStore(tmp_path)
    before = signal.getsignal(number)
    network, run = new_run(store=store, on_progress=signalled)
    with pytest.raises(InterruptedTraining, match="--resume"):
        train(network, run)
    assert signal.getsignal(number) is before
    assert store.newest()[1]["run"]["step"] in (20, 21)  # type: ignore[index]
    network, run = new_run(store=store)
    train(network, run, resume=True)
    assert same(weights_of(network), expected)


def test_a_loss_that_is_no_number_stops_with_the_last_good_weights(new_run: Maker, tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    network, run = new_run(store=store, checkpoint_seconds=0.0)

    def poison(progress: TrainingProgress) -> None:
        if progress.step == 10:
            with torch.no_grad():
                network.head.weight.fill_(float("nan"))

    network, run = new_run(store=store, on_progress=poison)
    with pytest.raises(DivergedError, match="--learning-rate"):
        train(network, run)
    tensors, _ = store.newest()  # type: ignore[misc]
    assert all(torch.isfinite(tensor).all() for name, tensor in tensors.items() if name.startswith(("weights", "best")))


def test_patience_stops_and_the_best_epoch_is_kept(new_run: Maker) -> None:
    network, run = new_run(
        epochs=60, wrong=0.3, patience=2, keep="best", learning_rate=0.05, schedule="constant", dropout=0.0,
        calibrate=False,
    )  # fmt: skip
    history = train(network, run)
    losses = [entry["valid_loss"] for entry in history]
    assert len(history) < 60
    assert losses.index(min(losses)) == len(losses) - 3
    answers = answers_of(network, run)
    best = torch.nn.functional.nll_loss(answers, torch.from_numpy(run.valid.targets)).item()
    assert best == pytest.approx(min(losses), rel=1e-6)


def test_keep_last_keeps_the_last(new_run: Maker) -> None:
    network, run = new_run(epochs=20, wrong=0.3, keep="last", learning_rate=0.05, schedule="constant", dropout=0.0)
    losses = [entry["valid_loss"] for entry in train(network, run)]
    answers = answers_of(network, run)
    last = torch.nn.functional.nll_loss(answers, torch.from_numpy(run.valid.targets)).item()
    assert last == pytest.approx(losses[-1], rel=1e-6)
    assert losses[-1] != min(losses)


def test_the_average_of_the_weights_is_validated_and_kept(new_run: Maker) -> None:
    steps: list[dict[str, torch.Tensor]] = []
    network, run = new_run(ema=0.95, epochs=2, schedule="constant")
    average = weights_of(network)

    def watch(progress: TrainingProgress) -> None:
        if progress.finished_epoch is None:
            steps.append(weights_of(network))

    history = train(network, replace(run, on_progress=watch))
    for step, weights in enumerate(steps, 1):
        decay = min(0.95, step / (step + 9))
        average = {name: decay * average[name] + (1 - decay) * weights[name] for name in average}
    kept = weights_of(network)
    for name, weight in kept.items():
        torch.testing.assert_close(weight, average[name])
    assert not same(kept, steps[-1])
    answers = answers_of(network, run)
    loss = torch.nn.functional.nll_loss(answers, torch.from_numpy(run.valid.targets)).item()
    assert loss == pytest.approx(history[-1]["valid_loss"], rel=1e-6)


def test_an_average_does_not_change_the_steps(new_run: Maker) -> None:
    losses = []
    for ema in (0.0, 0.99):
        network, run = new_run(ema=ema)
        losses.append([entry["train_loss"] for entry in train(network, run)])
    assert losses[0] == losses[1]


def test_state_is_plain_json_and_starts_at_zero() -> None:
    assert State().step == 0
    assert State().history == []


def test_a_finished_epoch_is_on_disk_before_anything_else_happens(new_run: Maker, tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    network, run = new_run(store=store, checkpoint_seconds=1e9)
    history = train(network, run)
    saved = store.newest()
    assert saved is not None
    assert (saved[1]["run"]["epoch"], saved[1]["run"]["history"]) == (run.epochs, history)
    again, run = new_run(store=store)
    assert train(again, run, resume=True) == history
    assert same(weights_of(again), weights_of(network))


def test_a_signal_while_an_epoch_is_closed_is_not_lost(new_run: Maker, tmp_path: Path) -> None:
    def signalled(progress: TrainingProgress) -> None:
        if progress.finished_epoch and progress.finished_epoch["epoch"] == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    network, run = new_run(store=CheckpointStore(tmp_path), on_progress=signalled)
    with pytest.raises(InterruptedTraining, match="--resume"):
        train(network, run)
