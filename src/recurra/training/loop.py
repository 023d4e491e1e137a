"""The training loop: one function to read from top to bottom, and the state that survives a `kill -9`."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from recurra.errors import DivergedError, InterruptedTraining
from recurra.options.training import FitOptions
from recurra.terminal.progress import TrainingProgress
from recurra.training.adam import Adam, clip_norm, weight_groups
from recurra.training.averaging import WeightAverage
from recurra.training.checkpoints import CheckpointStore, random_state, restore_random_state
from recurra.training.objective import Objective, Source
from recurra.training.schedules import SCHEDULES


@dataclass
class State:
    """The state of a run, apart from tensors. Everything here is plain JSON.

    step: steps done; epoch: epochs done; batch: batches done in this epoch; sums: over these batches, the objective's
    named sums and "loss"; seconds: spent on them. best_cost: that of the monitored value at `best_epoch`.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    best_cost: float = math.inf
    best_epoch: int = -1
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def loss(self) -> float:
        """The mean training loss of the epoch so far."""
        return self.sums["loss"] / self.sums["count"]

    def add(self, loss: float, sums: Mapping[str, float]) -> None:
        """Count one more batch. loss: its mean; sums: the objective's, "count" among them."""
        for name, value in {**sums, "loss": loss * sums["count"]}.items():
            self.sums[name] = self.sums.get(name, 0) + value


@dataclass(frozen=True)
class Run:
    """One training run: what `train` needs besides the network.

    epochs: at most. bf16: whether the network computes in bfloat16. train, valid: rows to train on and to validate
    with. identity: what must be the same when the run is resumed. store: None trains without checkpoints.
    on_progress: called after each step and each epoch; on_checkpoint: before each checkpoint is written.
    """

    objective: Objective
    options: FitOptions
    epochs: int
    device: torch.device
    bf16: bool
    train: Source
    valid: Source
    identity: dict[str, Any] = field(default_factory=dict)
    store: CheckpointStore | None = None
    checkpoint_seconds: float = 30.0
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None
    on_checkpoint: Callable[[], None] = lambda: None


def train(network: nn.Module, run: Run, *, resume: bool = False) -> list[dict[str, Any]]:
    """Train `network` in place and return the history, one entry an epoch.

    Where the options ask for an average of the weights, that is what is validated and kept; the steps go on from the
    weights themselves.
    resume: continue from the newest checkpoint in `run.store`, to the same weights as without a stop.
    Raises InterruptedTraining after SIGINT or SIGTERM, with the state saved, and DivergedError where the loss is no
    longer a number, with the state before that kept.
    """
    options = run.options
    optimizer = Adam(weight_groups(network), options.learning_rate)
    schedule = SCHEDULES[options.schedule]
    steps = run.epochs * len(_epoch_batches(run, 0))
    torch.manual_seed(options.seed)
    state, best, average = State(), _copied(network), WeightAverage(network, options.ema)
    if resume and run.store and (saved := run.store.newest()):
        try:
            state, best = _restored(saved, network, optimizer, average, run.device)
        except (LookupError, TypeError, ValueError, RuntimeError) as error:  # written by no run of this network
            raise run.store.damaged() from error
    elif run.store:
        _save(run, network, optimizer, average, state, best)
    last_saved = time.monotonic()

    with _stop_requested() as stopped:
        while state.epoch < run.epochs and not _out_of_patience(state, options.patience):
            network.train()
            for rows in _epoch_batches(run, state.epoch)[state.batch :]:
                started = time.perf_counter()
                batch, targets = run.train.batch(rows, run.device)
                rate = schedule(state.step, steps, options.learning_rate)
                optimizer.set_rate(rate)
                with torch.autocast(run.device.type, torch.bfloat16, enabled=run.bf16):
                    outputs = network(batch)
                outputs = _each(outputs, torch.Tensor.float)
                loss = run.objective.loss(outputs, targets)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                norm = clip_norm(network.parameters(), options.clip or math.inf)
                if not (math.isfinite(loss.item()) and math.isfinite(norm.item())):
                    if all(bool(torch.isfinite(weight).all()) for weight in network.parameters()):
                        _save(run, network, optimizer, average, state, best)
                    raise DivergedError(_diverged(run, state))
                optimizer.step()

                state.step += 1
                state.batch += 1
                average.update(state.step)
                state.add(loss.item(), run.objective.metrics(_each(outputs, torch.Tensor.detach), targets))
                state.seconds += time.perf_counter() - started
                run.on_progress(
                    TrainingProgress(
                        state.step,
                        steps,
                        state.epoch,
                        run.epochs,
                        len(rows),
                        state.loss,
                        batch_loss=loss.item(),
                        learning_rate=rate,
                    )
                )
                if stopped() or time.monotonic() - last_saved >= run.checkpoint_seconds:
                    _save(run, network, optimizer, average, state, best)
                    last_saved = time.monotonic()
                if stopped():
                    raise InterruptedTraining(_interrupted(run, state, steps))

            with average.applied():
                entry = _close_epoch(network, run, state)
                if state.best_epoch == state.epoch - 1 or options.keep == "last":
                    best = _copied(network)
            loss = entry["train_loss"]
            run.on_progress(TrainingProgress(state.step, steps, state.epoch - 1, run.epochs, 0, loss, entry))
            _save(run, network, optimizer, average, state, best)
            last_saved = time.monotonic()
            if stopped():
                raise InterruptedTraining(_interrupted(run, state, steps))
    network.load_state_dict(best)
    return state.history


