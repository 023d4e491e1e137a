"""Tests mirror the package: `tests/<folder>/test_<file>.py` tests `src/recurra/<folder>/<file>.py`.

A file named `test_<file>_<side>.py` tests one side of a module that needs a file of its own: what only a browser shows,
how much memory it takes. `test_<folder>.py` beside a folder tests the modules in it through their front door.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PACKAGE = TESTS.parent / "src" / "recurra"

NO_MIRROR = {"contracts", "support", "benchmarks", "fixtures", "fuzz", "vowels"}
"""Folders of tests that are of no one folder of the package."""

WHOLE_PROGRAMS = {
    "test_docs": "the documentation",
    "test_public_names": "the names in recurra/__init__.py",
    "test_typed_use": "the types that they have for a type checker",
    "cli/test_base_installation": "every command where the extras are not installed",
    "server/test_fuzz": "bytes that no client sends",
    "server/test_interface": "the OpenAPI description",
    "server/test_overload": "more requests than there is room for",
    "server/test_tasks": "the routes of every task",
    "tasks/chat/test_commands": "a task from data to answers, through the command line",
    "tasks/generate/test_commands": "the same",
    "tasks/multilabel/test_commands": "the same",
    "tasks/regress/test_commands": "the same",
    "tasks/series/test_commands": "the same",
    "tasks/tag/test_commands": "the same",
    "tasks/transcribe/test_commands": "the same",
    "tasks/translate/test_commands": "the same",
}
"""Test files of no one module, and what each tests."""

WITHOUT_A_TEST: set[str] = {
    "cli/chat",
    "cli/generate",
    "cli/predict",
    "cli/probe",
    "cli/serve",
    "http/access_log",
    "http/body",
    "http/errors",
    "http/inference_protocol",
    "http/metrics",
    "http/sampling",
    "http/served_task",
    "nn/backends/fused",
    "nn/backends/reference",
    "nn/recurrent",
    "probe/budget",
    "seq2seq/learn/fit",
    "seq2seq/options",
    "seq2seq/session",
    "server/app",
    "server/start",
    "server/supervisor",
    "server/worker",
    "tasks/chat/learn/trainer",
    "tasks/chat/task",
    "many_to_one/engines/engine",
    "many_to_one/http/explained",
    "many_to_one/http/served_texts",
    "tasks/classify/http/classifier",
    "tasks/classify/http/inference_protocol",
    "tasks/classify/http/predict",
    "tasks/classify/http/score",
    "tasks/classify/http/served",
    "many_to_one/learn/graph_pooling",
    "many_to_one/learn/objective",
    "many_to_one/parts",
    "tasks/classify/task",
    "tasks/generate/command",
    "tasks/generate/evaluate",
    "tasks/generate/learn/fit",
    "tasks/generate/learn/graph",
    "tasks/generate/session",
    "tasks/generate/task",
    "tasks/regress/http/predict",
    "tasks/regress/http/served",
    "tasks/regress/learn/trainer",
    "tasks/regress/task",
    "tasks/tag/evaluate",
    "tasks/tag/learn/objective",
    "tasks/tag/learn/trainer",
    "tasks/tag/model",
    "tasks/tag/shape",
    "tasks/tag/tagged_file",
    "tasks/tag/task",
    "tasks/translate/learn/attention_map",
    "tasks/translate/learn/trainer",
    "tasks/translate/metrics",
    "tasks/translate/model",
    "tasks/translate/options",
    "tasks/translate/task",
    "terminal/history",
    "training/comparison_plot",
    "training/control",
    "training/fit",
    "training/trainer",
}
"""Modules that have no test file of their own name. The list may only get shorter."""


def modules() -> set[str]:
    """Return the modules of the package that compute something, as "folder/name"."""
    return {
        str(path.relative_to(PACKAGE).with_suffix(""))
        for path in PACKAGE.rglob("*.py")
        if path.stem not in ("__init__", "__main__") and _has_functions(path)
    }


def _has_functions(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def mirroring_files() -> list[str]:
    """Return the test files that mirror the package, as "folder/test_name"."""
    names = sorted(path.relative_to(TESTS).with_suffix("") for path in TESTS.rglob("test_*.py"))
    return [str(name) for name in names if name.parts[0] not in NO_MIRROR]


def subject(name: str) -> str | None:
    """Return the module, or the folder of modules, that a test file is named after; None where there is none."""
    folder, _, file = name.rpartition("/")
    words = file.removeprefix("test_").split("_")
    candidates = ["/".join(filter(None, (folder, "_".join(words[:end])))) for end in range(len(words), 0, -1)]
    return next((it for it in candidates if (PACKAGE / f"{it}.py").is_file()), None) or (
        candidates[0] if (PACKAGE / candidates[0] / "__init__.py").is_file() else None
    )


@pytest.mark.parametrize("name", mirroring_files())
def test_every_test_file_is_named_after_what_it_tests(name: str) -> None:
    assert (subject(name) is None) == (name in WHOLE_PROGRAMS), (
        f"tests/{name}.py: name it after a module of src/recurra in the same folder, or say what it tests in "
        "WHOLE_PROGRAMS"
    )


def test_no_list_names_a_file_that_is_gone() -> None:
    assert set(WHOLE_PROGRAMS) <= set(mirroring_files())
    assert modules() >= WITHOUT_A_TEST


def test_every_module_has_a_test_of_its_name_or_is_listed() -> None:
    untested = modules() - {subject(name) for name in mirroring_files()}
    assert not untested - WITHOUT_A_TEST, "write tests/<folder>/test_<file>.py for each of them"
    assert not WITHOUT_A_TEST - untested, "these have a test file now: take them off WITHOUT_A_TEST"
