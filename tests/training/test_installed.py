"""What training needs is asked for before anything is read, without importing it."""

from __future__ import annotations

import sys

import pytest

from recurra.errors import OptionError
from recurra.training import installed


def test_what_is_missing_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.training_installed()
    monkeypatch.setattr(installed, "TRAINING", ("json", "no_such_module", "other_missing"))
    with pytest.raises(OptionError, match=r"\(no_such_module, other_missing\).*pip install '\.\[train\]'"):
        installed.training_installed()


def test_a_module_that_is_blocked_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blocked_module", None)
    monkeypatch.setattr(installed, "TRAINING", ("blocked_module",))
    with pytest.raises(OptionError, match="blocked_module"):
        installed.training_installed()
