"""Files with ranked labels and a column for each label, whatever the labels are, compared with predict_proba."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recurra
from recurra.errors import OptionError, OutputError
from recurra.inference.kernel_layers import available
from recurra.tasks.classify import predict_file as module
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import PredictOptions
from recurra.terminal.progress import Reporter
from support.live_server import made_texts, write_model
from support.stopped_runs import Stopped

needs_kernel = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")
QUIET = Reporter(quiet=True)
LABELS = ("=1+1", 'say "no"', "a,b", "two\nlines", " trimmed")
BOTH = {"top": 3, "probabilities": True, "answer_empty": True}
LABEL = st.text(
    st.one_of(st.sampled_from('=+-@\t\r\n",; aA()'), st.characters(exclude_categories=["Cs", "Cc"])), max_size=5
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    model: Classifier = recurra.load(write_model(tmp_path_factory.mktemp("labels") / "model", labels=LABELS))
    return model


def write_texts(path: Path, texts: list[str], **columns: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["text", *columns], *zip(texts, *columns.values(), strict=True)])
    return path


def read_table(path: Path) -> list[list[Any]]:
    """Return the header and the rows."""
    if path.suffix == ".parquet":
        frame = polars.read_parquet(path)
        return [frame.columns, *map(list, frame.iter_rows())]
    if path.suffix == ".jsonl":
        objects = [json.loads(line) for line in path.read_bytes().decode().split("\n")[:-1]]
        return [list(objects[0]), *(list(one.values()) for one in objects)]
    if path.suffix == ".tsv":
        return [line.split("\t") for line in path.read_bytes().decode().split("\n")[:-1]]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_the_columns_are_those_of_predict_proba(made: Classifier, tmp_path: Path, suffix: str) -> None:
    texts = made_texts(70)
    data = write_texts(tmp_path / "in.csv", texts, predicted_2=["mine"] * 70)
    output = tmp_path / f"out{suffix}"
    module.predict_file(made, str(data), output, PredictOptions(**BOTH), reporter=QUIET)
    header, *rows = read_table(output)
    shown = [label.replace("\n", " ") if suffix == ".tsv" else label for label in LABELS]
    assert header == [
        *("text", "predicted_2", "predicted", "probability", "truncated"),
        *("predicted_2_", "probability_2", "predicted_3", "probability_3"),
        *(f"p({label})" for label in shown),
    ]
    chances = made.predict_proba(texts)
    order = np.argsort(-chances, axis=1, kind="stable")
    assert [[row[2], row[5], row[7]] for row in rows] == [[shown[place] for place in row[:3]] for row in order]
    found = np.array([row[9:] for row in rows], dtype=np.float64)
    np.testing.assert_allclose(found, chances, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9 if suffix in (".jsonl", ".parquet") else 3e-6)
    ranked = np.array([[row[3], row[6], row[8]] for row in rows], dtype=np.float64)
    np.testing.assert_allclose(ranked, np.take_along_axis(chances, order[:, :3], axis=1), atol=1e-5)


@pytest.mark.parametrize("engine", [pytest.param("kernel", marks=needs_kernel), "onnxruntime"])
def test_either_engine(
    trained: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Callable[..., Any], engine: str
) -> None:
    monkeypatch.setenv("RECURRA_ENGINE", engine)
    model, texts = recurra.load(trained[0]), [text for text, _ in rows(40)]
    assert model.engine.identity.startswith(engine)
    data = write_texts(tmp_path / "in.csv", texts)
    options = PredictOptions(**{**BOTH, "top": 9}, text="text")
    module.predict_file(model, str(data), tmp_path / "o.parquet", options, reporter=QUIET)
    frame = polars.read_parquet(tmp_path / "o.parquet")
    chances = model.predict_proba(texts)
    np.testing.assert_allclose(frame[["p(negative)", "p(positive)"]].to_numpy(), chances, atol=1e-5)
    assert frame["predicted"].to_list() == model.predict(texts).tolist()
    np.testing.assert_allclose(frame["probability_2"].to_numpy(), chances.min(axis=1), atol=1e-5)
    assert frame.columns[-4:-2] == ["predicted_2", "probability_2"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=st.lists(LABEL, min_size=5, max_size=5, unique=True), escape=st.booleans())
def test_any_labels(made: Classifier, tmp_path: Path, labels: list[str], escape: bool) -> None:
    """Each column has a name of its own that tells its label, and no cell of a spreadsheet runs."""
    model = Classifier(made.tokenizer, made._graph, labels, threads=1)
    texts = made_texts(9, seed=3)
    data = write_texts(tmp_path / "in.csv", texts)
    chances = model.predict_proba(texts)
    for suffix in (".csv", ".tsv", ".jsonl", ".parquet"):
        output = tmp_path / f"out{suffix}"
        escaped = escape and suffix in (".csv", ".tsv")
        module.predict_file(
            model, str(data), output, PredictOptions(**BOTH), overwrite=True, reporter=QUIET, escape_formulas=escaped
        )
        header, *rows = read_table(output)
        assert len(set(header)) == len(header) == 13
        for name, label in zip(header[8:], labels, strict=True):
            plain = label.translate(dict.fromkeys(map(ord, "\t\r\n"), " ")) if suffix == ".tsv" else label
            assert name.rstrip("_") == f"p({plain})"
        np.testing.assert_allclose(np.array([row[8:] for row in rows], dtype=np.float64), chances, atol=1e-5)
        if escaped:
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row[1:])


@pytest.fixture
def unfinished(made: Classifier, stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The input of a run that was stopped for each of out.csv, out.jsonl and out.parquet."""
    monkeypatch.setattr(module, "PIECE_ROWS", 8)
    monkeypatch.setattr(module, "PART_ROWS", 16)
    data = write_texts(tmp_path / "in.csv", made_texts(60))
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        output = tmp_path / name
        stopped(2, lambda: module.predict_file(made, str(data), output, PredictOptions(**BOTH), reporter=QUIET))  # noqa: B023
    return data


