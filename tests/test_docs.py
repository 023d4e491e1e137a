"""The documentation says what the code does: reference, links, commands, examples, make targets."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import typer.main
from typer.testing import CliRunner

import recurra
from recurra import SequenceClassifier
from recurra.cli.app import app
from recurra.cli.train import train
from recurra.tasks.configuration import read_config, task_options
from recurra.tasks.registry import TASKS
from recurra.terminal.progress import Reporter
from support.speech import TINY, spoken, texts, wav_bytes, write_speech
from support.written_models import MODELS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
COMMANDS: dict[str, Any] = typer.main.get_command(app()).commands  # type: ignore[attr-defined]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """Return a page without its fenced blocks and its code spans."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------------------------------------ generated pages


def test_the_generated_pages_are_fresh(generate: ModuleType) -> None:
    stale = [named(path) for path, content in generate.generated().items() if path.read_text("utf-8") != content]
    assert not stale, f"run `make docs` and commit: {', '.join(stale)}"


def test_check_names_a_stale_page_and_writing_mends_it(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("old")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generated", lambda: {page: "new"})
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 1
    assert "page.md" in capsys.readouterr().out and page.read_text() == "old"
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generate.main() == 0 and page.read_text() == "new"
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 0


def test_a_recorded_chat_has_a_row_for_dialogues_unlike_those_in_training(generate: ModuleType, tmp_path: Path) -> None:
    assert generate.chat_table(tmp_path) == "No run is recorded yet."
    scores = {
        "rows": 7_004,
        "perplexity": 50.16,
        "perplexity_of_another_context": 60.1,
        "right_choice": 0.4,
        "right_choice_ci95": [0.351, 0.45],
        "choices": 10,
    }
    metrics = {"test": {**scores, "apart": {**scores, "rows": 5_460}}, "baseline": {**scores, "apart": scores}}
    run = {"name": "chat", "command": "recurra train", "machine": "2 cores", "wall_seconds": 800.4, "metrics": metrics}
    (tmp_path / "chat.json").write_text(json.dumps(run), encoding="utf-8")
    lines = generate.chat_table(tmp_path).splitlines()
    assert lines[2].startswith("| all | 7,004 | 50.2 | 60.1 | 40.0 % [35.1 to 45.0] |")
    assert lines[3].startswith("| unlike those in training | 5,460 |")
    assert "Chance finds 10.0 %." in lines[-1] and lines[-1].endswith("800 s in all.")
    (tmp_path / "chat.json").write_text(json.dumps(run | {"note": "On one thread."}), encoding="utf-8")
    assert generate.chat_table(tmp_path).endswith("800 s in all. On one thread.")


def test_a_recorded_translator_stands_beside_its_baseline(generate: ModuleType, tmp_path: Path) -> None:
    assert generate.translate_table(tmp_path) == "No run is recorded yet."
    scores = {"rows": 1_013, "bleu": 40.768, "bleu_ci95": [39.3, 42.21], "chrf": 61.1, "chrf_ci95": [60, 62.2]}
    metrics = {"test": scores, "baseline": {**scores, "bleu": 26.3, "name": "Word-for-word dictionary"}}
    run = {"name": "x", "command": "recurra train", "machine": "2 cores", "cpu_seconds": 734.2, "metrics": metrics}
    (tmp_path / "translate.json").write_text(json.dumps(run), encoding="utf-8")
    lines = generate.translate_table(tmp_path).splitlines()
    assert lines[0] == "| 1,013 held-out texts | BLEU | chrF |"
    assert lines[2] == "| the model | 40.8 [39.3 to 42.2] | 61.1 [60.0 to 62.2] |"
    assert lines[3].startswith("| word-for-word dictionary | 26.3 [")
    assert "734 s of processor time" in lines[-1]


def test_numbers_come_from_recorded_runs_and_an_absent_one_has_no_row(generate: ModuleType, tmp_path: Path) -> None:
    assert "|" not in generate.numbers(tmp_path) and "|" not in generate.tokens_table(tmp_path)
    run = {
        "name": "IMDB",
        "command": "recurra train imdb --out m --json",
        "machine": "2 cores",
        "metrics": {
            "test": {"accuracy": 0.91234, "accuracy_ci95": [0.9, 0.92], "rows": 4500},
            "train": {"accuracy": 0.95},
            "baseline": {"accuracy": 0.9, "accuracy_ci95": [0.89, 0.91]},
            "paired": {"difference": 0.01234, "p_value": 0.0004},
            "timing": {"total": 200.4},
        },
    }
    (tmp_path / "imdb.json").write_text(json.dumps(run))
    rows = [line for line in generate.numbers(tmp_path).splitlines() if line.startswith("| IMDB, Recurra")]
    accuracy = "**91.2 %** [90.0 to 92.0], 4,500 rows | 90.0 % [89.0 to 91.0]"
    assert rows == [f"| IMDB, Recurra's defaults | {accuracy} | +1.2 points, p < 0.001 | 95.0 % | 200 s |"]
    (tmp_path / "imdb.json").write_text(json.dumps({"name": "IMDB"}))
    with pytest.raises(ValueError, match="command, machine, metrics"):
        generate.numbers(tmp_path)


# ------------------------------------------------------------------------------------------------ command line


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_and_option_is_in_the_reference(command: str) -> None:
    """The oracle is the help that a user reads, not the objects that the page is made from."""
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert f"## recurra {command}\n" in page
    section = page.split(f"## recurra {command}\n")[1].split("\n## ")[0]
    result = CliRunner().invoke(app(), [command, "--help"], terminal_width=200, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
    told = set(re.findall(r"^│[ *]+(--[a-z0-9-]+)", plain, re.MULTILINE)) - {"--help"}
    assert told and not [option for option in told if f"`{option}`" not in section]
    assert re.search(r"Example: recurra " + command, plain)


def examples() -> Iterator[tuple[str, list[str]]]:
    for path in PAGES:
        for block in [*blocks(path, "console"), *blocks(path, "bash"), *blocks(path, "sh")]:
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("$ ") and (words := shlex.split(line[2:], comments=True))[:1] == ["recurra"]:
                    yield named(path), words[1:]


@pytest.mark.parametrize(("page", "words"), [pytest.param(*e, id=f"{e[0]}: {' '.join(e[1])}") for e in examples()])
def test_every_command_in_an_example_can_be_parsed(page: str, words: list[str]) -> None:
    words = words[: words.index("<")] if "<" in words else words
    assert words[0] in COMMANDS, f"{page}: there is no command {words[0]}"
    COMMANDS[words[0]].make_context(words[0], words[1:])  # raises for an unknown option or a value out of range


def test_options_named_in_prose_exist() -> None:
    known = {option for c in COMMANDS.values() for p in c.params for option in (*p.opts, *p.secondary_opts)}
    known |= {"--version", "--check", "--help"}
    for path in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for span in re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8")):
            if span.startswith("--") or span.startswith("recurra "):
                for option in re.findall(r"(?<!\S)--[a-z][a-z0-9-]*", span):
                    assert option in known or option.startswith("--install") or option.startswith("--show"), (
                        f"{named(path)}: {option}"
                    )


def test_config_files_in_examples_are_accepted(tmp_path: Path) -> None:
    found = [(path, block) for path in PAGES for block in blocks(path, "toml")]
    assert found
    for _, block in found:
        (tmp_path / "options.toml").write_text(block)
        assert read_config(tmp_path / "options.toml")


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))], ids=named)
def test_make_targets_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    told = set(re.findall(r"`make ([a-z-]+)`", text)) | set(re.findall(r"^\$ make ([a-z-]+)", text, re.MULTILINE))
    assert told <= targets, f"no such target: {', '.join(told - targets)}"
    assert path.name != "README.md" or path.parent != ROOT or {"demo", "test", "docs"} <= told


