"""The versions of what decides the numbers."""

from __future__ import annotations

import platform
from importlib import metadata

PACKAGES = ("recurra", "torch", "onnxruntime", "numpy", "duckdb", "scikit-learn")


def versions() -> dict[str, str]:
    """Return the versions of what decides the numbers."""
    numbers = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            numbers[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            numbers[package] = "not installed"
    return numbers
