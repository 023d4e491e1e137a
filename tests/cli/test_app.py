"""The command line as a whole: help, suggestions, exit statuses, and bad input of every kind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from recurra.cli.app import app
from recurra.storage.version import VERSION
from support.written_models import MODELS

COMMANDS = (
    "train", "tune", "pretrain", "evaluate", "predict", "explain", "generate", "inspect", "compare", "chat", "serve",
    "export", "models", "probe", "vectors",
)  # fmt: skip
TINY = ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1", "--no-baseline"]


def test_these_are_all_the_commands() -> None:
    assert [command.name for command in app().registered_commands] == list(COMMANDS)


def commands() -> dict[str, Any]:
    found: dict[str, Any] = get_command(app()).commands  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_every_option_a_sentence(
    cli: Callable[..., Any], command: str
) -> None:
    result = cli(command, "--help")
    assert result.exit_code == 0
    assert f"Example: recurra {command} " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    for parameter in commands()[command].params:
        assert re.match(r"[A-Z].*[.\]]", getattr(parameter, "help", None) or ""), parameter.name


IMPORTED = """
import sys
from recurra.cli.app import main
sys.argv = ["recurra", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted(name for name in sys.modules if not name.startswith("_")), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [("--help",), ("train", "--help"), ("serve", "--help"), ("--version",)])
def test_help_imports_no_engine_and_no_array(process: Callable[..., Any], words: tuple[str, ...]) -> None:
    result = process(IMPORTED, *words)
    assert result.returncode == 0
    imported = {name.partition(".")[0] for name in result.stderr.split()}
    assert not imported & {"numpy", "torch", "onnxruntime", "onnx", "duckdb", "tokenizers", "fastapi", "sklearn"}


def test_a_command_imports_no_other_command(process: Callable[..., Any]) -> None:
    imported = process(IMPORTED, "inspect", "--help").stderr.split()
    assert {name for name in imported if name.startswith("recurra.cli.")} <= {
        "recurra.cli.app",
        "recurra.cli.command",
        "recurra.cli.inspect",
        "recurra.cli.options",
        "recurra.cli.stop",
    }


INTERRUPTED = """
import sys
from recurra.cli import app

def interrupted(name):
    raise KeyboardInterrupt

app.import_module = interrupted
app.main()
"""


def test_an_interrupt_while_the_command_is_imported_is_one_word(process: Callable[..., Any]) -> None:
    result = process(INTERRUPTED, "predict", "model", "a")
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "Stopped.\n")


def test_the_help_of_a_task_is_about_that_task(cli: Callable[..., Any]) -> None:
    shown = " ".join(cli("train", "--task", "tag", "--help").stdout.split())
    assert "Train a model of the task tag: from sentences" in shown
    assert "--crf" in shown and "--beam" not in shown and "--pooling" not in shown


