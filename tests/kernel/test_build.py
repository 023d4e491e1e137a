"""The library is built from its sources, out of their way where a package is made, and a failure loses nothing."""

from __future__ import annotations

import runpy
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

import pytest

from recurra.kernel.build import LIBRARY, SOURCES, compile_library, compiler
from recurra.kernel.library import Library, open_library

needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler for x86-64 Linux here")
HOOK = Path(__file__).parents[2] / "hatch_build.py"


def small_kernel(folder: Path) -> Path:
    """Sources that compile in an instant: the real ones take the compiler long."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("library.c", "helper_thread.c", "ngrams.c", "pairs.c", "logistic.c", "smoothing.c", "build.py"):
        shutil.copy(SOURCES / name, folder)
    for name in (
        "common.h",
        "exported.h",
        "helper_thread.h",
        "logistic.h",
        "ngrams.h",
        "pairs.h",
        "recurrence.h",
        "smoothing.h",
        "smoothing_body.h",
        "sort.h",
    ):
        shutil.copy(SOURCES / name, folder)
    (folder / "variants.c").write_text(
        '#include "common.h"\n'
        "#define NONE(v) int v##_forward(int c, const Recurrence *w) { return c + !w; } "
        "int v##_backward(int c, const Recurrence *w) { return c + !w; } "
        "int v##_gather(const Gather *s) { return !s; } "
        "int v##_linear(const Linear *l) { return !l; } int v##_pack(const Pack *p) { return !p; }\n"
        "NONE(avx512_float) NONE(avx512_bf16) NONE(avx2_float)\n"
        "int avx512_float_adam(const Adam *a) { return !a; } int avx2_float_adam(const Adam *a) { return !a; }\n"
        "int avx512_float_smoothing(const Smoothing *s) { return !s; }\n"
        "int avx2_float_smoothing(const Smoothing *s) { return !s; }\n"
    )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@needs_compiler
def test_a_library_is_built_used_and_no_longer_used_once_a_source_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_kernel(tmp_path)
    assert compile_library(tmp_path) == tmp_path / LIBRARY
    assert isinstance(open_library(tmp_path), Library)
    source = tmp_path / "library.c"
    source.write_text(source.read_text() + "\n/* changed */\n")
    assert open_library(tmp_path) == f"{tmp_path / LIBRARY} was built from other sources"
    source.write_text("no C")
    before = contents(tmp_path)
    assert compile_library(tmp_path) is None
    assert contents(tmp_path) == before
    assert "the kernel was not built: " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["no-such-compiler", "/bin/false", "true", ""])
def test_a_failed_build_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    small_kernel(tmp_path)
    (tmp_path / LIBRARY).write_bytes(b"of an earlier build")
    before = contents(tmp_path)
    monkeypatch.setenv("CC", command)
    assert compile_library(tmp_path) is None
    assert contents(tmp_path) == before
    assert "recurra: the kernel was not built: " in capsys.readouterr().err


def test_without_a_compiler_nothing_is_built_and_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_library(tmp_path) is None


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The build hook of a source tree below tmp_path, whose library is that of an earlier build.

    hatchling is there only while a package is built, so its base class is made up.
    """
    Config = TypeVar("Config")

    class BuildHookInterface(Generic[Config]):
        def __init__(self, root: str) -> None:
            self.root = root

    module = ModuleType("hatchling.builders.hooks.plugin.interface")
    module.BuildHookInterface = BuildHookInterface  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (small_kernel(tmp_path / "src" / "recurra" / "kernel") / LIBRARY).write_bytes(b"of an earlier build")
    return runpy.run_path(str(HOOK))["KernelBuildHook"](str(tmp_path))


@needs_compiler
def test_a_wheel_takes_a_library_of_its_own(hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("packaging")
    monkeypatch.delenv("CC", raising=False)
    before = contents(tmp_path)
    build_data: dict[str, Any] = {"force_include": {}}
    hook.initialize("standard", build_data)
    assert contents(tmp_path) == before
    ((built, place),) = build_data["force_include"].items()
    assert place == f"recurra/kernel/{LIBRARY}" and Library(Path(built)).version
    assert build_data["tag"].startswith("py3-none-linux") and build_data["pure_python"] is False
    hook.finalize("standard", build_data, "a.whl")
    assert not Path(built).exists()


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_no_package_takes_the_library_of_the_sources_away(
    hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("CC", "/bin/false")
    before = contents(tmp_path)
    build_data: dict[str, Any] = {"force_include": {}}
    hook.initialize(version, build_data)
    hook.finalize(version, build_data, "a.whl")
    assert contents(tmp_path) == before
    assert build_data == {"force_include": {}}


@needs_compiler
def test_an_editable_installation_is_built_beside_its_sources(
    hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CC", raising=False)
    hook.initialize("editable", {"force_include": {}})
    assert isinstance(open_library(tmp_path / "src" / "recurra" / "kernel"), Library)