# ------------------------------------------------------------------------------------------------ Python examples


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("docs") / "model"
    texts, labels = ["A wonderful film.", "A dreadful film."] * 10, ["good", "bad"] * 10
    SequenceClassifier(hidden=4, embedding=4, epochs=1, threads=1).fit(texts, labels).save(directory)
    return directory


SMALL = {"hidden": 8, "embedding": 8, "epochs": 1, "batch": 8, "threads": 1, "valid": 0.1, "baseline": False}


@pytest.fixture(scope="module")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a barely trained model of each other task, under the names that the pages use."""
    folder = tmp_path_factory.mktemp("tasks")
    words, rng = ["the", "dog", "runs", "a", "cat", "sleeps", "far", "away"], np.random.default_rng(0)
    lines = [" ".join(rng.choice(words, 6)) + "." for _ in range(59)]
    (folder / "text.txt").write_text("\n".join(lines * 3))
    (folder / "other.txt").write_text("\n".join(line.upper() for line in lines * 3))
    said = [line[:-1].split() for line in lines]
    tagged = [{"tokens": tokens, "tags": ["A" if len(word) < 4 else "B" for word in tokens]} for tokens in said]
    (folder / "tagged.jsonl").write_text("".join(json.dumps(row) + "\n" for row in tagged))
    told = [{"turns": [lines[i], lines[(i * 7) % 59], f"{i}."]} for i in range(59)]
    (folder / "told.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told))
    pairs = [{"source": f"{i} {line}", "target": f"{i} {line.upper()}"} for i, line in enumerate(lines)]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs))
    for name, task, data, more in (
        ("writer", "generate", "text.txt", {"unroll": 16}),
        ("tagger", "tag", "tagged.jsonl", {}),
        ("translator", "translate", "pairs.jsonl", {"vocabulary": 300}),
        ("chatter", "chat", "told.jsonl", {"vocabulary": 300}),
    ):
        options = task_options({**SMALL, "task": task, **more})
        train(str(folder / data), folder / name, options, reporter=Reporter(quiet=True))
    return folder


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A barely trained transcriber that reads forward."""
    pytest.importorskip("soundfile")
    folder = tmp_path_factory.mktemp("speech")
    data = write_speech(folder, texts(20), 4)
    options = task_options({**TINY, "task": "transcribe", "direction": "forward", "epochs": 1})
    train(str(data), folder / "model", options, reporter=Reporter(quiet=True))
    return folder / "model"


