"""The versions that a model records are those that are installed."""

from __future__ import annotations

import platform
from importlib import metadata

import numpy as np
import pytest
import torch

from recurra.training import versions as module


def test_versions_are_the_installed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGES", (*module.PACKAGES, "no-such-package"))
    found = module.versions()
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert found["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["scikit-learn"] == metadata.version("scikit-learn")
    assert found["no-such-package"] == "not installed"
