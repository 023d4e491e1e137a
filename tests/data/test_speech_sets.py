"""Speech Commands and Mini LibriSpeech from small archives on a server of this machine: right, cut, wrong, unsafe."""

from __future__ import annotations

import csv
import hashlib
import tarfile
from pathlib import Path

import pytest

from recurra.data import speech_sets
from recurra.data.catalog import resolve
from recurra.data.speech_sets import COMMANDS_FOLDER, LIBRISPEECH_DIGESTS
from recurra.errors import CatalogError, OptionError, ReadError
from support.archives import Site, archive_of
from support.whole_commands import in_sentences

COMMANDS = {
    "./README.md": b"about",
    "./testing_list.txt": b"yes/0a_nohash_0.wav\nno/0a_nohash_1.wav\n",
    "./validation_list.txt": b"yes/0b_nohash_0.wav\n",
    "./_background_noise_/pink_noise.wav": b"noise",
    "./yes/0a_nohash_0.wav": b"1",
    "./yes/0b_nohash_0.wav": b"2",
    "./no/0a_nohash_1.wav": b"3",
    "./no/0c_nohash_0.wav": b"4",
}


def libri(part: str, speaker: str) -> bytes:
    below = f"LibriSpeech/{part}/{speaker}/7/{speaker}-7"
    return archive_of(
        {
            "LibriSpeech/SPEAKERS.TXT": b"about",
            f"{below}.trans.txt": f"{speaker}-7-0000 GOOD DAY\n".encode(),
            f"{below}-0000.flac": b"fLaC",
        }
    )


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No copy, and no network, unless a test brings one."""
    monkeypatch.delenv("RECURRA_DATA", raising=False)
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(speech_sets, "COMMANDS_URL", "http://127.0.0.1:9/commands.tar.gz")
    monkeypatch.setattr(speech_sets, "LIBRISPEECH_URL", "http://127.0.0.1:9/31/")


def commands(monkeypatch: pytest.MonkeyPatch, site: Site, archive: bytes, digest: str | None = None) -> str:
    """Put an archive behind an address, and return that."""
    site.files["/commands.tar.gz"] = archive
    known = f"sha256:{digest or hashlib.sha256(archive).hexdigest()}"
    monkeypatch.setattr(speech_sets, "COMMANDS_DIGEST", known)
    return f"{site.base}/commands.tar.gz"


def find(url: str | None = None) -> tuple[Path, Path]:
    source = resolve("speech-commands", url=url, progress=False, holds="speech")
    assert source.test
    return source.path, source.test


def rows(table: Path) -> list[tuple[str, str, str]]:
    with table.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert all(Path(row["path"]).is_file() for row in found)
    return [(Path(row["path"]).name, row["transcript"], row["speaker"]) for row in found]


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache" / "speech-commands").iterdir())


def test_speech_commands_become_two_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    train, test = find(commands(monkeypatch, site, archive_of(COMMANDS)))
    assert rows(test) == [("0a_nohash_1.wav", "no", "0a"), ("0a_nohash_0.wav", "yes", "0a")]
    assert rows(train) == [("0c_nohash_0.wav", "no", "0c"), ("0b_nohash_0.wav", "yes", "0b")]
    assert left(tmp_path) == [COMMANDS_FOLDER, "test.csv", "train.csv"]
    assert not (tmp_path / "cache" / "speech-commands" / COMMANDS_FOLDER / "_background_noise_").exists()
    assert find() == (train, test) and len(site.asked) == 1  # the second time without the server


def test_an_own_copy_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in COMMANDS.items():
        path = tmp_path / "data" / COMMANDS_FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "data"))
    train, test = find()
    assert train.parent == tmp_path / "cache" / "speech-commands"
    assert (len(rows(train)), len(rows(test))) == (2, 2)
    (tmp_path / "data" / COMMANDS_FOLDER / "yes" / "0a_nohash_0.wav").unlink()
    with pytest.raises(ReadError, match=r"is not whole: .* 1 recordings .* such as yes/0a_nohash_0\.wav") as error:
        find()
    in_sentences(str(error.value))


def test_a_cut_download_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    url = commands(monkeypatch, site, archive_of(COMMANDS))
    site.cut = [50]
    with pytest.raises(CatalogError, match=r"speech-commands is not on this machine.* cut after 50 of") as error:
        find(url)
    in_sentences(str(error.value))
    assert left(tmp_path) == [f".{COMMANDS_FOLDER}.part"]
    find(url)
    assert site.asked == [None, "bytes=50-"]
    assert left(tmp_path) == [COMMANDS_FOLDER, "test.csv", "train.csv"]


def _link(info: tarfile.TarInfo) -> None:
    if info.name.endswith(".wav"):
        info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0


@pytest.mark.parametrize(
    ("archive", "digest", "reason"),
    [
        (archive_of(COMMANDS), "0" * 64, "is not the expected archive: its sha256 digest is"),
        (archive_of(COMMANDS | {"./yes/../../../evil.wav": b"x"}), None, "is unsafe: it holds the path"),
        (archive_of(COMMANDS | {"/yes/0a_nohash_9.wav": b"x"}), None, "is unsafe: it holds the path"),
        (archive_of(COMMANDS, _link), None, "is a link or a device"),
        (archive_of(COMMANDS)[:200], None, "is damaged"),
        (archive_of({"other.txt": b"x"}), None, "holds none of the expected files"),
    ],
    ids=["wrong digest", "traversal", "absolute", "link", "truncated", "other"],
)
def test_what_is_not_right_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site, archive: bytes, digest: str | None, reason: str
) -> None:
    with pytest.raises(CatalogError, match=reason) as error:
        find(commands(monkeypatch, site, archive, digest))
    in_sentences(str(error.value))
    assert left(tmp_path) == []
    assert not list(tmp_path.rglob("evil.wav"))


def test_an_archive_that_grows_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setattr(speech_sets, "COMMANDS_BYTES", 40)
    with pytest.raises(CatalogError, match="unpacks to more than 40 bytes"):
        find(commands(monkeypatch, site, archive_of(COMMANDS)))
    assert left(tmp_path) == []


def test_mini_librispeech_is_two_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    archives = {"train-clean-5": libri("train-clean-5", "19"), "dev-clean-2": libri("dev-clean-2", "84")}
    for part, archive in archives.items():
        site.files[f"/31/{part}.tar.gz"] = archive
        digest = hashlib.md5(archive, usedforsecurity=False).hexdigest()
        monkeypatch.setitem(LIBRISPEECH_DIGESTS, part, f"md5:{digest}")
    source = resolve("mini-librispeech", url=f"{site.base}/31/", progress=False, holds="speech")
    place = tmp_path / "cache" / "mini-librispeech" / "LibriSpeech"
    assert (source.path, source.test) == (place / "train-clean-5", place / "dev-clean-2")
    files = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    assert files == [
        "dev-clean-2/84/7/84-7-0000.flac",
        "dev-clean-2/84/7/84-7.trans.txt",
        "train-clean-5/19/7/19-7-0000.flac",
        "train-clean-5/19/7/19-7.trans.txt",
    ]
    assert "the cache" in resolve("mini-librispeech", holds="speech").how


def test_a_half_fetched_set_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    place = tmp_path / "cache" / "mini-librispeech" / "LibriSpeech"
    (place / "train-clean-5").mkdir(parents=True)
    archive = libri("dev-clean-2", "84")
    site.files["/dev-clean-2.tar.gz"] = archive
    digest = hashlib.md5(archive, usedforsecurity=False).hexdigest()
    monkeypatch.setitem(LIBRISPEECH_DIGESTS, "dev-clean-2", f"md5:{digest}")
    resolve("mini-librispeech", url=site.base, progress=False, holds="speech")
    assert (place / "dev-clean-2" / "84").is_dir() and len(site.asked) == 1


@pytest.mark.parametrize("name", ["speech-commands", "mini-librispeech"])
def test_speech_is_for_one_task(name: str) -> None:
    with pytest.raises(OptionError, match=f"The data set {name} holds speech, not texts. Give --task transcribe."):
        resolve(name)
    with pytest.raises(OptionError, match="Give --task classify"):
        resolve("imdb", holds="speech")
