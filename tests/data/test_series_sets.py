"""M4, ETT and JapaneseVowels from small files on a server of this machine: right, cut, wrong, and a second time."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from pathlib import Path

import pytest

from recurra.data import series_sets
from recurra.data.catalog import CATALOG, resolve
from recurra.data.series.reader import read_series
from recurra.data.series_sets import ETT_DIGESTS, M4_DIGESTS, SERIES_SETS, VOWELS_DIGESTS
from recurra.errors import CatalogError, OptionError, OutputError
from support.archives import Site
from support.whole_commands import in_sentences

TRAIN = b'"V1","V2","V3","V4","V5"\n"H1","605","586.5","",""\n"H2","1","","3","4"\n"H3","9",,,\n'
TEST = b'"V1","V2","V3"\n"H1","619","565"\n"H2","5","6"\n"H3","8","7"\n'
ETT = b"date,HUFL,OT\n2016-07-01 00:00:00,5.8270001,30.5\n2016-07-01 01:00:00,5.692999839782715,27.7\n"
VOWELS = b"@problemName JapaneseVowels\n@classLabel true 1 2\n@data\n1,2:3,4:1\n1,2,3:3,4,5:2\n"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No copy, and no network, unless a test brings one."""
    monkeypatch.delenv("RECURRA_DATA", raising=False)
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    for name in ("M4_URL", "ETT_URL", "VOWELS_URL"):
        monkeypatch.setattr(series_sets, name, "http://127.0.0.1:9/")


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def git(content: bytes) -> str:
    """The name of a file in a repository, as `git hash-object` gives it."""
    return "git:" + hashlib.sha1(b"blob " + str(len(content)).encode() + b"\x00" + content).hexdigest()


def hourly(monkeypatch: pytest.MonkeyPatch, site: Site, train: bytes = TRAIN, test: bytes = TEST) -> str:
    """Put the two files of M4 behind an address, and return that of their folder."""
    site.files |= {"/4/Train/Hourly-train.csv": train, "/4/Test/Hourly-test.csv": test}
    monkeypatch.setitem(M4_DIGESTS, "hourly", (git(TRAIN), sha256(TEST)))
    return f"{site.base}/4"


def find(name: str = "m4-hourly", url: str | None = None) -> tuple[Path, Path | None]:
    source = resolve(name, url=url, progress=False, holds=CATALOG[name.lower()].holds)
    return source.path, source.test


def rows(table: Path | None) -> list[list[str]]:
    assert table
    with table.open(newline="") as file:
        header, *found = csv.reader(file)
    assert header == ["unique_id", "ds", "y"]
    return found


def left(tmp_path: Path, name: str = "m4-hourly") -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache" / name).iterdir())


def test_m4_becomes_two_long_tables_with_times_that_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    train, test = find(url=hourly(monkeypatch, site))
    assert rows(train) == [
        ["H1", "1", "605"],
        ["H1", "2", "586.5"],
        ["H2", "1", "1"],
        ["H2", "2", ""],  # missing within a series, where a row after its end is none
        ["H2", "3", "3"],
        ["H2", "4", "4"],
        ["H3", "1", "9"],
    ]
    assert rows(test) == [
        *(["H1", "3", "619"], ["H1", "4", "565"], ["H2", "5", "5"]),
        *(["H2", "6", "6"], ["H3", "2", "8"], ["H3", "3", "7"]),
    ]
    assert left(tmp_path) == ["test.csv", "train.csv"]
    assert find() == (train, test) and site.asked == [None, None]  # the second time without the server
    found = read_series(train)
    assert (found.ids, [len(values) for values in found.values]) == (["H1", "H2", "H3"], [2, 4, 1])


def test_ett_becomes_a_series_of_each_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    site.files["/ETTh1.csv"] = ETT
    monkeypatch.setitem(ETT_DIGESTS, "ETTh1", git(ETT))
    train, test = find("ETTh1", f"{site.base}/")
    assert test is None and left(tmp_path, "etth1") == ["train.csv"]
    assert rows(train) == [
        ["HUFL", "2016-07-01 00:00:00", "5.8270001"],
        ["HUFL", "2016-07-01 01:00:00", "5.692999839782715"],
        ["OT", "2016-07-01 00:00:00", "30.5"],
        ["OT", "2016-07-01 01:00:00", "27.7"],
    ]


