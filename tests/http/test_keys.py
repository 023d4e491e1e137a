"""Files of keys: what cannot be used, and a warning where others can read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.http.keys import read_keys
from support.live_server import Starter

KEY = "0123456789abcdef-first"


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "holds no key"), (b"# nothing\n", "holds no key"), (b"secret\n", "6 characters"), (b"\xff" * 20, "ASCII"),
     (b"secret secret secret", "spaces"), (b"x" * (1 << 21), "larger")],
)  # fmt: skip
def test_key_files_that_cannot_be_used(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "keys").write_bytes(content)
    with pytest.raises(OptionError, match=word) as refused:
        read_keys(tmp_path / "keys")
    assert "secret" not in str(refused.value)
    with pytest.raises(OptionError, match="cannot be read"):
        read_keys(tmp_path / "none")


def test_a_key_file_that_others_can_read_is_warned_of(start: Starter, both_ways: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(KEY)
    os.chmod(tmp_path / "keys", 0o644)
    running = start(both_ways, "--api-key-file", str(tmp_path / "keys"))
    assert running.stop() == 0 and "chmod 600" in running.log() and KEY not in running.log()
