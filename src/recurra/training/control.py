"""How one training is stopped, resumed and watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from recurra.terminal.progress import TrainingProgress

if TYPE_CHECKING:
    from recurra.training.checkpoints import CheckpointStore


@dataclass(frozen=True)
class RunControl:
    """How one training is stopped, resumed and watched.

    store: of its checkpoints; None keeps none. resume: continue from the newest of them. identity: what must be the
    same when it is resumed. on_progress: called after each step and each epoch. on_checkpoint: called before each
    checkpoint is written.
    """

    store: CheckpointStore | None = None
    resume: bool = False
    identity: dict[str, Any] = field(default_factory=dict)
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None
    on_checkpoint: Callable[[], None] = lambda: None

    @property
    def resumes(self) -> bool:
        """Whether there is a checkpoint to continue from."""
        return self.resume and self.store is not None and bool(self.store.paths())

    def stage(self, name: str, folder: str) -> RunControl:
        """Return the control of a stage before the run's own training. folder: of its checkpoints."""
        store = None if self.store is None else self.store.stage(folder)
        outer = self.identity.get("stage")
        return replace(
            self.called(name),
            store=store,
            identity={**self.identity, "stage": f"{outer}, {name}" if outer else name},
        )

    def called(self, name: str) -> RunControl:
        """Return the same control, under which progress is reported as that of a stage, and of which stage of it."""
        report = self.on_progress

        def named(progress: TrainingProgress) -> None:
            report(replace(progress, stage=f"{name}, {progress.stage}" if progress.stage else name))

        return replace(self, on_progress=named)


UNATTENDED = RunControl()
"""Without checkpoints, and with nobody watching."""
