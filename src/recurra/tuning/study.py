"""The study of a search: its trials in one SQLite file, which several processes share and a later run goes on with.

Optuna decides what to try: a tree-structured Parzen estimator (Bergstra and others, 2011, "Algorithms for
Hyper-Parameter Optimization"), and a trial that is worse half way than the median of the others is pruned.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.errors import OptionError, ResumeError, installation
from recurra.options.base import flag
from recurra.training.installed import not_installed
from recurra.tuning.space import Choice, Space

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

NAME = "recurra"
FILE = "study.db"
STARTUP_TRIALS = 5
"""Trials that are finished before another is pruned."""
WARMUP_EPOCHS = 1
"""Epochs that a trial has before it is pruned."""
PATIENCE = 600
"""Seconds that a process waits for another one to write into the file."""
IDENTITY = "identity"
MESSAGE = "message"
"""Attribute of a failed trial: why."""
EPOCHS, SECONDS = "epochs", "seconds"
DEFAULTS = "defaults"
"""Attribute of the trial with the options as they were given: the first one."""


def optuna_installed() -> None:
    """Raise OptionError unless Optuna is installed."""
    if not_installed(["optuna"]):
        raise OptionError(f"`recurra tune` needs a package that is not installed (optuna). {installation('tune')}")


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return a space as Optuna has it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, BaseDistribution] = {}
    for name, values in space.items():
        if isinstance(values, Choice):
            found[name] = CategoricalDistribution(values.values)
        elif values.whole:
            found[name] = IntDistribution(int(values.low), int(values.high), log=values.log)
        else:
            found[name] = FloatDistribution(values.low, values.high, log=values.log)
    return found


def open_study(folder: Path, *, higher_is_better: bool) -> Study:
    """Return the study in a folder; a new one where there is none. Raises ResumeError where it cannot be read."""
    import optuna
    import sqlalchemy

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = str((folder / FILE).resolve())
    try:
        storage = optuna.storages.RDBStorage(
            sqlalchemy.URL.create("sqlite", database=path).render_as_string(hide_password=False),
            engine_kwargs={"connect_args": {"timeout": PATIENCE}},
        )
        return optuna.create_study(
            storage=storage,
            study_name=NAME,
            direction="maximize" if higher_is_better else "minimize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS, n_warmup_steps=WARMUP_EPOCHS),
            load_if_exists=True,
        )
    except (sqlalchemy.exc.SQLAlchemyError, RuntimeError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise ResumeError(
            f"The study in {path} cannot be read ({reason}). Start over with --overwrite instead of --resume."
        ) from None


def sampler_of(study: Study, seed: int, jobs: int) -> BaseSampler:
    """Return what chooses the next trial: it depends on the seed and the number of trials, so that a search that is
    resumed does not repeat itself, and neither do processes of one search."""
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            seed=(seed + len(study.get_trials(deepcopy=False))) % 2**32,
            n_startup_trials=STARTUP_TRIALS,
            constant_liar=jobs > 1,
        )


def check_identity(study: Study, identity: Mapping[str, Any]) -> None:
    """Keep what a search is of, or raise ResumeError where the study is of another one."""
    saved = study.user_attrs.get(IDENTITY)
    plain = json.loads(json.dumps(identity))
    if saved is None:
        study.set_user_attr(IDENTITY, plain)
        return
    changes = [
        f"{flag(name)} was {saved['options'].get(name)!r} and is now {value!r}"
        for name, value in plain["options"].items()
        if saved["options"].get(name) != value
    ]
    changes += [
        f"{what} was other" for name, what in WHAT.items() if saved.get(name) != plain.get(name) and name != "options"
    ]
    if changes:
        raise ResumeError(
            f"Cannot resume: {'; '.join(changes)}. Give the same options and data, or start over with --overwrite "
            "instead of --resume."
        )


WHAT = {"data": "the content of the data", "space": "the search space", "metric": "--metric"}


def ask(study: Study, space: Space, folder: Path, most: int, seed: int = 0, jobs: int = 1) -> Trial | None:
    """Return the next trial, or None where there are `most` trials, those that are running among them."""
    with _alone(folder):
        if len(counted(study)) >= most:
            return None
        study.sampler = sampler_of(study, seed, jobs)
        return study.ask(distributions(space))


def counted(study: Study) -> list[FrozenTrial]:
    """Return the trials that count: all but those that were stopped before they ended."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.state != TrialState.FAIL or MESSAGE in trial.user_attrs]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes of the search waiting meanwhile."""
    with (folder / "asking").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_left_behind(study: Study) -> int:
    """End the trials of processes that were killed. Returns how many. No other process may be searching."""
    from optuna.trial import TrialState

    left = study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING))
    for trial in left:
        study.tell(trial.number, state=TrialState.FAIL)
    return len(left)


def add_defaults(
    study: Study, space: Space, resolved: Mapping[str, Any], value: float, facts: Mapping[str, Any]
) -> None:
    """Add the trial of the options as they were given. resolved: their values, of which those outside the space are no
    part of what is learnt from it."""
    from optuna.trial import create_trial

    inside = {name: resolved[name] for name, values in space.items() if resolved.get(name) in values}
    all_of_them = distributions(space)
    study.add_trial(
        create_trial(
            params=inside,
            distributions={name: all_of_them[name] for name in inside},
            value=value,
            user_attrs={DEFAULTS: True, **facts},
        )
    )
