"""Models in the place of those that come with the package."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recurra.storage import packaged_models
from support.live_server import write_model
from support.tampered_models import copied, put
from support.written_models import MODELS

Packager = Callable[..., Path]

CARD = """# tone-en

**Says whether** an English
sentence is `kind`.

Licence: Apache-2.0 for the weights.

## Use
"""


@pytest.fixture
def packaged(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Packager:
    """Let a small model come with the package under a name, in an empty working folder; return its directory."""
    models = tmp_path_factory.mktemp("models")
    monkeypatch.setattr(packaged_models, "MODELS", models)
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))

    def place(name: str = "tone-en", task: str = "classify", card: str = CARD) -> Path:
        directory = copied(MODELS / task, models / name)
        put(directory, "README.md", card.encode())
        return directory

    return place


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package with the model tone-en in it, which new processes import; return it."""
    import recurra

    source = Path(recurra.__file__).parent
    copy = tmp_path / "installed" / "recurra"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("models", "__pycache__"))
    write_model(copy / "models" / "tone-en")
    monkeypatch.setenv("PYTHONPATH", str(copy.parent))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return copy