def _each(outputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return what a network answered, a tensor or a named tuple of tensors, with each tensor changed."""
    return change(outputs) if isinstance(outputs, Tensor) else type(outputs)(*map(change, outputs))


def _epoch_batches(run: Run, epoch: int) -> list[Any]:
    """The batches of an epoch depend on the seed and the epoch alone, so a resumed run finds its place again."""
    return run.train.batches(run.options.batch, np.random.default_rng((run.options.seed, epoch)))


def _close_epoch(network: nn.Module, run: Run, state: State) -> dict[str, Any]:
    """Evaluate the validation rows, write the epoch into the history and move `state` to the next one."""
    validation = run.objective.validate(network, run.valid, run.device)
    train = {"loss": state.loss, **run.objective.summarise(state.sums)}
    entry = {
        "epoch": state.epoch + 1,
        **{f"train_{name}": value for name, value in train.items()},
        **{f"valid_{name}": value for name, value in validation.metrics.items()},
        "seconds": state.seconds,
    }
    state.history.append(entry)
    if validation.monitor.cost < state.best_cost:
        state.best_cost, state.best_epoch = validation.monitor.cost, state.epoch
    state.epoch += 1
    state.batch, state.sums, state.seconds = 0, {}, 0.0
    return entry


def _out_of_patience(state: State, patience: int | None) -> bool:
    return patience is not None and bool(state.history) and state.epoch - 1 - state.best_epoch >= patience


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _save(
    run: Run,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    state: State,
    best: dict[str, Tensor],
) -> None:
    if run.store is None:
        return
    run.on_checkpoint()
    tensors = {f"weights.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in best.items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.tensors().items()}
    for i, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{i}.{name}": tensor for name, tensor in moments.items()}
    tensors |= random_state(run.device)
    plain = asdict(state)
    plain["best_cost"] = None if math.isinf(state.best_cost) else state.best_cost
    run.store.save(state.step, tensors, {"run": plain, "identity": run.identity})


def _restored(
    saved: tuple[dict[str, Tensor], dict[str, Any]],
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: WeightAverage,
    device: torch.device,
) -> tuple[State, dict[str, Tensor]]:
    tensors, plain = saved
    fields = plain["run"]
    state = State(**{**fields, "best_cost": math.inf if fields["best_cost"] is None else fields["best_cost"]})
    network.load_state_dict(_part(tensors, "weights."))
    average.restore(_part(tensors, "average."))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _part(tensors, "adam.").items():
        number, moment = name.split(".", 1)
        moments.setdefault(int(number), {})[moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
    restore_random_state(tensors, device)
    return state, {name: tensor.to(device) for name, tensor in _part(tensors, "best.").items()}


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


@contextmanager
def _stop_requested() -> Iterator[Callable[[], bool]]:
    """Note SIGINT and SIGTERM instead of dying in the middle of a step. Only a main thread can."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def note(number: int, frame: FrameType | None) -> None:
        if received:  # the second time, do as the user insists
            raise KeyboardInterrupt
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupted(run: Run, state: State, steps: int) -> str:
    if run.store is None:
        return f"Training was stopped at step {state.step:,} of {steps:,}."
    return (
        f"Training was stopped at step {state.step:,} of {steps:,}; its state is saved in {run.store.directory}. "
        "To continue, give the same command with --resume."
    )


def _diverged(run: Run, state: State) -> str:
    kept = ""
    if run.store and (paths := run.store.paths()):
        kept = f" The last good weights are kept in {paths[-1]}."
    return (
        f"The loss is no longer a number at step {state.step + 1:,} (epoch {state.epoch + 1}).{kept} "
        f"Start over with --overwrite and a lower --learning-rate (now {run.options.learning_rate:g}), a smaller "
        "--clip, or --precision fp32."
    )
