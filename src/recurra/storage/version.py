"""The version of Recurra that is installed."""

from __future__ import annotations

from importlib import metadata

VERSION = metadata.version("recurra")
