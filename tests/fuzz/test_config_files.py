"""Config files of any bytes and values: options that are all within their bounds, or an error that names the file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.tasks.configuration import known_options, task_options
from recurra.tasks.registry import TASKS, get_task
from support.damage import damaged
from support.fuzzing import fuzzed
from support.whole_commands import in_sentences, in_words, run

GOOD = b"""# Options of a run.
task = "classify"
epochs = 2
learning-rate = 0.01
hidden = 8
text = "review"
baseline = false
"""
NAMES = sorted(known_options())
scalars = st.one_of(
    st.sampled_from(
        ("2", "-1", "0", "1e400", "nan", "inf", "true", '"lstm"', '"auto"', '""', "0x10", "1_000", "0.5", '"2"')
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(lambda number: repr(number)),
    st.sampled_from(("[]", "[1, 2]", "{}", "{a = 1}", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "'''\na\n'''")),
)
lines = st.builds(
    lambda name, value: f"{name} = {value}\n",
    st.sampled_from(
        [*NAMES, *(name.replace("_", "-") for name in NAMES), "hiden", "model.hidden", '"a b"', "__class__"]
    ),
    scalars,
)
tables = st.sampled_from(("[training]\n", "[[rows]]\n", "\n", "# w\n"))
written = st.lists(lines | lines | lines | tables, max_size=4).map("".join)
files = st.one_of(
    damaged(GOOD, (b"=", b"\n", b'"', b"[", b"]", b"\0", b"\xff", b"nan", b"-", b"_")),
    st.builds(
        lambda task, rest: f'task = "{task}"\n{rest}'.encode(), st.sampled_from([*TASKS, "clasify", ""]), written
    ),
    written.map(str.encode),
)


def within_bounds(options: Any) -> None:
    """Check the options against their class: what it makes of its own values is equal."""
    kind = get_task(options.task).options
    assert type(options) is kind and kind(**options.model_dump(exclude_unset=True)) == options


@fuzzed(150, content=files, flags=st.sampled_from(({}, {"task": "tag"}, {"hidden": 4}, {"text": "x", "epochs": 1})))
def test_options(content: bytes, flags: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "options.toml"
        path.write_bytes(content)
        try:
            options = task_options(flags, path)
        except OptionError as error:
            in_sentences(str(error))
            return
        within_bounds(options)
        assert all(getattr(options, name) == value for name, value in flags.items())


@fuzzed(40, content=files)
def test_a_training_that_finds_no_data(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config, data, out = (Path(folder) / name for name in ("options.toml", "none.csv", "out"))
        config.write_bytes(content)
        ended = run("train", data, "--out", out, "--config", config)
        in_words(ended)
        assert ended.status in (1, 2) and list(Path(folder).iterdir()) == [config] and config.read_bytes() == content
