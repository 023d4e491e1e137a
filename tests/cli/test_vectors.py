"""`recurra vectors`: what it lists, and what it says of wrong words. Downloads are tested where they are done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.data.word_vectors.known import KNOWN, Fetched, folder
from support.commands import Cli
from support.vector_files import glove, made_vectors, written
from support.whole_commands import in_sentences


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> Fetched:
    """Vectors as a download leaves them, which is what fetching now returns."""
    folder().mkdir(parents=True)
    path = written(folder() / "mine.txt", glove(made_vectors(["the"], 3)))
    found = Fetched("mine", path, "https://x.org/v", "ab" * 32, pinned=False)
    monkeypatch.setattr("recurra.data.word_vectors.fetch.fetch", lambda *given, **named: found)
    monkeypatch.setattr("recurra.data.word_vectors.known.all_fetched", lambda: [found])
    return found


def test_the_list_has_known_and_fetched_names(
    cli: Cli, mine: Fetched, only_json: Callable[[str], dict[str, Any]]
) -> None:
    listed = only_json(cli("vectors", "list", "--json").stdout)
    assert [each["name"] for each in listed["known"]] == list(KNOWN)
    assert listed["fetched"] == [
        {
            "name": "mine",
            "path": str(mine.path),
            "bytes": mine.path.stat().st_size,
            "url": mine.url,
            "sha256": mine.sha256,
            "pinned": False,
        }
    ]
    text = cli("vectors", "list").stdout
    assert all(name in text for name in [*KNOWN, "mine", "862 MB"])


def test_fetching_says_what_comes_next(cli: Cli, mine: Fetched, only_json: Callable[[str], dict[str, Any]]) -> None:
    result = cli("vectors", "fetch", "mine", "--url", mine.url)
    assert result.exit_code == 0, result.stderr
    assert "Fetched" in result.stdout and "--word-vectors mine" in result.stdout
    assert mine.sha256 in result.stdout.replace("\n", "")
    assert only_json(cli("vectors", "fetch", "mine", "--json").stdout)["path"] == str(mine.path)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["lst"], "Did you mean 'list'?"),
        (["fetch"], "needs a name"),
        (["list", "glove.6B.100d"], "takes --json alone"),
        (["fetch", "nothing"], "no known name"),
    ],
)
def test_wrong_words_are_answered(cli: Cli, words: list[str], what: str) -> None:
    result = cli("vectors", *words)
    assert result.exit_code == 2 and what in result.stderr
    in_sentences(result.stderr.removeprefix("Error: ").strip())