def test_a_resumed_run_writes_the_same_bytes(made: Classifier, unfinished: Path, tmp_path: Path) -> None:
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        output, whole = tmp_path / name, tmp_path / f"whole-{name}"
        for other in ({}, {**BOTH, "top": 2}, {**BOTH, "probabilities": False}):
            with pytest.raises(OutputError, match=r"cannot be continued: .*(top|probabilities) was"):
                module.predict_file(made, str(unfinished), output, PredictOptions(**other), reporter=QUIET, resume=True)
        module.predict_file(made, str(unfinished), output, PredictOptions(**BOTH), reporter=QUIET, resume=True)
        module.predict_file(made, str(unfinished), whole, PredictOptions(**BOTH), reporter=QUIET)
        assert output.read_bytes() == whole.read_bytes()


def test_rows_of_which_nothing_is_known_have_empty_cells(made: Classifier, tmp_path: Path) -> None:
    data = write_texts(tmp_path / "in.csv", ["w1 w2", "unheard"])
    options = PredictOptions(top=2, probabilities=True)
    module.predict_file(made, str(data), tmp_path / "out.csv", options, reporter=QUIET)
    known, unknown = read_table(tmp_path / "out.csv")[1:]
    assert all(known[1:]) and unknown == ["unheard", "", "", "False", *[""] * 7]


def test_more_labels_than_a_file_gets_columns(tmp_path: Path) -> None:
    labels = tuple(f"l{place}" for place in range(2_100))
    model = recurra.load(write_model(tmp_path / "model", labels=labels))
    data = write_texts(tmp_path / "in.csv", made_texts(3))
    with pytest.raises(OptionError, match=r"^--probabilities would write 2,102 columns.*--top 10"):
        module.predict_file(model, str(data), tmp_path / "out.csv", PredictOptions(probabilities=True), reporter=QUIET)
    module.predict_file(model, str(data), tmp_path / "out.csv", PredictOptions(top=4), reporter=QUIET)
    assert len(read_table(tmp_path / "out.csv")[0]) == 1 + 3 + 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "model", "out.csv"]


def test_texts_get_ranked_labels(
    made: Classifier, tmp_path: Path, cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]]
) -> None:
    directory = write_model(tmp_path / "model", labels=LABELS)
    texts = made_texts(4, seed=9)
    answers = only_json(cli("predict", directory, "--json", "--top", "3", *texts).stdout)["predictions"]
    chances = recurra.load(directory).predict_proba(texts)
    for answer, row in zip(answers, chances, strict=True):
        falling = sorted(range(5), key=lambda place: -row[place])[:3]
        assert [one["label"] for one in answer["top"]] == [LABELS[place] for place in falling]
        assert [one["probability"] for one in answer["top"]] == pytest.approx(row[falling], abs=1e-6)
        assert answer["top"][0] == {"label": answer["label"], "probability": answer["probability"]}
    lines = cli("predict", directory, "--top", "50", *texts).stdout.splitlines()
    assert [len(line.split("\t")) for line in lines] == [10] * 4
    for words, said in (
        (("--top", "0", "text"), "--top cannot be 0: it must be at least 1"),
        (("--top", "two", "text"), "--top"),
        (("--probabilities", "text"), "--probabilities can only go with --input"),
    ):
        refused = cli("predict", directory, *words)
        assert (refused.exit_code, refused.stdout) == (2, "") and said in refused.stderr
