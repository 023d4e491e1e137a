"""Where only the reading side is installed: it works, and training says which command installs the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

DRIVER = """
import json, sys

class Absent:
    names = {"torch", "sklearn", "scipy", "matplotlib", "onnx", "jinja2"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from typer.testing import CliRunner
import recurra
from recurra.cli.app import app

answers = []
for words in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app(), words)
    answers.append([result.exit_code, result.stdout, result.stderr])
try:
    recurra.SequenceClassifier
except ModuleNotFoundError as error:
    answers.append(str(error))
assert not Absent.names & set(sys.modules)
print(json.dumps(answers))
"""


def test_reading_works_and_training_names_the_extra_to_install(
    process: Callable[..., Any],
    trained: tuple[Path, dict[str, Any]],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    tmp_path: Path,
) -> None:
    model, data = str(trained[0]), str(write_csv(rows(30, seed=4)))
    out = str(tmp_path / "out.parquet")
    commands = [
        ["predict", model, "a good and lovely film"],
        ["predict", model, "--input", data, "--output", out],
        ["evaluate", model, data, "--json"],
        ["inspect", model],
        ["train", data, "--out", str(tmp_path / "m")],
        ["compare", data, "--out", str(tmp_path / "m")],
    ]
    result = process(DRIVER, json.dumps(commands))
    assert (result.returncode, result.stderr) == (0, "")
    *answers, classifier = json.loads(result.stdout)
    assert [answer[0] for answer in answers] == [0, 0, 0, 0, 2, 2], answers
    assert answers[0][1].startswith("positive\t")
    assert json.loads(answers[2][1])["rows"] == 30
    assert "Accuracy" in answers[3][1]
    for said in (answers[4][2], answers[5][2], classifier):
        assert "pip install '.[train]'" in said
        assert "torch" in said or "sklearn" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet", "reviews.csv"]
