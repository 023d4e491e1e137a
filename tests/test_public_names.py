"""The public names, and what the package asks to be installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import recurra

TRAINING = {"torch", "scikit-learn", "scipy", "matplotlib", "onnx", "jinja2"}


def test_these_names_are_public() -> None:
    assert sorted(recurra.__all__) == [
        "Chatter",
        "Classifier",
        "ForecastModel",
        "Generator",
        "MultilabelClassifier",
        "RecurraError",
        "SequenceClassifier",
        "SequenceForecaster",
        "SequenceMultilabelClassifier",
        "SequenceRegressor",
        "SequenceTagger",
        "SequenceTranslator",
        "SeriesModel",
        "Tagger",
        "TextGenerator",
        "TextRegressor",
        "Transcriber",
        "Translator",
        "__version__",
        "load",
    ]
    assert dir(recurra) == sorted(recurra.__all__)
    for name in recurra.__all__:
        assert getattr(recurra, name) is not None


def test_a_renamed_name_still_works_and_warns() -> None:
    with pytest.warns(DeprecationWarning, match=r"recurra\.Model is deprecated; use recurra\.Classifier"):
        assert recurra.Model is recurra.Classifier


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'recurra' has no attribute 'SequenceClasifier'"):
        _ = recurra.SequenceClasifier


def test_every_error_has_one_root_and_an_exit_status() -> None:
    from recurra import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 12
    for kind in kinds:
        assert issubclass(kind, recurra.RecurraError)
        assert kind.exit_code in (1, 2, 130)
        assert f" {kind.__name__} " in (errors.__doc__ or ""), "the tree at the top of errors.py draws every kind"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    content = (Path(__file__).parents[1] / "pyproject.toml").read_bytes()
    found: dict[str, Any] = tomllib.loads(content.decode())["project"]
    return found


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~\[;]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


def test_the_base_installation_is_small(project: dict[str, Any]) -> None:
    base = names_of(project["dependencies"])
    assert len(base) <= 10
    assert not base & TRAINING
    assert TRAINING - {"scipy"} <= names_of(project["optional-dependencies"]["train"])


def test_what_training_needs_is_what_is_looked_for(project: dict[str, Any]) -> None:
    from recurra.training.installed import TRAINING as looked_for

    wanted = names_of(project["optional-dependencies"]["train"])
    assert {"scikit-learn" if name == "sklearn" else name for name in looked_for} == wanted


def test_the_command_is_there(project: dict[str, Any]) -> None:
    assert project["scripts"] == {"recurra": "recurra.cli.app:main"}
