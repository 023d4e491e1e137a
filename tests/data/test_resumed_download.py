"""One file from a server on this machine: whole, cut, continued, refused."""

from __future__ import annotations

import urllib.error
from io import BufferedRandom
from pathlib import Path

import pytest

from recurra.data.resumed_download import DownloadBar, check_url, download, failure_in_words, partial_file
from recurra.errors import BusyError, CatalogError, OptionError
from support.archives import Site
from support.whole_commands import in_sentences

CONTENT = bytes(range(256)) * 100
OTHERWISE = "Fetch it by other means."


def content(partial: BufferedRandom) -> bytes:
    partial.seek(0)
    return partial.read()


@pytest.mark.parametrize(("pinned", "asked"), [(True, "bytes=1000-"), (False, None)])
def test_a_cut_connection_is_continued_where_the_digest_is_known(
    tmp_path: Path, site: Site, pinned: bool, asked: str | None
) -> None:
    site.files["/a"], site.cut = CONTENT, [1000]
    again = "goes on from there" if pinned else "starts over"
    with (
        pytest.raises(CatalogError, match=rf"cut after 1,000 of 25,600 bytes\. Try again: .* {again}\.") as error,
        partial_file(tmp_path, "a") as partial,
    ):
        download(f"{site.base}/a", partial, OTHERWISE, pinned=pinned, progress=False)
    in_sentences(str(error.value))
    assert (tmp_path / ".a.part").read_bytes() == CONTENT[:1000]
    with partial_file(tmp_path, "a") as partial:
        download(f"{site.base}/a", partial, OTHERWISE, pinned=pinned, progress=False)
        assert content(partial) == CONTENT
    assert site.asked == [None, asked] and not list(tmp_path.iterdir())


def test_a_longer_beginning_than_the_file_is_dropped(tmp_path: Path, site: Site) -> None:
    site.files["/a"] = CONTENT
    (tmp_path / ".a.part").write_bytes(b"x" * 30_000)
    with partial_file(tmp_path, "a") as partial:
        download(f"{site.base}/a", partial, OTHERWISE, pinned=True, progress=True)
        assert content(partial) == CONTENT


def test_a_missing_file_says_what_else_to_do(tmp_path: Path, site: Site) -> None:
    with (
        pytest.raises(CatalogError, match=r"the server answers 404 .*\. Fetch it by other means\."),
        partial_file(tmp_path, "a") as partial,
    ):
        download(f"{site.base}/none", partial, OTHERWISE, pinned=True, progress=False)
    assert not list(tmp_path.iterdir())


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        partial_file(tmp_path, "a"),
        pytest.raises(BusyError, match="Another process is fetching a"),
        partial_file(tmp_path, "a"),
    ):
        pass


@pytest.mark.parametrize(
    ("url", "pinned", "right"),
    [
        ("https://example.org/a", False, True),
        ("http://example.org/a", True, True),
        ("http://127.0.0.1:1/a", False, True),
        ("http://example.org/a", False, False),
        ("ftp://example.org/a", True, False),
        ("a file", True, False),
        ("http://[", True, False),
    ],
)
def test_addresses(url: str, pinned: bool, right: bool) -> None:
    if right:
        check_url(url, pinned=pinned)
    else:
        with pytest.raises(OptionError, match="https"):
            check_url(url, pinned=pinned)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (urllib.error.URLError("Name or service not known"), "its name could not be resolved (no network?)"),
        (TimeoutError("timed out"), "it did not answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "the connection was refused"),
        (ValueError("odd\nmore"), "odd"),
        (ValueError(), "ValueError"),
    ],
)
def test_failures_in_words(error: Exception, words: str) -> None:
    assert failure_in_words(error) == words


def test_a_bar_without_a_total() -> None:
    bar = DownloadBar()
    bar.total = 0
    assert bar.total is None
    bar.total = 10
    bar.update(4)
    assert bar.total == 10
    bar.close()
