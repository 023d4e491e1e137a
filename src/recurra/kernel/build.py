"""Compile the kernel into a shared library beside its sources: `python -m recurra.kernel.build`.

The installation runs this (`hatch_build.py`) with the standard library alone: nothing else is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent
LIBRARY = "librecurra.so"


def digest(directory: Path = SOURCES) -> str:
    """Return the SHA-256 of the C sources in `directory`; a library contains that of the sources it was built from."""
    sha = hashlib.sha256()
    for path in sorted(directory.glob("*.[ch]")):
        sha.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


def compiler() -> list[str] | None:
    """Return the command of the C compiler (`CC`, else cc, gcc or clang), or None where the kernel cannot be built."""
    if not sys.platform.startswith("linux") or platform.machine() != "x86_64":
        return None
    if "CC" in os.environ:
        command = shlex.split(os.environ["CC"])
        return command if command and shutil.which(command[0]) else None
    return next(([path] for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)


def compile_library(directory: Path = SOURCES) -> Path | None:
    """Compile the sources in `directory` into a library there. Returns its path, or None where that is not possible.

    The library appears whole or not at all; an older one is removed where the build fails.
    """
    target = directory / LIBRARY
    command = compiler()
    if command is None:
        target.unlink(missing_ok=True)
        return None
    with tempfile.TemporaryDirectory(dir=directory, prefix=".build-") as work:
        built = Path(work) / LIBRARY
        flags = [
            "-O3",
            "-std=gnu11",
            "-fPIC",
            "-shared",
            "-pthread",
            "-fvisibility=hidden",
            f'-DDIGEST="{digest(directory)}"',
        ]
        sources = [str(path) for path in sorted(directory.glob("*.c"))]
        run = subprocess.run(
            [*command, *flags, "-o", str(built), *sources], capture_output=True, text=True, check=False
        )
        if run.returncode:
            target.unlink(missing_ok=True)
            print(f"recurra: the kernel was not built; PyTorch computes in its place.\n{run.stderr}", file=sys.stderr)
            return None
        built.replace(target)
    return target


if __name__ == "__main__":
    print(compile_library() or "The kernel was not built: it needs a C compiler on x86-64 Linux.")
