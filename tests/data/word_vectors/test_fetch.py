"""Downloads from a server on this machine: whole, cut, continued, refused; nothing but whole files is ever kept."""

from __future__ import annotations

import errno
import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from recurra.data.resumed_download import partial_file
from recurra.data.word_vectors import known as known_module
from recurra.data.word_vectors.fetch import fetch
from recurra.data.word_vectors.known import KNOWN, Known, find, folder
from recurra.errors import BusyError, CatalogError, OptionError, OutputError
from support.archives import Site
from support.vector_files import glove, made_vectors, word2vec_binary, written
from support.whole_commands import in_sentences

CONTENT = glove(made_vectors([f"word{number}" for number in range(3000)], 8))
SHA = hashlib.sha256(CONTENT).hexdigest()


def left() -> list[str]:
    return sorted(path.name for path in folder().iterdir()) if folder().exists() else []


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def make_known(monkeypatch: pytest.MonkeyPatch, site: Site, archive: bytes, name: str = "glove.6B.100d") -> None:
    site.files["/glove.zip"] = archive
    digest = hashlib.sha256(archive).hexdigest()
    monkeypatch.setitem(KNOWN, name, Known(f"{site.base}/glove.zip", digest, f"{name}.txt", 1, "made up"))


def test_a_known_name_is_fetched_out_of_its_archive_and_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    make_known(monkeypatch, site, zipped({"glove.6B.50d.txt": b"other 1\n", "glove.6B.100d.txt": CONTENT}))
    found = fetch("glove.6B.100d", progress=False)
    assert found.path.read_bytes() == CONTENT and found.sha256 == SHA and found.pinned
    assert find("glove.6B.100d").width == 8
    assert left() == ["glove.6B.100d.fetched.json", "glove.6B.100d.txt"]
    assert fetch("glove.6B.100d", progress=False) == found and len(site.asked) == 1
    found.path.write_bytes(b"changed 1\n")
    assert fetch("glove.6B.100d", progress=False) == found and found.path.read_bytes() == CONTENT
    fetch("glove.6B.100d", overwrite=True, progress=False)
    assert len(site.asked) == 3


def test_a_mirror_must_give_the_same_bytes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    make_known(monkeypatch, site, zipped({"glove.6B.100d.txt": CONTENT}))
    site.files |= {"/mirror": site.files.pop("/glove.zip"), "/wrong": zipped({"glove.6B.100d.txt": b"the 1\n"})}
    with pytest.raises(CatalogError, match=r"sha256 digest is .* and should be .*Nothing was kept") as error:
        fetch("glove.6B.100d", f"{site.base}/wrong", progress=False)
    in_sentences(str(error.value))
    assert left() == []
    assert fetch("glove.6B.100d", f"{site.base}/mirror", progress=False).pinned


@pytest.mark.parametrize("ranges", [True, False])
def test_a_cut_download_goes_on(site: Site, ranges: bool) -> None:
    site.files["/v.vec"], site.cut, site.ranges = CONTENT, [10_000, 5_000 if ranges else 20_000], ranges
    for written_bytes in (10_000, 15_000 if ranges else 20_000):
        with pytest.raises(CatalogError, match=f"cut after {written_bytes:,} of {len(CONTENT):,} bytes") as error:
            fetch("mine", f"{site.base}/v.vec", SHA, progress=False)
        in_sentences(str(error.value))
        assert left() == [".mine.part"]
    found = fetch("mine", f"{site.base}/v.vec", SHA, progress=False)
    assert found.path.read_bytes() == CONTENT and found.path.name == "mine.vec" and found.pinned
    assert site.asked == [None, "bytes=10000-", f"bytes={written_bytes}-"]
    assert left() == ["mine.fetched.json", "mine.vec"]


def test_without_a_digest_a_cut_download_starts_over(site: Site) -> None:
    site.files["/v.txt"], site.cut = CONTENT, [10_000]
    with pytest.raises(CatalogError, match="the next try starts over"):
        fetch("mine", f"{site.base}/v.txt", progress=False)
    found = fetch("mine", f"{site.base}/v.txt", progress=False)
    assert site.asked == [None, None]
    assert found.path.read_bytes() == CONTENT and found.sha256 == SHA and not found.pinned


