"""ONNX Runtime is imported in one place, which switches off its telemetry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import recurra
from support.written_models import MODELS

PACKAGE = Path(recurra.__file__).parent


def test_a_model_that_answers_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    code = "import recurra, sys; recurra.load(sys.argv[1]).graph"
    subprocess.run(
        [sys.executable, "-c", code, str(MODELS / "classify")], env=kept | {"HOME": str(tmp_path)}, check=True
    )
    assert list(tmp_path.rglob("*")) == []


def test_no_other_module_imports_it() -> None:
    importing = [path.name for path in PACKAGE.rglob("*.py") if "import onnxruntime" in path.read_text("utf-8")]
    assert importing == ["runtime.py"]
