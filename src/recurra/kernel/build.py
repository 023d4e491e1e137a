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


def compile_library(sources: Path = SOURCES, target: Path | None = None) -> Path | None:
    """Compile the C files in `sources` into `target` (default: the library beside them).

    Returns the library's path, or None where the build is not possible or fails, which is said on standard error. The
    library appears whole or not at all. One that is there already stays until a newer one takes its place: it is used
    only where it was built from these very sources.
    """
    target = target or sources / LIBRARY
    command = compiler()
    if command is None:
        _say_not_built("it needs a C compiler (cc, gcc, clang or $CC) on x86-64 Linux")
        return None
    flags = [
        "-O3",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-std=gnu11",
        "-fPIC",
        "-shared",
        "-pthread",
        "-fvisibility=hidden",
        f'-DDIGEST="{digest(sources)}"',
    ]
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as work:
            built = Path(work) / LIBRARY
            files = [str(path) for path in sorted(sources.glob("*.c"))]
            run = subprocess.run(
                [*command, *flags, "-o", str(built), *files, "-lm"], capture_output=True, text=True, check=False
            )
            if run.returncode or not built.is_file():
                _say_not_built(f"{shlex.join(command)} ended with status {run.returncode}.\n{run.stderr}")
                return None
            built.replace(target)
    except OSError as error:
        _say_not_built(str(error))
        return None
    return target


def _say_not_built(reason: str) -> None:
    print(f"recurra: the kernel was not built: {reason}", file=sys.stderr)
    print("recurra: PyTorch and ONNX Runtime compute in its place, more slowly.", file=sys.stderr)


if __name__ == "__main__":
    if path := compile_library():
        print(path)