def test_what_is_left_of_another_file_is_thrown_away(site: Site) -> None:
    site.files["/v.txt"] = CONTENT
    folder().mkdir(parents=True)
    written(folder() / ".mine.part", b"x" * (len(CONTENT) + 5))
    assert fetch("mine", f"{site.base}/v.txt", SHA, progress=False).path.read_bytes() == CONTENT
    assert site.asked == [f"bytes={len(CONTENT) + 5}-", None]
    written(folder() / ".yours.part", b"x" * 10)
    with pytest.raises(CatalogError, match="not the expected file"):
        fetch("yours", f"{site.base}/v.txt", SHA, progress=False)
    assert fetch("yours", f"{site.base}/v.txt", SHA, progress=False).path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html>Sorry</html>", "no numbers"),
        (b"", "is empty"),
        (zipped({"a.txt": b"a 1\n", "b.txt": b"b 1\n"}), "has 2 files of the expected name"),
        (zipped({"a.txt": CONTENT})[:3000] + zipped({"a.txt": CONTENT})[3100:], "Nothing was kept"),
    ],
)
def test_what_holds_no_vectors_is_not_kept(site: Site, content: bytes, what: str) -> None:
    site.files["/v"] = content
    with pytest.raises(CatalogError, match=what) as error:
        fetch("mine", f"{site.base}/v", progress=False)
    in_sentences(str(error.value))
    assert left() == []


def test_a_server_that_has_it_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CatalogError, match="the server answers 404 Not Found") as error:
        fetch("mine", f"{site.base}/none", progress=False)
    in_sentences(str(error.value))
    with pytest.raises(CatalogError, match="the connection was refused") as error:
        fetch("mine", "http://127.0.0.1:1/none", progress=False)
    in_sentences(str(error.value))
    assert left() == []


def test_redirections_are_followed_unless_they_lead_off_https(site: Site) -> None:
    site.files["/v.txt"] = CONTENT
    site.moved = {"/old": f"{site.base}/v.txt", "/bad": "http://example.org/v.txt"}
    assert fetch("mine", f"{site.base}/old", progress=False).path.read_bytes() == CONTENT
    with pytest.raises(CatalogError, match="which is not encrypted"):
        fetch("yours", f"{site.base}/bad", progress=False)


@pytest.mark.parametrize(
    ("name", "url", "sha256", "what"),
    [
        ("mine", None, None, "no known name"),
        ("glove.6B.100", None, None, "Did you mean 'glove.6B.100d'"),
        ("../up", "https://x.org/v", None, "cannot be a name"),
        ("counted", "https://x.org/v", None, "cannot be a name"),
        ("a.fetched", "https://x.org/v", None, "cannot be a name"),
        ("mine", "file:///etc/passwd", None, "no address of a file on the web"),
        ("mine", "x.org/v", None, "no address of a file on the web"),
        ("mine", "http://[", None, "no address of a file on the web"),
        ("mine", "http://x.org/v", None, "not encrypted"),
        ("mine", "https://x.org/v", "12", "64 hexadecimal digits"),
        ("glove.6B.100d", None, "0" * 64, "has the sha256 digest"),
    ],
)
def test_what_cannot_be_fetched(site: Site, name: str, url: str | None, sha256: str | None, what: str) -> None:
    with pytest.raises(OptionError, match=what) as error:
        fetch(name, url, sha256, progress=False)
    in_sentences(str(error.value))
    assert not folder().exists()


def test_a_folder_that_takes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site.files["/v.txt"] = CONTENT
    monkeypatch.setenv("RECURRA_CACHE", str(written(tmp_path / "a_file", b"")))
    with pytest.raises(OutputError, match="Set RECURRA_CACHE to a folder that you may write to") as error:
        fetch("mine", f"{site.base}/v.txt", progress=False)
    in_sentences(str(error.value))


def test_a_full_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files["/v.txt"] = CONTENT

    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        with pytest.raises(
            OutputError, match=r"No space left on device\. Free some space there, and try again"
        ) as error:
            fetch("mine", f"{site.base}/v.txt", progress=False)
        in_sentences(str(error.value))
    assert left() == []
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**9, 10**9, 5))  # type: ignore[attr-defined]
        with pytest.raises(OutputError, match=r"has 0 MB left\. Free some space"):
            fetch("mine", f"{site.base}/v.txt", progress=False)
    assert left() == []


def test_two_at_once(site: Site) -> None:
    site.files["/v.txt"] = CONTENT
    folder().mkdir(parents=True)
    with partial_file(folder(), "mine"), pytest.raises(BusyError, match="Another process is fetching mine"):
        fetch("mine", f"{site.base}/v.txt", progress=False)


def test_a_binary_file_keeps_its_suffix_and_replaces_one_of_another(site: Site) -> None:
    site.files |= {"/v.bin": word2vec_binary(made_vectors(["a"], 3)), "/v.txt": CONTENT}
    fetch("mine", f"{site.base}/v.txt", progress=False)
    fetch("mine", f"{site.base}/v.bin", overwrite=True, progress=False)
    assert left() == ["mine.bin", "mine.fetched.json"]
    assert find("mine").format == "word2vec binary"
    assert [each.name for each in known_module.all_fetched()] == ["mine"]