PYTHON = [(path, i) for path in PAGES for i in range(len(blocks(path, "python")))]


@pytest.mark.parametrize(("path", "index"), PYTHON, ids=[f"{named(path)}-{i}" for path, i in PYTHON])
def test_every_python_example_runs(
    path: Path, index: int, saved_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any
) -> None:
    code = blocks(path, "python")[index]
    monkeypatch.chdir(tmp_path)
    for name in ("writer", "tagger", "translator", "chatter"):
        if f'"{name}"' in code:
            shutil.copytree(request.getfixturevalue("small_models") / name, tmp_path / name)
    for name in ("transcriber", "listener"):
        if f'"{name}"' in code:
            shutil.copytree(request.getfixturevalue("listener"), tmp_path / name)
    if '"regress-model"' in code:
        shutil.copytree(MODELS / "regress", tmp_path / "regress-model")
    if '"series-model"' in code:
        shutil.copytree(MODELS / "series", tmp_path / "series-model")
    if '"multilabel-model"' in code:
        shutil.copytree(MODELS / "multilabel", tmp_path / "multilabel-model")
    if '"forecast-model"' in code:
        shutil.copytree(MODELS / "forecast", tmp_path / "forecast-model")
    for name in ("a.wav", "b.flac"):
        (tmp_path / name).write_bytes(wav_bytes(spoken("oboe do")))  # what a file is, its bytes say
    if ".save(" not in code:
        shutil.copytree(saved_model, tmp_path / "model")
    (tmp_path / "texts.txt").write_text("A wonderful film.\nDull.\n")
    table = "Sentence #,Word,POS,Tag\nSentence: 1,Ana,NNP,B-PER\n,met,VBD,O\nSentence: 2,Bo,NNP,B-PER\n"
    (tmp_path / "ner_dataset.csv").write_text(table)
    names: dict[str, Any] = {"__name__": "example"}
    if path.name == "python.md":  # docstrings, which leave the imports and the data to the reader
        names |= {"recurra": recurra, "SequenceClassifier": SequenceClassifier}
        names |= {"SequenceMultilabelClassifier": recurra.SequenceMultilabelClassifier}
        names |= {"topics": [["film"], []] * 10, "values": np.ones((9, 2)), "history": np.arange(9.0)}
        names |= {"SequenceRegressor": recurra.SequenceRegressor, "stars": [9.0, 2.0] * 10}
        names |= {"texts": ["A wonderful film.", "A dreadful film."] * 10, "labels": ["good", "bad"] * 10}
    exec(compile(code, f"{named(path)}, example {index}", "exec"), names)


