"""One rule chooses the backend; without a library that fits its sources PyTorch computes the layer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from recurra.errors import OptionError
from recurra.kernel.build import LIBRARY, SOURCES, compile_library, compiler
from recurra.kernel.library import library, open_library
from recurra.nn.backends import choice
from recurra.nn.backends.choice import DEPRECATED, VARIABLE, choose_backend, use_backend
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS
from recurra.nn.recurrent import Recurrent

X = torch.zeros(1)
needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler for x86-64 Linux here")


def test_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert choose_backend(X, "gru") == ("kernel" if library() else "reference")
    assert choose_backend(X, "lstm") == ("kernel" if library() else "fused")
    assert choose_backend(X.double(), "lstm") == "reference"
    assert choose_backend(X.to("meta"), "gru") == "fused"
    with use_backend("fused"):
        assert choose_backend(X, "gru") == "fused"
    monkeypatch.setenv(VARIABLE, "reference")
    assert choose_backend(X, "gru") == "reference"
    monkeypatch.setenv(VARIABLE, "kernal")
    with pytest.raises(OptionError, match="kernal: accepted are fused, kernel, reference"):
        choose_backend(X, "gru")


@pytest.mark.parametrize(("name", "backend"), [("vendor", "fused"), ("torch", "reference")])
def test_the_variable_still_accepts_the_names_of_version_0_1(
    name: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, name)
    assert choose_backend(X, "gru") == backend == DEPRECATED[name]


@pytest.mark.parametrize("cell", CELLS)
def test_without_a_library_the_answers_are_the_same(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    torch.manual_seed(0)
    recurrent = Recurrent(cell, 6, 20, layers=2)
    x = torch.randn(9, 6)
    index = torch.randint(0, 9, (4, 11), dtype=torch.int32)
    batch = Batch(index.long(), torch.tensor([3, 11, 1, 7]))
    answers = []
    for absent in (False, True):
        if absent:
            monkeypatch.setattr(choice, "library", lambda: None)
            assert choose_backend(x, cell) == ("fused" if cell == "lstm" else "reference")
        answers.append(recurrent(x, index, batch)[batch.mask()].detach())
    for backend in ("fused", "reference"):
        with use_backend(backend):  # type: ignore[arg-type]
            answers.append(recurrent(x, index, batch)[batch.mask()].detach())
    for answer in answers[1:]:
        torch.testing.assert_close(answers[0], answer, rtol=0, atol=1e-5)


def test_no_library_or_another_one_is_not_used(tmp_path: Path) -> None:
    assert open_library(tmp_path) is None
    (tmp_path / LIBRARY).write_bytes(b"no library")
    assert open_library(tmp_path) is None


@needs_compiler
def test_a_library_is_built_used_and_no_longer_used_once_a_source_changes(tmp_path: Path) -> None:
    for name in ("library.c", "helper_thread.c", "common.h", "helper_thread.h", "recurrence.h"):
        shutil.copy(SOURCES / name, tmp_path)
    (tmp_path / "variants.c").write_text(  # the real ones take the compiler long
        '#include "common.h"\n'
        "#define NONE(v) int v##_forward(int c, const Recurrence *w) { return c + !w; } "
        "int v##_backward(int c, const Recurrence *w) { return c + !w; } "
        "int v##_gather(const Gather *s) { return !s; } "
        "int v##_linear(const Linear *l) { return !l; } int v##_pack(const Pack *p) { return !p; }\n"
        "NONE(avx512_float) NONE(avx512_bf16) NONE(avx2_float)\n"
        "int avx512_float_adam(const Adam *a) { return !a; } int avx2_float_adam(const Adam *a) { return !a; }\n"
    )
    assert compile_library(tmp_path) == tmp_path / LIBRARY
    assert open_library(tmp_path) is not None
    source = tmp_path / "library.c"
    source.write_text(source.read_text() + "\n/* changed */\n")
    assert open_library(tmp_path) is None
    source.write_text("no C")
    assert compile_library(tmp_path) is None
    assert not (tmp_path / LIBRARY).exists()


def test_without_a_compiler_nothing_is_built_and_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert compile_library(tmp_path) is None
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_library(tmp_path) is None
