"""`recurra explain`: a model that has learnt its words is explained by them; terminal, JSON and page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import recurra
from recurra.many_to_one.explanation_text import coloured
from recurra.many_to_one.occlusion import hidden

DECIDING = {"good", "great", "lovely", "brilliant", "bad", "awful", "dull", "boring"}
TEXT = "the plot was dull and boring\nit was a film with music"


@pytest.fixture(scope="module")
def directory(trained: tuple[Path, dict[str, Any]]) -> Path:
    return trained[0]


def test_the_deletion_test_on_texts_that_two_words_decide(directory: Path, rows: Callable[..., Any]) -> None:
    """Hiding the two strongest words moves the answer more than hiding two random or the two weakest ones."""
    model, rng = recurra.load(directory), np.random.default_rng(0)
    falls: dict[str, list[float]] = {"strongest": [], "random": [], "weakest": []}
    found = 0
    for text, _ in rows(80, seed=9):
        explanation = model.explain(text)
        encoding, target = model.tokenizer.encode(text), model.classes_.tolist().index(explanation.label)
        contributions = np.array([word.contribution for word in explanation.words])
        ranked = {
            "strongest": np.argsort(-contributions)[:2],
            "random": rng.permutation(len(encoding))[:2],
            "weakest": np.argsort(np.abs(contributions))[:2],
        }
        found += {explanation.words[place].text for place in ranked["strongest"]} <= DECIDING
        _, probabilities = model.graph.run([encoding, *(hidden(encoding, places) for places in ranked.values())])
        for name, probability in zip(ranked, probabilities[1:, target], strict=True):
            falls[name].append(float(probabilities[0, target] - probability))
    assert found >= 60
    for other in ("random", "weakest"):
        lead = np.array(falls["strongest"]) - np.array(falls[other])
        draws = lead[rng.integers(0, len(lead), (1000, len(lead)))].mean(axis=1)
        assert np.quantile(draws, 0.025) > 0.1


def test_the_text_with_marks_and_the_sentences(cli: Callable[..., Any], directory: Path) -> None:
    result = cli("explain", directory, "Dull. A film with music.", "--top", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    first, _, shown, *rest = result.stdout.splitlines()
    assert re.fullmatch(r"negative  \(probability of negative: (1\.0|0\.[5-9])\d+\)", first)
    assert shown.startswith("Dull[+") and shown.endswith("]. A film with music.")
    assert shown.count("[") == 1
    assert rest[1].startswith("[+] speaks for negative, [-] against it")
    assert rest[-2].split()[0] == "Dull." and rest[-1].startswith("A film with music. ")
    other = cli("explain", directory, "Dull. A film with music.", "--top", 1, "--target", "positive").stdout
    assert "Dull[-" in other and "speaks for positive" in other


def test_colours_only_where_they_are_wanted(directory: Path) -> None:
    explanation = recurra.load(directory).explain(TEXT)
    shown = coloured(explanation, explanation.top(2))
    styles = {str(span.style) for span in shown.spans}
    assert {"bold green", "dim"} <= styles
    assert str(shown).startswith("the plot was dull[+")
    for no_color, escape in ((False, "\x1b[1;32m"), (True, "\x1b[1m")):
        console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", no_color=no_color)
        console.print(shown)
        written = console.file.getvalue()  # type: ignore[attr-defined]
        assert escape in written
        assert ("\x1b[1;32m" in written) is not no_color


def test_json_is_what_python_gives(
    cli: Callable[..., Any], directory: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    found = only_json(cli("explain", directory, TEXT, "--json").stdout)
    assert found == json.loads(json.dumps(recurra.load(directory).explain(TEXT).to_dict()))
    assert found["label"] == found["target"] == "negative"
    assert {word["text"] for word in sorted(found["words"], key=lambda word: -word["contribution"])[:2]} == {
        "dull",
        "boring",
    }


def test_standard_input_is_one_text(
    cli: Callable[..., Any], directory: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    found = only_json(cli("explain", directory, "--json", input=f"\ufeff{TEXT}\n".encode()).stdout)
    assert found["text"] == f"{TEXT}\n"
    broken = cli("explain", directory, input=b"good \xff film")
    assert broken.exit_code == 1
    assert "Standard input, byte 6: 0xff is not valid utf-8" in broken.stderr


@pytest.mark.parametrize("text", ["", "   ", "unheardof", "\x1b[31mred\x1b]0;title\x07 [bold]good[/bold]", "<br />"])
def test_texts_without_words_and_texts_with_commands(cli: Callable[..., Any], directory: Path, text: str) -> None:
    result = cli("explain", directory, text)
    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.stdout and "\x07" not in result.stdout


def test_wrong_input_is_refused(cli: Callable[..., Any], directory: Path, tmp_path: Path) -> None:
    unknown = cli("explain", directory, "good", "--target", "positve")
    assert unknown.exit_code == 2
    assert "no label 'positve'. It has: negative, positive. Did you mean 'positive'?" in unknown.stderr
    assert cli("explain", directory, "good", "--top", 0).exit_code == 2
    nowhere = cli("explain", tmp_path / "none", "good")
    assert nowhere.exit_code == 1 and "does not exist" in nowhere.stderr


def test_the_page(cli: Callable[..., Any], directory: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = cli("explain", directory, "good <script>alert(1)</script> film", "--html", page)
    assert (result.exit_code, result.stdout) == (0, "")
    assert str(page) in result.stderr
    content = page.read_text(encoding="utf-8")
    assert "<script" not in content and "script" in content
    again = cli("explain", directory, "bad", "--html", page)
    assert again.exit_code == 1 and "exists already" in again.stderr
    assert page.read_text(encoding="utf-8") == content
    assert cli("explain", directory, "bad", "--html", page, "--overwrite").exit_code == 0
    assert page.read_text(encoding="utf-8") != content


DRIVER = """
import sys
from recurra.cli.app import app
try:
    app()(["explain", *sys.argv[1:]])
finally:
    assert not {"torch", "sklearn", "onnx", "jinja2", "matplotlib"} & set(sys.modules)
"""


def test_no_training_framework_is_needed(process: Callable[..., Any], directory: Path, tmp_path: Path) -> None:
    result = process(DRIVER, directory, "a good film", "--html", tmp_path / "page.html", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["label"] == "positive"


def test_the_page_makes_no_folders(cli: Callable[..., Any], directory: Path, tmp_path: Path) -> None:
    result = cli("explain", directory, "good film", "--html", tmp_path / "none" / "page.html")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"there is no folder {tmp_path / 'none'}. Make it first" in result.stderr
    result = cli("explain", directory, "good film", "--html", tmp_path, "--overwrite")
    assert result.exit_code == 1 and "is a folder" in result.stderr
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("a file")
    result = cli("explain", directory, "good film", "--html", tmp_path / "file" / "page.html")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "A part of that path is a file: choose another place." in result.stderr and "mkdir" not in result.stderr
