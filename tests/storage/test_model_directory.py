"""Model directories: written ones are read back, others are refused, and no failure leaves half a model."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ArtefactError, OutputError
from recurra.storage import files, model_directory
from recurra.storage.files import atomic_write
from recurra.storage.model_directory import Label, Manifest, read, write

ALL_FILES = [
    "model.onnx",
    "weights.safetensors",
    "tokenizer.json",
    "metrics.json",
    "report.html",
    "curves.png",
    "README.md",
]


def network() -> dict[str, Any]:
    return {"hidden": 2, "cell": "gru", "outputs": 1}


def contents(tag: str) -> dict[str, bytes]:
    return {name: f"{tag} {name} ".encode() * 50 for name in ALL_FILES}


def save(directory: Path, tag: str = "one", *, overwrite: bool = False, labels: list[Label] | None = None) -> Manifest:
    labels = ["neg", "pos"] if labels is None else labels
    data: dict[str, Any] = {"name": tag, "rows": 3}
    return write(
        directory,
        contents(tag),
        labels=labels,
        network=network(),
        task="classify",
        config={"tag": tag},
        metrics={"accuracy": 0.5},
        data=data,
        overwrite=overwrite,
    )


def snapshot(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    save(tmp_path / "model")
    return tmp_path / "model"


def edit_manifest(model: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = model / "manifest.json"
    plain = json.loads(path.read_text())
    before = plain["digest"]
    change(plain)
    if isinstance(plain, dict) and plain.get("digest") == before:  # a forger makes the digest agree
        plain["digest"] = model_directory.manifest_digest(plain)
    path.write_text(json.dumps(plain))


def restate(model: Path, name: str, content: bytes) -> None:
    """Change a file and make the manifest agree."""
    (model / name).write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    edit_manifest(model, lambda plain: plain["files"].__setitem__(name, entry))


# ---------------------------------------------------------------- reading back


def test_what_is_written_is_read_back(model: Path) -> None:
    found = read(model, load=ALL_FILES)
    assert dict(found.files) == contents("one")
    assert found.manifest.labels == ["neg", "pos"]
    assert found.manifest.network == network()
    assert found.manifest.config == {"tag": "one"}
    assert read(model).files.keys() == {"model.onnx", "tokenizer.json"}
    assert json.loads((model / "manifest.json").read_text())["schema"] == 1
    assert sorted(path.name for path in model.iterdir()) == sorted([*ALL_FILES, "manifest.json"])


def test_a_manifest_is_read_alone(model: Path, tmp_path: Path) -> None:
    (model / "model.onnx").write_bytes(b"not looked at")
    manifest = model_directory.read_manifest(model)
    assert manifest.task == "classify" and len(manifest.digest) == 64
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(ArtefactError):
            model_directory.read_manifest(missing)


def test_weights_may_be_absent(model: Path) -> None:
    (model / "weights.safetensors").unlink()
    assert "weights.safetensors" not in read(model, load=ALL_FILES).files


def test_the_directory_itself_may_be_reached_through_a_link(model: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(model)
    assert read(tmp_path / "current").manifest.labels == ["neg", "pos"]
    save(tmp_path / "current", "two", overwrite=True)
    assert (tmp_path / "current").is_symlink()
    assert read(model).manifest.config == {"tag": "two"}


LABELS = st.one_of(
    st.text(max_size=5), st.integers(-(10**20), 10**20), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)


@settings(max_examples=25, deadline=None)
@given(st.lists(LABELS, min_size=2, max_size=6, unique_by=lambda label: (type(label), label)))
def test_labels_keep_their_types(tmp_path_factory: pytest.TempPathFactory, labels: list[Label]) -> None:
    directory = tmp_path_factory.mktemp("labels") / "model"
    save(directory, labels=labels)
    found = read(directory, load=()).manifest.labels
    assert found == labels
    assert [type(label) for label in found] == [type(label) for label in labels]


def test_file_modes_follow_the_umask(model: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    assert model.stat().st_mode & 0o777 == 0o777 & ~mask
    assert all(path.stat().st_mode & 0o777 == 0o666 & ~mask for path in model.iterdir())


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("name", [name for name in ALL_FILES if name != "weights.safetensors"])
def test_a_missing_file_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(ArtefactError, match=f"{name} is missing"):
        read(model)


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_changed_byte_is_refused(model: Path, name: str) -> None:
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    with pytest.raises(ArtefactError, match=f"{name} does not have the sha256 digest"):
        read(model)


@pytest.mark.parametrize("name", ALL_FILES)
@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content + b"x", lambda _: b""])
def test_a_changed_size_is_refused(model: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    (model / name).write_bytes(change((model / name).read_bytes()))
    with pytest.raises(ArtefactError, match=rf"{name} has .* bytes; manifest\.json states"):
        read(model)


@pytest.mark.parametrize("name", ["extra.txt", ".hidden", "model.onnx.data", "manifest.json~", "täst"])
def test_an_extra_file_is_refused(model: Path, name: str) -> None:
    (model / name).write_bytes(b"")
    with pytest.raises(ArtefactError, match=r"which its manifest\.json does not list"):
        read(model)


def test_a_known_file_that_the_manifest_does_not_list_is_refused(model: Path) -> None:
    edit_manifest(model, lambda plain: plain["files"].pop("report.html"))
    with pytest.raises(ArtefactError, match=r"'report\.html', which its manifest"):
        read(model)


@pytest.mark.parametrize("name", [*ALL_FILES, "manifest.json"])
def test_a_linked_file_is_refused_though_its_content_is_right(model: Path, tmp_path: Path, name: str) -> None:
    (model / name).rename(tmp_path / "elsewhere")
    (model / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtefactError, match=f"{name} is a link"):
        read(model)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_what_is_no_regular_file_is_refused_without_waiting(model: Path, name: str) -> None:
    (model / name).unlink()
    os.mkfifo(model / name)
    with pytest.raises(ArtefactError, match=f"{name} is not a regular file"):
        read(model)
    (model / name).unlink()
    (model / name).mkdir()
    with pytest.raises(ArtefactError, match=f"{name} is not a regular file"):
        read(model)


@pytest.mark.parametrize("schema", [2, 99])
def test_a_newer_schema_is_refused_with_the_way_out(model: Path, schema: int) -> None:
    edit_manifest(model, lambda plain: plain.update(schema=schema, novelty=1))
    with pytest.raises(ArtefactError, match=f"schema version {schema}.*newer Recurra.*git pull && pip install"):
        read(model)


@pytest.mark.parametrize("schema", [None, 0, -1, "1", True, 1.0, [1]])
def test_an_unknown_schema_is_refused(model: Path, schema: object) -> None:
    edit_manifest(model, lambda plain: plain.update(schema=schema))
    with pytest.raises(ArtefactError, match="states no schema version"):
        read(model)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda plain: plain.pop("labels"), "labels"),
        (lambda plain: plain.update(novelty=1), "novelty"),
        (lambda plain: plain.update(task="../fly"), "task"),
        (lambda plain: plain.update(labels=["neg", "neg"]), "label twice"),
        (lambda plain: plain.update(labels=["a", None]), "labels"),
        (lambda plain: plain["files"].update({"../evil": {"sha256": "0" * 64, "size": 1}}), "not part of a model"),
        (
            lambda plain: plain["files"].update({"manifest.json": {"sha256": "0" * 64, "size": 1}}),
            "not part of a model",
        ),
        (lambda plain: plain["files"].pop("model.onnx"), "does not list model.onnx"),
        (lambda plain: plain["files"].pop("tokenizer.json"), "does not list tokenizer.json"),
        (lambda plain: plain["files"]["model.onnx"].update(size=2**31 + 1), "model.onnx is stated to have"),
        (lambda plain: plain["files"]["tokenizer.json"].update(size=2**27), "tokenizer.json is stated to have"),
        (lambda plain: plain["files"]["model.onnx"].update(size=-1), "size"),
        (lambda plain: plain["files"]["model.onnx"].update(sha256="0" * 63), "sha256"),
        (lambda plain: plain["files"]["model.onnx"].update(sha256="0" * 64 + "\n"), "sha256"),
    ],
)
def test_an_unsound_manifest_is_refused(model: Path, change: Callable[[dict[str, Any]], object], reason: str) -> None:
    edit_manifest(model, change)
    with pytest.raises(ArtefactError, match=reason):
        read(model)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": NaN}',
        b'{"schema": 1, "schema": 1}',
        b"[" * 100_000,
        b'{"a": 1' + b"0" * 9999,
    ],
)
def test_a_manifest_that_is_not_json_is_refused(model: Path, content: bytes) -> None:
    (model / "manifest.json").write_bytes(content)
    with pytest.raises(ArtefactError, match=r"manifest\.json"):
        read(model)


def test_a_giant_manifest_is_refused_unread(model: Path) -> None:
    with open(model / "manifest.json", "ab") as file:
        file.truncate(5 * 2**20)
    with pytest.raises(ArtefactError, match=r"manifest\.json has 5,242,880 bytes; at most"):
        read(model)


def test_nothing_is_parsed_before_every_file_was_checked(model: Path) -> None:
    """The last file listed is damaged; the files before it hold nonsense that no parser would survive."""
    (model / "weights.safetensors").write_bytes(b"damaged")
    with pytest.raises(ArtefactError, match=r"weights\.safetensors"):
        read(model)


def test_what_is_no_model_directory_is_refused_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name, reason in (
        ("file", "is not a directory"),
        ("dangling", "is not a directory"),
        ("none", "does not exist"),
        ("empty", "has no manifest"),
    ):
        with pytest.raises(ArtefactError, match=reason) as told:
            read(tmp_path / name)
        assert "--resume" not in str(told.value)
        (tmp_path / f"{name}.training").mkdir()
        with pytest.raises(ArtefactError, match=f"{reason}.*--resume"):
            read(tmp_path / name)
    with pytest.raises(ArtefactError):
        read("a\0b")


# ---------------------------------------------------------------- writing


def test_an_existing_directory_is_kept_without_overwrite(model: Path, tmp_path: Path) -> None:
    before = snapshot(model)
    with pytest.raises(OutputError, match="exists and is not empty"):
        save(model, "two")
    assert snapshot(model) == before
    (tmp_path / "empty").mkdir()
    save(tmp_path / "empty", "two")
    assert read(tmp_path / "empty").manifest.config == {"tag": "two"}


def test_overwriting_leaves_nothing_of_the_old_model(model: Path, tmp_path: Path) -> None:
    write(
        model,
        {"model.onnx": b"m", "tokenizer.json": b"t"},
        labels=[0, 1],
        network=network(),
        task="classify",
        config={},
        metrics={},
        data={},
        overwrite=True,
    )
    assert set(snapshot(model)) == {"manifest.json", "model.onnx", "tokenizer.json"}
    assert os.listdir(tmp_path) == ["model"]


def test_what_is_no_model_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(OutputError, match=r"holds 'cat\.jpg', which is not part of a model"):
        save(tmp_path / "photos", overwrite=True)
    (tmp_path / "file").write_bytes(b"file")
    with pytest.raises(OutputError, match="a file is in the way"):
        save(tmp_path / "file", overwrite=True)
    with pytest.raises(OutputError, match=r"file.*part of that path is a file"):
        save(tmp_path / "file" / "model", overwrite=True)
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"
    assert (tmp_path / "file").read_bytes() == b"file"
    assert sorted(os.listdir(tmp_path)) == ["file", "photos"]


def test_what_read_would_refuse_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(given: dict[str, bytes], labels: list[Label], metrics: dict[str, Any]) -> None:
        write(
            tmp_path / "m",
            given,
            labels=labels,
            network=network(),
            task="classify",
            config={},
            metrics=metrics,
            data={},
        )

    good = {"model.onnx": b"", "tokenizer.json": b""}
    with pytest.raises(OutputError, match="'x' is not part"):
        attempt({**good, "x": b""}, [0, 1], {})
    with pytest.raises(OutputError, match=r"tokenizer\.json was not given"):
        attempt({"model.onnx": b""}, [0, 1], {})
    with pytest.raises(OutputError, match="label twice"):
        attempt(good, [0, 0], {})
    for value in (float("nan"), float("inf"), object(), b"bytes"):
        with pytest.raises(OutputError, match="manifest"):
            attempt(good, [0, 1], {"loss": value})
    monkeypatch.setitem(model_directory.LIMITS, "README.md", 3)
    with pytest.raises(OutputError, match="larger than 3 bytes"):
        attempt({**good, "README.md": b"1234"}, [0, 1], {})
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match=r"Permission denied.*Choose a place"):
            save(tmp_path / "model")
    finally:
        tmp_path.chmod(0o700)


# ---------------------------------------------------------------- failures in the middle

FAULTY = ["mkdir", "open", "write", "fsync", "rename", "replace"]


@contextmanager
def failing(at: int, number: int = errno.ENOSPC, *, forever: bool = False) -> Iterator[Callable[[], int]]:
    """Let the `at`-th call that changes the disk fail (`forever`: all later writes too); give the count of calls."""
    count = 0

    def guarded(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            if name == "open" and not arguments[1] & os.O_CREAT:
                return original(*arguments, **named)
            count += 1
            if count == at or (forever and count > at and name in ("mkdir", "open", "write", "fsync")):
                if name == "write":
                    original(arguments[0], bytes(arguments[1])[:3])  # a part reaches the disk
                raise OSError(number, os.strerror(number))
            return original(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in FAULTY:
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        patch.setattr(files, "_exchange", guarded("_exchange", files._exchange))
        yield lambda: count


def every_fault(attempt: Callable[[], object], check: Callable[[bool], None], **options: Any) -> int:
    """Run `attempt` with a fault at each of its steps; `check(failed)` after each. Return how many steps failed."""
    for at in range(1, 200):
        with failing(at, **options) as calls:
            failed = None
            try:
                attempt()
            except OutputError as error:
                failed = error
            reached = calls() >= at
        check(failed is not None)
        if not reached:
            return at - 1
        assert failed is not None
        assert failed.errno == options.get("number", errno.ENOSPC)
    raise AssertionError("the attempt never ended")


@pytest.mark.parametrize("forever", [False, True])
def test_a_full_disk_at_any_step_leaves_the_old_model(model: Path, tmp_path: Path, forever: bool) -> None:
    before = snapshot(model)

    def check(failed: bool) -> None:
        assert os.listdir(tmp_path) == ["model"]
        assert read(model).manifest.config["tag"] == ("one" if failed else "two")
        assert not failed or snapshot(model) == before

    steps = every_fault(lambda: save(model, "two", overwrite=True), check, forever=forever)
    assert steps >= 1 + 3 * 8 + 3  # staging; open, write and fsync of eight files; two directories and the exchange


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_disk_at_any_step_of_a_first_write_leaves_nothing(tmp_path: Path, number: int) -> None:
    def check(failed: bool) -> None:
        assert os.listdir(tmp_path) == ([] if failed else ["deep"])

    assert every_fault(lambda: save(tmp_path / "deep" / "er" / "model"), check, number=number) >= 28
    assert read(tmp_path / "deep" / "er" / "model").manifest.config == {"tag": "one"}


def test_without_the_exchange_of_linux_the_old_model_still_survives(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(first: Path, second: Path) -> None:
        raise OSError(errno.ENOSYS, "no renameat2 here")

    monkeypatch.setattr(files, "_exchange", absent)

    def check(failed: bool) -> None:
        assert os.listdir(tmp_path) == ["model"]
        assert read(model).manifest.config["tag"] == ("one" if failed else "two")

    with failing(10**9) as calls:
        save(model, "one", overwrite=True)
        last = calls() - 1  # tidying up and the last fsync come after the model is in place
    for at in range(1, last - 1):
        with failing(at), pytest.raises(OutputError):
            save(model, "two", overwrite=True)
        check(failed=True)
    save(model, "two", overwrite=True)
    check(failed=False)


def test_what_a_killed_writer_left_between_the_two_steps_is_put_back(model: Path, tmp_path: Path) -> None:
    aside = tmp_path / ".model.0123456789abcdef.partial.old"
    model.rename(aside)
    with pytest.raises(OutputError, match="exists and is not empty"):
        save(model, "two")
    assert read(model).manifest.config == {"tag": "one"}
    shutil.copytree(model, aside)
    save(model, "two", overwrite=True)
    assert os.listdir(tmp_path) == ["model"]


def test_a_full_disk_tells_what_to_do(tmp_path: Path) -> None:
    with (
        failing(5),
        pytest.raises(OutputError, match=r"Cannot write .*model: No space left on device\. Free some space"),
    ):
        save(tmp_path / "model")


def test_an_interrupt_leaves_nothing(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(model, "two", overwrite=True)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["model"]
    assert read(model).manifest.config == {"tag": "one"}


def test_atomic_write_at_any_step(tmp_path: Path) -> None:
    target = tmp_path / "état.json"
    atomic_write(target, b"old")

    def check(failed: bool) -> None:
        assert os.listdir(tmp_path) == ["état.json"]
        assert target.read_bytes() in ((b"old", b"new") if failed else (b"new",))

    assert every_fault(lambda: atomic_write(target, b"new"), check) == 5
    with pytest.raises(OutputError, match="Is a directory"):
        atomic_write(tmp_path, b"")
    atomic_write(tmp_path / ("x" * 255), b"long name")
    (tmp_path / "link").symlink_to(target)
    atomic_write(tmp_path / "link", b"through")
    assert (tmp_path / "link").is_symlink()
    assert target.read_bytes() == b"through"


def test_partial_writes_of_the_kernel_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: original(descriptor, bytes(content)[:7]))
    atomic_write(tmp_path / "file", b"0123456789" * 10)
    monkeypatch.undo()
    assert (tmp_path / "file").read_bytes() == b"0123456789" * 10


# ---------------------------------------------------------------- kill -9, and readers meanwhile

COMMON = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
import test_model_directory as here
from recurra.storage import files
from recurra.storage.model_directory import read
model = Path({model!r})
"""

