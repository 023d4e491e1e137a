"""The import rules of pyproject.toml: each is broken by a violation that is planted in a copy of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import recurra
from recurra.tasks.registry import TASKS

PACKAGE = Path(recurra.__file__).parent
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
CONTRACTS = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

LAYERS, INDEPENDENT, ACYCLIC, PROTECTED, FORBIDDEN = (contract["name"] for contract in CONTRACTS)

VIOLATIONS = {
    "a lower layer imports a higher one": (LAYERS, "http/keys.py", "from recurra.tasks import registry"),
    "so it is for a type checker": (
        LAYERS,
        "nn/dropout.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from recurra.training.loop import Run",
    ),
    "a folder that has no layer": (LAYERS, "helpers/__init__.py", ""),
    "a task imports another": (INDEPENDENT, "tasks/tag/model.py", "from recurra.tasks.classify import shape"),
    "a task imports another when it is called": (
        INDEPENDENT,
        "tasks/chat/evaluate.py",
        "def borrowed():\n    from recurra.tasks.translate import metrics",
    ),
    "two files import each other": (ACYCLIC, "text/words.py", "from recurra.text import sentences, stable_prefix"),
    "the server imports what trains": (PROTECTED, "server/app.py", "from recurra.training import schedules"),
    "evaluating imports a task's training": (
        PROTECTED,
        "tasks/tag/evaluate.py",
        "def late():\n    from recurra.tasks.tag.learn import fit",
    ),
    "what answers imports torch": (FORBIDDEN, "tasks/generate/model.py", "import torch"),
    "what answers imports scikit-learn": (FORBIDDEN, "tasks/classify/model.py", "def f():\n    import sklearn.metrics"),
    "the server imports onnx": (FORBIDDEN, "server/process.py", "import onnx"),
}


def lint(package: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", str(PROJECT), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = tmp_path_factory.mktemp("linted") / "recurra"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    return package


def test_the_package_keeps_every_rule(copy: Path, tmp_path: Path) -> None:
    result = lint(copy, tmp_path)
    assert result.returncode == 0, result.stdout[-2000:]
    for contract in CONTRACTS:
        assert f"{contract['name']} KEPT" in result.stdout


@pytest.mark.parametrize("case", list(VIOLATIONS))
def test_a_violation_is_found(copy: Path, tmp_path: Path, case: str) -> None:
    contract, name, code = VIOLATIONS[case]
    path = copy / name
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n\n{code}\n", encoding="utf-8")
    try:
        result = lint(copy, tmp_path)
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before, encoding="utf-8")
    assert result.returncode == 1
    assert f"{contract} BROKEN" in " ".join(result.stdout.split()), result.stdout[-2000:]


def test_the_rule_of_independence_names_every_task() -> None:
    (independence,) = (contract for contract in CONTRACTS if contract["type"] == "independence")
    assert independence["modules"] == [f"recurra.tasks.{name}" for name in TASKS]


def test_the_root_holds_the_public_names_the_errors_and_a_former_home_alone() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "errors.py"}
