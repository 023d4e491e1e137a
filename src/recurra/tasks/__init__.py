"""The shapes of problem. To add one: write its file beside these, add its line here, run the contract tests."""

from __future__ import annotations

from recurra.tasks.classify import Classify

TASKS: dict[str, type[Classify]] = {"classify": Classify}

__all__ = ["TASKS", "Classify"]