def test_help_and_version(cli: Callable[..., Any]) -> None:
    assert all(command in cli().stdout for command in COMMANDS)
    assert all(command in cli("-h").stdout for command in COMMANDS)
    version, kernel = cli("--version").stdout.splitlines()
    assert version == f"recurra {VERSION}" and re.match(r"(Kernel: .*\.|No kernel: .*)$", kernel)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trian",), "Did you mean 'train', 'pretrain'?"),
        (("train", "x.csv", "--out", "m", "--hiden", "3"), "There is no option '--hiden'. Did you mean '--hidden'?"),
        (("train", "x.csv", "--out", "m", "--max_tokens", "3"), "Did you mean '--max-tokens'?"),
        (("predict", "m", "--ouput", "x"), "Did you mean '--output'?"),
        (("train", "x.csv", "--out", "m", "--cell", "lstmm"), "'lstm', 'mingru', 'minlstm'. Did you mean 'lstm'"),
        (("train", "x.csv", "--out", "m", "--recipe", "tutorail"), "Did you mean 'tutorial'?"),
        (("train", "x.csv", "--out", "m", "--epochs", "many"), "it must be a whole number."),
        (("train", "x.csv", "--out", "m", "--split", "1.5"), "--split cannot be 1.5: it must be less than 1."),
        (("train", "x.csv", "--out", "m", "--threads", "0"), "--threads cannot be 0"),
        (("train", "x.csv", "--out", "m", "--split-column", "p", "--test", "t.csv"), "give one of them"),
        (("train", "x.csv", "--out", "m", "--config", "none.toml"), "The config file none.toml cannot be read"),
        (("train", "x.csv"), "Missing option '--out'"),
        (("train",), "Missing argument"),
        (("compare", "x.csv", "--out", "m", "--seeds", "0"), "--seeds"),
    ],
)
def test_a_wrong_command_line_is_explained(cli: Callable[..., Any], words: tuple[str, ...], said: str) -> None:
    result = cli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("recipe = []", "recipe cannot be []: it must be default or tutorial."),
        ("recipe = 'x'", "recipe cannot be 'x': it must be default or tutorial."),
        ("hidden = 'a'", "hidden cannot be 'a': it must be a whole number."),
        ("hidden = true", "hidden cannot be true: it must be a whole number."),
        ("hidden = 8.0", "hidden cannot be 8.0: it must be a whole number."),
        ("hidden = 0", "hidden cannot be 0: it must be at least 1."),
        ("epochs = '3'", "epochs cannot be '3': it must be a whole number."),
        ("dropout = true", "dropout cannot be true: it must be a number."),
        ("dropout = nan", "dropout cannot be nan: it must be a finite number."),
        ("clip = inf", "clip cannot be inf: it must be a finite number."),
        ("baseline = 'no'", "baseline cannot be 'no': it must be true or false."),
        ("baseline = 0", "baseline cannot be 0: it must be true or false."),
        ("text = 3", "text cannot be 3: it must be a text."),
        ("delimiter = 'ab'", "delimiter cannot be 'ab': it must be at most one character."),
        ("cell = ['rnn']", "cell cannot be ['rnn']: it must be rnn, gru, lstm, mingru or minlstm."),
        ("task = 'generate'\nlevel = []", "level cannot be []: it must be char, word or bpe."),
        ("beam = 3", "beam does not go with --task classify; it goes with translate, chat."),
    ],
)
def test_a_config_file_with_values_of_another_kind(
    cli: Callable[..., Any], tmp_path: Path, content: str, said: str
) -> None:
    config = tmp_path / "o.toml"
    config.write_text(content)
    result = cli("train", "x.csv", "--out", tmp_path / "m", "--config", config)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: The config file {config}: {said}")
    assert "None" not in result.stderr and "nput should" not in result.stderr