def test_japanese_vowels_are_two_files_as_they_are(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    for name in VOWELS_DIGESTS:
        site.files[f"/{name}"] = VOWELS
        monkeypatch.setitem(VOWELS_DIGESTS, name, sha256(VOWELS))
    train, test = find("japanese-vowels", site.base)
    assert test and train.read_bytes() == test.read_bytes() == VOWELS
    assert read_series(train).columns == {"label": ["1", "2"]}


def test_a_cut_download_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    url = hourly(monkeypatch, site)
    site.cut = [20]
    with pytest.raises(CatalogError, match=r"m4-hourly is not on this machine.* cut after 20 of .*Or put") as error:
        find(url=url)
    in_sentences(str(error.value))
    assert left(tmp_path) == [".train.csv.part"]
    train, _ = find(url=url)
    assert site.asked == [None, "bytes=20-", None]
    assert len(rows(train)) == 7 and left(tmp_path) == ["test.csv", "train.csv"]


def test_a_wrong_test_part_leaves_the_right_one_to_learn_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    url = hourly(monkeypatch, site, test=TEST.replace(b"565", b"566"))
    with pytest.raises(CatalogError, match=r"Hourly-test.csv gave is not the expected file: its sha256") as error:
        find(url=url)
    in_sentences(str(error.value))
    assert left(tmp_path) == ["train.csv"]
    site.files["/4/Test/Hourly-test.csv"] = TEST
    find(url=url)
    assert left(tmp_path) == ["test.csv", "train.csv"] and len(site.asked) == 3


def test_a_wrong_file_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    with pytest.raises(
        CatalogError, match=r"Hourly-train.csv gave is not the expected file: its git digest is [0-9a-f]{40}"
    ):
        find(url=hourly(monkeypatch, site, train=TRAIN + b" "))
    assert left(tmp_path) == []


def test_an_own_copy_is_checked_and_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(ETT_DIGESTS, "ETTh1", sha256(ETT))
    copy = tmp_path / "data" / "ett" / "ETTh1.csv"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(ETT.replace(b"\n", b"\r\n"))
    with pytest.raises(CatalogError, match=r"ETTh1.csv is not the published file: its sha256 digest is .*"):
        find("etth1")
    assert not (tmp_path / "cache").exists()
    copy.rename(tmp_path / "data" / "ETTh1.csv")
    (tmp_path / "data" / "ETTh1.csv").write_bytes(ETT)
    assert len(rows(find("etth1")[0])) == 4
    assert left(tmp_path, "etth1") == ["train.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_an_own_copy_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path))
    (tmp_path / "ETTh1.csv").write_bytes(ETT)
    (tmp_path / "ETTh1.csv").chmod(0)
    with pytest.raises(CatalogError, match=r"Cannot read .*ETTh1.csv: Permission denied"):
        find("etth1")


def test_no_network_and_no_place_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CatalogError, match=r"refused.* Or put ETTm2.csv into a folder and set RECURRA_DATA") as error:
        find("ettm2")
    in_sentences(str(error.value))
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="Set RECURRA_CACHE"):
        find("ettm2")


def test_a_series_to_continue_is_not_one_with_a_label() -> None:
    with pytest.raises(OptionError, match=r"m4-daily holds series, not labelled series. Give --task forecast."):
        resolve("m4-daily", holds="labelled series")
    with pytest.raises(OptionError, match=r"japanese-vowels holds labelled series, not texts. Give --task series."):
        resolve("japanese-vowels")


def test_every_file_is_pinned_to_a_commit_and_a_digest() -> None:
    digests = [*(one for both in M4_DIGESTS.values() for one in both), *ETT_DIGESTS.values(), *VOWELS_DIGESTS.values()]
    assert len(set(digests)) == 18
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}|git:[0-9a-f]{40}", digest) for digest in digests)
    assert len(set(re.findall(r"/[0-9a-f]{40}\b", Path(series_sets.__file__).read_text()))) == 3  # one a repository
    assert set(SERIES_SETS) <= set(CATALOG) and len(SERIES_SETS) == 11