KILLED = """
def killer(at):
    count = 0
    def guard(original, name):
        def call(*arguments, **named):
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*arguments, **named)
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        return call
    for name in [*here.FAULTY, "unlink", "rmdir", "close"]:
        setattr(os, name, guard(getattr(os, name), name))
    files._exchange = guard(files._exchange, "_exchange")

for first in (False, True):
    for at in range(1, 1000):
        expected = "old"
        if first:
            here.shutil.rmtree(model, ignore_errors=True)
        else:
            here.save(model, "old", overwrite=True)
        left = [n for n in os.listdir(model.parent) if n != model.name]
        assert first or not left, left  # the next writer tidies up
        child = os.fork()
        if child == 0:
            killer(at)
            here.save(model, "new", overwrite=True)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if first and not model.exists():
            state = "absent"
        else:
            found = read(model, load=here.ALL_FILES)
            state = found.manifest.config["tag"]
            assert state in (("new",) if first else ("old", "new")), state
            assert dict(found.files) == here.contents(state)
        print(state)
        if status == 0:
            break
        assert os.WIFSIGNALED(status), status
"""

ALTERNATE = """
for turn in range({turns}):
    here.save(model, "odd" if turn % 2 else "even", overwrite=True)
"""


def script(model: Path, body: str) -> list[str]:
    source = str(Path(model_directory.__file__).parents[2])
    return [sys.executable, "-c", COMMON.format(path=[source, str(Path(__file__).parent)], model=str(model)) + body]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_writer_killed_at_any_step_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    done = subprocess.run(script(tmp_path / "model", KILLED), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    states = done.stdout.split()
    assert states.count("old") > 30
    assert states.count("new") > 2
    assert states.count("absent") > 30


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two directories in one step")
def test_a_reader_beside_a_writer_sees_one_model_or_the_other(tmp_path: Path) -> None:
    model = tmp_path / "model"
    save(model, "even")
    seen = set()
    with subprocess.Popen(script(model, ALTERNATE.format(turns=60)), stderr=subprocess.PIPE) as writer:
        while writer.poll() is None:
            found = read(model, load=ALL_FILES)
            tag = found.manifest.config["tag"]
            assert dict(found.files) == contents(tag)
            seen.add(tag)
        assert writer.returncode == 0, writer.stderr
    assert seen <= {"even", "odd"}
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_writer_killed_at_a_random_moment(tmp_path: Path) -> None:
    model = tmp_path / "model"
    save(model, "even")
    for reads in (1, 40):
        with subprocess.Popen(script(model, ALTERNATE.format(turns=10**6)), stderr=subprocess.DEVNULL) as writer:
            while read(model).manifest.config["tag"] == "even" or reads > 0:
                assert writer.poll() is None
                reads -= 1
            writer.send_signal(signal.SIGKILL)
        found = read(model, load=ALL_FILES)
        assert dict(found.files) == contents(found.manifest.config["tag"])
        save(model, "even", overwrite=True)
        assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize(
    "edit", [("labels", ["yes", "no"]), ("recurra", "9.9"), ("config", {"seed": 1}), ("digest", "0" * 64)]
)
def test_a_careless_edit_of_the_manifest_is_refused(model: Path, edit: tuple[str, object]) -> None:
    path = model / "manifest.json"
    plain = json.loads(path.read_text())
    plain[edit[0]] = edit[1]
    path.write_text(json.dumps(plain))
    with pytest.raises(ArtefactError, match="changed after it was written"):
        model_directory.read(model)


def test_errors_name_the_directory(model: Path) -> None:
    damages: list[Callable[[], object]] = [
        lambda: (model / "manifest.json").write_bytes(b"{"),
        lambda: (model / "manifest.json").write_bytes(b"[" * 100_000),
        lambda: (model / "manifest.json").write_bytes(b'{"schema": 1e999}'),
        lambda: (model / "manifest.json").write_bytes(b'{"schema": NaN}'),
    ]
    for damage in damages:
        damage()
        for attempt in (read, model_directory.read_manifest):
            with pytest.raises(ArtefactError, match=rf"^{re.escape(str(model))}: manifest\.json is not sound JSON"):
                attempt(model)


def test_a_file_of_a_model_is_pointed_to_its_directory(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=rf"Give the directory that it is in: {re.escape(str(model))}\.$"):
        read(model / "model.onnx")
    (tmp_path / "picture").write_bytes(b"\x89PNG")
    with pytest.raises(ArtefactError, match="A model is the directory that `recurra train DATA --out DIR` writes"):
        read(tmp_path / "picture")
    with pytest.raises(ArtefactError, match=rf"It holds models: give one of them, such as {re.escape(str(model))}\.$"):
        read(model.parent)


def test_half_a_character_in_a_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"label 1 holds half a character"):
        save(tmp_path / "model", labels=["fine \U0001f600", "half \ud83d"])
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_json_of_numbers_that_are_not_finite_is_not_sound(number: str, model: Path) -> None:
    source = read(model)
    for content in (f'{{"a": [{number}]}}', f'{{"a": {{"b": {number}}}}}'):
        broken = model_directory.Artefact(source.path, source.manifest, {"metrics.json": content.encode()})
        with pytest.raises(ArtefactError, match=r"^metrics\.json is not sound JSON .*(too large|is not JSON)"):
            model_directory.read_metrics(broken)
    sound = model_directory.Artefact(source.path, source.manifest, {"metrics.json": b'{"a": 1e300, "b": -0.5}'})
    assert model_directory.read_metrics(sound) == {"a": 1e300, "b": -0.5}
