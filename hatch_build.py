"""Compiles the recurrent kernel while the package is built; a machine without a compiler gets a package without it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = Path("src/recurra/kernel")


class KernelBuildHook(BuildHookInterface[Any]):
    """Runs `recurra.kernel.build` before the sources are packed or, for an editable installation, linked."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel that carries a library is for this platform, but for any Python."""
        kernel = Path(self.root) / KERNEL
        made = runpy.run_path(str(kernel / "build.py"))["compile_library"](kernel)
        if made is not None:
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform_tag()}"


def _platform_tag() -> str:
    from packaging.tags import platform_tags

    return next(tag for tag in platform_tags() if tag.startswith("linux"))