NUMBERS = (
    ("train", "x.csv", "--out", "m", "--split"),
    ("train", "x.csv", "--out", "m", "--valid"),
    ("train", "x.csv", "--out", "m", "--learning-rate"),
    ("train", "x.csv", "--out", "m", "--clip"),
    ("train", "x.csv", "--out", "m", "--dropout"),
    ("train", "x.csv", "--out", "m", "--task", "generate", "--weight-dropout"),
    ("train", "x.csv", "--out", "m", "--task", "chat", "--length-penalty"),
    ("compare", "x.csv", "--out", "m", "--split"),
    ("predict", MODELS / "translate", "x", "--length-penalty"),
    ("evaluate", MODELS / "translate", "x", "--length-penalty"),
    ("generate", MODELS / "generate", "--temperature"),
    ("generate", MODELS / "generate", "--top-p"),
    ("chat", MODELS / "chat", "--temperature"),
    ("serve", MODELS / "chat", "--timeout"),
    ("probe", "--out", "m", "--learning-rate"),
)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("words", NUMBERS)
def test_a_number_is_finite(cli: Callable[..., Any], words: tuple[object, ...], value: str) -> None:
    result = cli(*words[:-1], f"{words[-1]}={value}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(r"it must be (a finite number|at most|at least|more than|less than)", result.stderr)
    assert str(words[-1]) in result.stderr and "nput should" not in result.stderr


def reviews(label: Callable[[int], str]) -> bytes:
    return b"review,sentiment\n" + b"".join(
        f'{("good", "bad")[i % 2]} film {i},"{label(i)}"\n'.encode() for i in range(80)
    )


BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "binary": ("a.csv", bytes(range(256)) * 20, "NUL"),
    "empty": ("a.csv", b"", "is empty"),
    "header only": ("a.csv", b"review,sentiment\n", "no rows"),
    "nothing but white space": ("a.csv", b"\n\n  \n", "a.csv"),
    "quote never closed": ("a.csv", b'review,sentiment\n"good,p\nbad,n\n', "line 2"),
    "rows too long": ("a.csv", b"review,sentiment\ngood,p\nbad,n,x\n", "line 3"),
    "latin-1": ("a.csv", b"review,sentiment\ncaf\xe9,p\nbad,n\n", "--encoding latin-1"),
    "a column twice": ("a.csv", b"text,text,label\na,b,c\n", "2 columns are named 'text'"),
    "no obvious columns": ("a.csv", b"[bold],[/red]\na,b\n", "'[bold]', '[/red]'"),
    "another delimiter": ("a.csv", b"review;sentiment\ngood;p\n", "--delimiter ';'"),
    "one class": ("a.csv", reviews(lambda i: "p"), "needs at least two"),
    "a class a row": ("a.csv", reviews(lambda i: f"l{i}"), "do not look like classes"),
    "not JSON": ("a.jsonl", b'{"text": "a", "label": "b"}\n{"text"\n', "line 2"),
    "not Parquet": ("a.parquet", b"PAR1 but no", "a.parquet"),
    "not gzip": ("a.csv.gz", b"review,sentiment\n", "gzip"),
    "unknown suffix": ("a.docx", b"PK", "unknown kind of file"),
    "tagged sentences": ("a.conllu.gz", b"a\tX\n", "--task tag"),
    "text lines": ("a.txt", b"good\nbad\n", "a.txt"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_message(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    name, content, said = BAD_FILES[case]
    (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    result = cli("train", name, "--out", "m", *TINY)
    assert (result.exit_code, result.stdout) == (1, ""), result.stderr
    assert said in result.stderr
    assert "Error: " in result.stderr and "Traceback" not in result.stderr
    assert os.listdir() == [name]


@pytest.mark.parametrize("data", ["no.csv", "imbd", "x" * 300, "a/b/c", "", ".", "folder", "\x1b[31mred"])
def test_data_that_are_not_there(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    result = cli("train", data, "--out", "m", *TINY)
    assert (result.exit_code, result.stdout) == (1, ""), result.stderr
    assert "Error: " in result.stderr and "\x1b" not in result.stderr
    assert ("Did you mean 'imdb'?" in result.stderr) == (data == "imbd")


ODD_LABELS: dict[str, list[str]] = {
    "not a number": ["nan", "NaN"],
    "nothing, in words": ["None", "null"],
    "mark-up": ["[bold]yes[/bold]", "[/]"],
    "emoji names": [":smile:", ":warning:"],
    "line ends": ["one\ntwo", "one\r\ntwo"],
    "terminal commands": ["\x1b[2Jx", "\x07"],
    "HTML": ["<script>alert(1)</script>", "</td>&amp;"],
    "truth values": ["True", "False"],
    "numbers": ["10", "9"],
    "white space": [" a", "a "],
    "surrogate-like": ["\U0001f600", "\u202e"],
    "long": ["l" * 5_000, "m" * 5_000],
}


@pytest.mark.parametrize("case", ODD_LABELS)
def test_odd_labels_are_labels_like_others(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    labels = ODD_LABELS[case]
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_bytes(reviews(lambda i: labels[i % 2]))
    trained = cli("train", "a.csv", "--out", "m", *TINY)
    assert trained.exit_code == 0, trained.stderr
    inspected, predicted = cli("inspect", "m"), cli("predict", "m", "good film", "bad film")
    judged = cli("evaluate", "m", "a.csv")
    assert (inspected.exit_code, predicted.exit_code, judged.exit_code) == (0, 0, 0)
    assert len(predicted.stdout.splitlines()) == 2
    for shown in (trained.stdout, trained.stderr, inspected.stdout, predicted.stdout):
        assert "\x1b" not in shown and "\x07" not in shown
    from recurra import load

    assert set(load("m").classes_.tolist()) == set(labels)


def test_odd_column_names_and_texts(cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["[bold],[/x] :smile:", *(f"[red]{('good', 'bad')[i % 2]}[/] :heart: \\ {i},{i % 2}" for i in range(60))]
    Path("a.csv").write_text("\n".join(lines) + "\n")
    result = cli("train", "a.csv", "--out", "m", "--text", "[bold]", "--label", "[/x] :smile:", *TINY)
    assert result.exit_code == 0, result.stderr
    page = Path("m/report.html").read_text()
    assert "[red]" in page or "mistakes" not in page
    result = cli("evaluate", "m", "a.csv", "--text", "[blod]", "--label", "[/x] :smile:")
    assert "Did you mean '[bold]'?" in result.stderr
    assert "'[/x] :smile:'" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--threads", "1000"),
        ("--max-tokens", "1"),
        ("--vocabulary", "1"),
        ("--split", "0.97", "--valid", "0.4"),
        ("--batch", "60000"),
        ("--learning-rate", "1e-9"),
        ("--rows", "40"),
        ("--fill", "--max-tokens", "3"),
        ("--recipe", "tutorial", "--epochs", "1"),
        ("--seed", str(2**32 - 1)),
        ("--layers", "3", "--dropout", "0.9", "--pooling", "attention"),
        ("--min-count", "1000000"),
    ],
)
def test_extreme_options_work(cli: Callable[..., Any], reviews: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    usual = zip(TINY[:8:2], TINY[1:8:2], strict=True)
    kept = [word for pair in usual if pair[0] not in words for word in pair]
    result = cli("train", reviews, "--out", tmp_path / "m", "--no-baseline", *kept, *words, "--json")
    assert (result.exit_code, result.stderr.count("Error")) == (0, 0), result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "0.999"), "two|validate|held"),
        (("--text", "sentiment", "--label", "sentiment"), "both name the column 'sentiment'"),
        (("--encoding", "klingon"), "Unknown encoding 'klingon'"),
        (("--delimiter", '"', "--quote", '"'), "cannot both be"),
        (("--no-header",), "column0"),
    ],
)
def test_extreme_options_that_do_not(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = cli("train", reviews, "--out", tmp_path / "m", *TINY, *words)
    assert result.exit_code in (1, 2)
    assert re.search(said, result.stderr), result.stderr


def test_what_nobody_foresaw_from_the_system_is_still_a_message(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error", "/disk/x")

    monkeypatch.setattr("recurra.cli.inspect.inspect", broken)
    result = cli("inspect", "m")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: The operating system reports an error: /disk/x: Input/output error.")


def test_no_rows_of_the_user_are_in_messages(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Of the data, a message shows the offending row at most."""
    secret = "my very private words"
    data = tmp_path / "a.csv"
    data.write_text(f"review,sentiment\n{secret},p\nbad,n\nshort\n{secret} too,p\n")
    result = cli("train", data, "--out", tmp_path / "m", *TINY)
    assert (result.exit_code, "line 4" in result.stderr, secret in result.stderr) == (1, True, False)
    data.write_text("review,sentiment\n" + "".join(f"{secret} {i},{'np'[i % 2]}\n" for i in range(80)))
    result = cli("train", data, "--out", tmp_path / "m", *TINY)
    assert (result.exit_code, secret in result.stderr + result.stdout) == (0, False)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"), [("generate {model} --tokens 5 --seed 1", 0), ("inspect {model}", 0), ("inspect none", 1)]
)
def test_a_command_ends_as_usual_where_its_outputs_are_closed(arguments: str, status: int, closed: str) -> None:
    command = f"{sys.executable} -m recurra.cli {arguments.format(model=MODELS / 'generate')} {closed}"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert result.returncode == status
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
@pytest.mark.parametrize(
    "words",
    [
        ("predict", MODELS / "tag", "--input", "{data}", "--output", "{place}"),
        ("predict", MODELS / "translate", "--input", "{data}", "--output", "{place}"),
        ("explain", MODELS / "classify", "a good film", "--html", "{place}"),
    ],
)
def test_a_pipe_or_a_device_is_no_place_for_an_output(
    cli: Callable[..., Any], tmp_path: Path, words: tuple[Any, ...]
) -> None:
    data, pipe = tmp_path / "in.txt", tmp_path / "out.txt"
    data.write_text("a b\n")
    os.mkfifo(pipe)
    for place in (pipe, "/dev/null"):
        result = cli(*(str(word).format(data=data, place=place) for word in words), "--overwrite")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{place} is a device or a pipe, not a file." in result.stderr
    assert pipe.is_fifo() and Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.txt"]


@pytest.mark.parametrize("command", ["train", "compare"])
def test_a_device_that_is_not_there_is_said_before_the_data_are_read(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    result = cli(command, tmp_path / "none.csv", "--out", tmp_path / "m", "--device", "cuda")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: --device cuda: no CUDA device can be used here. Use --device cpu, or auto.\n",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("chat", MODELS / "classify"),
        ("generate", MODELS / "chat"),
        ("predict", MODELS / "generate", "x"),
        ("explain", MODELS / "tag", "x"),
        ("compare", "x.csv", "--out", "m", "--config", "tag.toml"),
        ("train", "x.csv", "--out", "m", "--task", "foo"),
        ("train", "--task", "foo", "--help"),
        ("train", "--task=foo", "-h"),
    ],
)
def test_the_wrong_task_is_a_mistake_in_the_command_line(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tag.toml").write_text('task = "tag"\n')
    result = cli(*words)
    assert (result.exit_code, result.stdout) == (2, ""), result.stderr


def test_a_config_file_without_an_end_is_refused(cli: Callable[..., Any]) -> None:
    result = cli("train", "x.csv", "--out", "m", "--config", "/dev/zero")
    assert result.exit_code == 2 and "has more than 1,048,576 bytes" in result.stderr


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9")],
)
def test_too_little_memory_is_one_sentence(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def without_memory(*_: object) -> None:
        raise error

    monkeypatch.setattr("recurra.cli.inspect.inspect", without_memory)
    result = cli("inspect", "m")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: There is not enough memory.") and result.stderr.count("\n") == 1
