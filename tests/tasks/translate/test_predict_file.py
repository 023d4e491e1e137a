"""Whole files are translated: every format, typed values kept, and the same bytes after a stop as without one."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest

import recurra
from recurra.errors import ColumnError, OptionError, OutputError
from recurra.tasks.translate import predict_file as module
from recurra.tasks.translate.model import Translated
from recurra.tasks.translate.options import TranslatePredictOptions
from recurra.terminal.progress import Reporter
from support.written_models import MODELS

MODEL = MODELS / "translate"
ROWS = 30


class Reversing:
    """A translator whose answers can be foretold."""

    manifest = None

    def translate_iter(self, texts: list[str], **search: Any) -> Any:
        for text in texts:
            yield Translated(f"={text[::-1]}\n\0", 0.0, truncated="1" in text, ended=True)


def expected(text: str) -> str:
    return " ".join(f"={text[::-1]}\n\0".splitlines())


def predict(
    data: Path, output: Path, *, resume: bool = False, escape_formulas: bool = False, **options: Any
) -> dict[str, Any]:
    return module.predict_file(
        Reversing(),  # type: ignore[arg-type]
        str(data),
        output,
        TranslatePredictOptions(**options),
        resume=resume,
        escape_formulas=escape_formulas,
        reporter=Reporter(quiet=True),
    )


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXTS_IN_MEMORY", 4)


def made(folder: Path, suffix: str) -> Path:
    path = folder / f"in{suffix}"
    rows = [{"id": n, "text": f"text\u2028 {n}", "nasty": f'=1,"{n}"'} for n in range(ROWS)]
    if suffix == ".parquet":
        polars.DataFrame(rows).write_parquet(path)
    elif suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(rows[0]), *(row.values() for row in rows)])
    else:
        path.write_text("".join(f"{row['text']}\n" for row in rows), encoding="utf-8")
    return path


FORMATS = [(".csv", ".csv"), (".csv", ".tsv"), (".jsonl", ".jsonl"), (".parquet", ".parquet"), (".csv", ".parquet"),
           (".txt", ".txt")]  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), FORMATS)
def test_a_run_stopped_and_resumed_writes_the_same_bytes(
    tmp_path: Path, stopped: Callable[..., None], given: str, wanted: str
) -> None:
    data, output, whole = made(tmp_path, given), tmp_path / f"out{wanted}", tmp_path / f"whole{wanted}"
    options = {} if given == ".txt" else {"source": "text"}
    counts = predict(data, whole, **options)
    assert counts == {"rows": ROWS, "truncated_rows": 12, "empty_rows": 0, "output": str(whole), "rejected_rows": 0}
    stopped(3, lambda: predict(data, output, **options))
    with pytest.raises(OutputError, match=r"unfinished run .*--resume"):
        predict(data, output, **options)
    with pytest.raises(OutputError, match="options beam was null and is now 3"):
        predict(data, output, **options, beam=3, resume=True)
    assert predict(data, output, **options, resume=True) == counts | {"output": str(output)}
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == sorted([data.name, output.name, whole.name])


def test_typed_values_stay_typed(tmp_path: Path) -> None:
    predict(made(tmp_path, ".parquet"), tmp_path / "out.parquet", source="text")
    table = polars.read_parquet(tmp_path / "out.parquet")
    assert table.schema == {"id": polars.Int64, "text": polars.String, "nasty": polars.String,
                            "translation": polars.String}  # fmt: skip
    assert table["translation"].to_list() == [expected(text) for text in table["text"].to_list()]
    predict(made(tmp_path, ".jsonl"), tmp_path / "out.jsonl", source="text")
    for number, line in enumerate((tmp_path / "out.jsonl").read_text("utf-8").split("\n")[:-1]):
        row = json.loads(line)
        assert (row["id"], row["translation"]) == (number, expected(row["text"]))


def test_formulas_are_defused_in_the_answers_too(tmp_path: Path) -> None:
    predict(made(tmp_path, ".csv"), tmp_path / "out.csv", source="text", escape_formulas=True)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["translation"][:2] for row in rows} == {"'="} == {row["nasty"][:2] for row in rows}
    with pytest.raises(OptionError, match=r"--escape-formulas is for \.csv and \.tsv"):
        predict(tmp_path / "in.csv", tmp_path / "out.jsonl", source="text", escape_formulas=True)


def test_a_real_model_translates_a_file(tmp_path: Path) -> None:
    data = tmp_path / "in.txt"
    data.write_text("the film was good\n\na river\n")
    model = recurra.load(MODEL)
    options = TranslatePredictOptions(beam=1)
    module.predict_file(model, str(data), tmp_path / "out.txt", options, reporter=Reporter(quiet=True))
    texts = (tmp_path / "out.txt").read_text("utf-8").split("\n")[:-1]
    assert texts == model.translate(["the film was good", "", "a river"], beam=1)


def test_a_source_that_is_no_column_is_refused_where_the_column_of_the_training_is_there(tmp_path: Path) -> None:
    data = tmp_path / "in.csv"
    data.write_text("source,sauce\none,uno\n")
    model = recurra.load(MODEL)
    options = TranslatePredictOptions(source="sorce", beam=1)
    with pytest.raises(ColumnError, match=r"no column 'sorce'.*Did you mean 'source'"):
        module.predict_file(model, str(data), tmp_path / "out.csv", options, reporter=Reporter(quiet=True))


def test_broken_rows_are_skipped_into_a_file_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "in.csv"
    data.write_text("id,text\n1,one\n2,two,many\n3,three\n")
    options = TranslatePredictOptions(source="text", bad_rows="skip")
    module.predict_file(Reversing(), str(data), tmp_path / "reported.csv", options)  # type: ignore[arg-type]
    assert f"1 broken rows were skipped; they are in {tmp_path / 'reported.csv.rejects'}" in capsys.readouterr().err
    result = predict(data, tmp_path / "out.csv", source="text", bad_rows="skip")
    assert (result["rows"], result["rejected_rows"]) == (2, 1)
    assert "two,many" in (tmp_path / "out.csv.rejects").read_text()
    with pytest.raises(OptionError, match="--bad-rows skip would move the lines"):
        predict(made(tmp_path, ".txt"), tmp_path / "out.txt", bad_rows="skip")


def test_empty_translations_are_counted_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "in.txt"
    data.write_text("a river\n\n   \nthe film\n")
    model = recurra.load(MODELS / "translate", task="translate")
    counts = module.predict_file(model, str(data), tmp_path / "out.txt", TranslatePredictOptions())
    assert (counts["rows"], counts["empty_rows"]) == (4, 2)
    assert [bool(line) for line in (tmp_path / "out.txt").read_text().splitlines()] == [True, False, False, True]
    assert "2 of 4 translations are empty" in capsys.readouterr().err
