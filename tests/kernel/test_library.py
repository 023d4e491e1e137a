"""A library is used where it was built from the sources beside it, and otherwise it is said why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recurra.kernel import library
from recurra.kernel.build import LIBRARY
from recurra.kernel.library import open_library, state


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder without a library, which is taken for that of the installation."""
    monkeypatch.setattr(library, "SOURCES", tmp_path)
    library.library.cache_clear()
    yield tmp_path
    library.library.cache_clear()


def test_no_library_or_another_one_is_not_used(elsewhere: Path) -> None:
    assert "not built when Recurra was installed" in str(open_library(elsewhere))
    assert library.library() is None
    (elsewhere / LIBRARY).write_bytes(b"no library")
    assert f"{elsewhere / LIBRARY} cannot be loaded" in str(open_library(elsewhere))
    assert state().startswith(f"No kernel: {elsewhere / LIBRARY} cannot be loaded")


def test_the_state_names_the_instruction_sets() -> None:
    found = library.library()
    assert (found is None) == state().startswith("No kernel: ")
    if found is not None and found.variants:
        assert state() == f"Kernel: {', '.join(found.variants)}."


def test_without_a_kernel_the_version_and_inspect_say_so(
    cli: Callable[..., Any],
    trained: tuple[Path, dict[str, Any]],
    elsewhere: Path,
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    missing = "No kernel: it was not built when Recurra was installed"
    shown = cli("--version").stdout.splitlines()
    assert shown[0].startswith("recurra ") and shown[1].startswith(missing)
    assert f"onnxruntime. {missing}" in cli("inspect", trained[0]).stdout
    found = only_json(cli("inspect", trained[0], "--json").stdout)
    assert found["engine"] == "onnxruntime" and found["kernel"].startswith(missing)