# ------------------------------------------------------------------------------------------------ links


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as the site names them (and GitHub, for headings as plain as ours)."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        plain = unicodedata.normalize("NFKD", re.sub(r"[`*]", "", heading)).encode("ascii", "ignore").decode()
        found.add(re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower()))
    return found


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_relative_links_and_anchors_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), f"{target} is not https"
            continue
        place, _, anchor = unquote(target).partition("#")
        file = (path.parent / place).resolve() if place else path
        assert file.exists(), f"{target} does not exist"
        if DOCS in path.parents:
            assert DOCS in file.parents, f"{target} leads out of the site"
        if anchor:
            assert anchor in anchors(file), f"{target}: {file.name} has no such heading"


def test_links_with_brackets_in_their_text_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[`a[b]`](there.md) and ![picture](x.png)\n```\n[no](no.md)\n```\n")
    assert re.findall(r"\]\(([^)\s]+)\)", prose(page)) == ["there.md", "x.png"]


def test_every_page_is_in_the_navigation_and_every_decision_in_the_list() -> None:
    listed = re.findall(r"(?:- |: )([\w./-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
    decisions = sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))
    numbers = [name[:4] for name in decisions]
    assert len(set(numbers)) == len(numbers), "a number is one decision's; one that was given up leaves a gap"
    told = re.findall(r"\(([\w-]+\.md)\)", (DOCS / "decisions" / "index.md").read_text(encoding="utf-8"))
    assert told == decisions


def test_every_page_of_the_source_that_is_named_exists() -> None:
    for path in DOCS.rglob("*.md"):
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|json|toml))`", path.read_text(encoding="utf-8")):
            roots = (ROOT / "src" / "recurra", ROOT)
            assert any((root / name).exists() for root in roots), f"{named(path)}: {name} does not exist"


def test_the_overview_draws_the_folders_and_the_layers_that_there_are() -> None:
    tree, rule = blocks(DOCS / "overview.md", "text")[:2]
    folders = {path.parent.name for path in (ROOT / "src" / "recurra").glob("*/__init__.py")}
    assert set(re.findall(r"^[├└]── (\w+)/", tree, re.MULTILINE)) == folders
    assert set(re.findall(r"^│   [├└]── (\w+)/", tree, re.MULTILINE)) == set(TASKS)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert " ".join(rule.split()) == " > ".join(contracts[0]["layers"])


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs-material is not installed (the extra `docs`)")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    result = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for page in (tmp_path / "site").rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|iframe)[^>]*\ssrc=[\"']?(https?:|//)|<link[^>]*rel=[\"']?"
            r"(?:stylesheet|preconnect|preload)[^>]*href=[\"']?(https?:|//)",
            page.read_text("utf-8"),
        )
        assert not loaded, f"{page.name} loads {loaded}"
    assert not (tmp_path / "site" / "generate.py").exists()
