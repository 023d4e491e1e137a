"""How a network is trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from recurra.options.base import Options

Batch = Annotated[int, Field(ge=1, le=65_536, description="Batch size: sequences in one training step.")]
LEARNING_RATE: Any = Field(
    gt=0,
    le=10,
    description="Learning rate: the highest of the schedule (default of a classifier: 0.001 for few rows, 0.006 for "
    "many).",
)
LearningRate = Annotated[float, LEARNING_RATE]
Clip = Annotated[float | None, Field(gt=0, description="Gradient clipping: largest norm of the gradient.")]
Patience = Annotated[
    int | None,
    Field(
        ge=1,
        description="Early stopping: epochs without a better (calibrated) validation loss after which training stops.",
    ),
]
Valid = Annotated[
    float,
    Field(gt=0, lt=1, description="Share of the training rows (2,000 at most) used for validation instead."),
]

Keep = Annotated[
    Literal["best", "last"],
    Field(description="Checkpoint to keep: the weights of the best epoch by validation, or of the last."),
]

Ema = Annotated[
    float,
    Field(
        ge=0,
        lt=1,
        description="Weight averaging: decay of the exponential moving average (EMA) of the weights over the steps, "
        "such as 0.999; the average is validated and kept. With 0, the weights themselves are.",
    ),
]


class FitOptions(Options):
    """How the network is trained, whatever the task."""

    epochs: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000,
            description="Passes over the training rows (default: few for large data, many for small).",
        ),
    ] = None
    batch: Batch = 32
    learning_rate: LearningRate = 6e-3
    schedule: Annotated[
        Literal["one-cycle", "constant"], Field(description="Learning rate schedule over the steps.")
    ] = "one-cycle"
    clip: Clip = 5.0
    patience: Patience = 3
    valid: Valid = 0.1
    keep: Keep = "best"
    ema: Ema = 0.0
    seed: Annotated[
        int, Field(ge=0, lt=2**32, description="Random seed of the split, the weights and the order of the rows.")
    ] = 0
    device: Annotated[Literal["auto", "cpu", "cuda"], Field(description="Device to train on.")] = "auto"
    precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        Field(description="Number format of the recurrent layers in training; auto takes bf16 where it is fast."),
    ] = "auto"
    threads: Annotated[int | None, Field(ge=1, le=1024, description="Processor threads (default: one a core).")] = None


class RecordOptions(Options):
    """Where the figures of a run are recorded while it trains.

    They decide nothing of the model, and are no part of `model_dump`: not of the manifest, nor of what a resumed run
    must have in common with the one that was stopped.
    """

    log: Annotated[
        str | None,
        Field(
            exclude=True,
            description="Record the run while it trains: csv, tensorboard or mlflow, or several of them with commas in "
            "between.",
        ),
    ] = None
    log_dir: Annotated[
        str | None,
        Field(
            exclude=True,
            description="Folder for what --log records (default: beside --out, its name with .log after it).",
        ),
    ] = None

    @model_validator(mode="after")
    def _the_folder_is_of_records(self) -> Self:
        if self.log_dir is not None and self.log is None:
            raise ValueError("--log-dir is the folder for what --log records; give --log too, or leave it out")
        return self


TASK: Any = Field(description="Task: what goes into the model, and what comes out.")


class TaskOptions(RecordOptions, FitOptions):
    """What every task has: its name, how its network is trained, and where that is recorded."""

    task: Annotated[str, TASK] = "classify"
