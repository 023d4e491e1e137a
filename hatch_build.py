"""Compiles the recurrent kernel while the package is built; a machine without a compiler gets a package without it."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = Path("src/recurra/kernel")


class KernelBuildHook(BuildHookInterface[Any]):
    """Runs `recurra.kernel.build` before the package is packed.

    A wheel gets a library that is built in a folder of its own: the sources stay as they are. For an editable
    installation, which runs in the source tree, the library is built beside its sources.
    """

    _work: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel that carries a library is for this platform, but for any Python."""
        kernel = Path(self.root) / KERNEL
        build = runpy.run_path(str(kernel / "build.py"))
        if version == "editable":
            build["compile_library"](kernel)
            return
        self._work = tempfile.TemporaryDirectory(prefix="recurra-kernel-")
        made = build["compile_library"](kernel, Path(self._work.name) / build["LIBRARY"])
        if made is not None:
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform_tag()}"
            build_data["force_include"][str(made)] = f"recurra/kernel/{made.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder of the library, which is in the wheel now."""
        if self._work is not None:
            self._work.cleanup()


def _platform_tag() -> str:
    from packaging.tags import platform_tags

    return next(tag for tag in platform_tags() if tag.startswith("linux"))
