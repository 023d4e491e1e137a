"""The options of `recurra pretrain`, from the command line and a config file."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.pretraining.options import pretrain_options
from support.whole_commands import in_sentences


def test_the_command_line_wins_over_the_config_file(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('hidden = 8\nmin-count = 3\nlevel = "char"\n', encoding="utf-8")
    options = pretrain_options({"hidden": 16}, config)
    assert (options.hidden, options.min_count, options.level) == (16, 3, "char")
    assert (options.size_at("char"), options.least_at("char")) == (8_000, 3)
    assert (pretrain_options({}).size_at("word"), pretrain_options({}).least_at("word")) == (30_000, 5)
    assert pretrain_options({"vocabulary": 700}).size_at("bpe") == 700


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('label = "x"', "unknown option 'label'"),
        ('task = "tag"', "unknown option 'task'"),
        ('out = "x"', "--out"),
        ("hiden = 3", "'hidden'"),
        ("hidden = 0", "it must be at least 1"),
        ('hidden = "many"', "it must be a whole number"),
        ("rows = 3", "it must be at least 10"),
        ("window = 1", "it must be at least 2"),
        ("hidden =", "not valid TOML"),
    ],
)
def test_a_wrong_config_file_is_told(line: str, words: str, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(line, encoding="utf-8")
    with pytest.raises(OptionError) as error:
        pretrain_options({}, config)
    in_sentences(str(error.value))
    assert words in str(error.value) and str(config) in str(error.value)


def test_subwords_need_room_for_the_bytes() -> None:
    with pytest.raises(OptionError, match="at least 256 with --level bpe"):
        pretrain_options({"level": "bpe", "vocabulary": 255})
