"""Which engine the environment asks for, in place of the one that answers a model fastest."""

from __future__ import annotations

import os

from recurra.errors import OptionError, did_you_mean

VARIABLE = "RECURRA_ENGINE"
ENGINES = ("auto", "kernel", "onnxruntime")


def requested() -> str:
    """Return the engine that RECURRA_ENGINE names (auto where it is not set). Raises OptionError for an unknown one."""
    name = os.environ.get(VARIABLE) or "auto"
    if name not in ENGINES:
        raise OptionError(f"{VARIABLE}={name}: accepted are {', '.join(ENGINES)}.{did_you_mean(name, ENGINES)}")
    return name
