"""CoNLL and JSON lines of sentences, damaged: no word is lost, no column but that of the tags is written."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st

import recurra
from support.damage import INTERESTING, damaged
from support.fuzzing import fuzzed
from support.live_models import write_tagger
from support.trainings import what_training_reads
from support.whole_commands import in_words, run

WORDS = ("w1", "w2", "Wien", "'s", "日本", "3-4", "#", "naïve")
TAGS = ("DET", "NOUN", "VERB")
CONLLU = (
    "# sent_id = 1\n1\tw1\tw1\tDET\t_\t_\t0\troot\t_\t_\n"
    "2-3\tzum\t_\t_\t_\t_\t_\t_\t_\t_\n2\tw2\t_\tNOUN\t_\t_\t_\t_\t_\t_\n"
)
SUFFIXES = (".conll", ".conllu", ".txt", ".jsonl", ".conll.gz")


@st.composite
def files(draw: st.DrawFn, more: int = 0) -> tuple[str, bytes, int]:
    """Draw (suffix, content, number of columns): good sentences of two to four columns, damaged.

    more: how many other sentences are there too.
    """
    suffix, width = draw(st.sampled_from(SUFFIXES)), draw(st.integers(2, 4))
    sentence = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(TAGS)), min_size=1, max_size=5)
    sentences = draw(st.lists(sentence, min_size=1, max_size=4))
    sentences += [[(f"word{n}", TAGS[n % 3]), ("w1", "NOUN")] for n in range(more)]
    if suffix == ".jsonl":
        rows = ({"tokens": [word for word, _ in it], "tags": [tag for _, tag in it]} for it in sentences)
        text = "".join(json.dumps(row, ensure_ascii=draw(st.booleans())) + "\n" for row in rows)
    elif suffix == ".conllu":
        text = CONLLU + "\n" + CONLLU
    else:
        mark, end = draw(st.sampled_from("\t ")), draw(st.sampled_from(("\n", "\r\n")))
        rows = (
            "".join(mark.join([word, *("X" for _ in range(width - 2)), tag]) + end for word, tag in it)
            for it in sentences
        )
        text = "".join(f"{row}{end}" for row in rows)
        text += draw(st.sampled_from(("", "-DOCSTART- -X- O O" + end + end))) + text
    words = (
        *INTERESTING,
        b"\n\n",
        b"1\t",
        b"_",
        b"2-3",
        b"1.1",
        b"# global.columns = ID FORM UPOS\n",
        b'"tokens"',
        b"\xc2\xa0",
    )
    content = draw(damaged(text.encode(), words))
    return suffix, gzip.compress(content, mtime=0) if suffix.endswith(".gz") else content, width


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tagger(tmp_path_factory.mktemp("models") / "model")


def plain(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


@fuzzed(40, file=files(), table=st.booleans(), tag_column=st.sampled_from((None, None, "2", "3", "upos", "tags")))
def test_predict(model: Path, file: tuple[str, bytes, int], table: bool, tag_column: str | None) -> None:
    suffix, content, _ = file
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / f"in{suffix}", Path(folder) / f"out{'.jsonl' if table else suffix}"
        source.write_bytes(content)
        chosen = ("--tag-column", tag_column) if tag_column else ()
        ended = run("predict", model, "--input", source, "--output", output, *chosen, "--json")
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} == {source.name, *([] if ended.status else [output.name])}
        if ended.status:
            return
        counts = json.loads(ended.out)
        before, after = plain(source), plain(output)
        if suffix == ".jsonl":
            are_equal_objects(model, before, after, counts["rows"], tag_column or "tags")
        elif table:
            rows = [json.loads(line) for line in after.split("\n") if line]
            assert len(rows) == counts["rows"] and sum(len(row["tokens"]) for row in rows) == counts["words"]
            are_of_the_model(model, [(row["tokens"], row["tags"]) for row in rows])
        else:
            are_equal_columns(model, before, after, counts)


def are_of_the_model(model: Path, sentences: list[tuple[list[str], list[str]]]) -> None:
    """Check the tags of each sentence against the model, asked anew."""
    expected = recurra.load(model, task="tag").tag([words for words, _ in sentences])
    assert [tags for _, tags in sentences] == expected


def are_equal_objects(model: Path, before: str, after: str, rows: int, key: str) -> None:
    """Check that each object is as it was but for its tags."""
    pairs = [
        (json.loads(old), json.loads(new))
        for old, new in zip(*(split_lines(text.removeprefix("\ufeff")) for text in (before, after)), strict=True)
        if old.strip()
    ]
    assert sum(bool(new["tokens"]) for _, new in pairs) == rows
    for old, new in pairs:
        assert {**old, key: 0} == {**new, key: 0} if new["tokens"] else old == new
    are_of_the_model(model, [(new["tokens"], new[key]) for _, new in pairs if new["tokens"]])


def are_equal_columns(model: Path, before: str, after: str, counts: dict[str, int]) -> None:
    """Check that each line is as it was but for one cell, the same everywhere, which has a tag of the model."""
    places = set()
    lines = list(zip(split_lines(before), split_lines(after), strict=True))
    for old, new in lines:
        old_cells, new_cells = (cells(line, "\t" in new) for line in (old, new))
        differing = [n for n, (a, b) in enumerate(zip(old_cells, new_cells, strict=False)) if a != b]
        differing += range(len(old_cells), len(new_cells))
        assert len(differing) <= 1 and len(new_cells) - len(old_cells) in (0, 1), (old, new)
        assert all(new_cells[n] in TAGS for n in differing), (old, new)
        places.update(differing)
    assert len(places) <= 1, places
    tagged: list[tuple[list[str], list[str]]] = [([], [])]
    for _, line in lines:
        if line.strip() and not line.startswith("-DOCSTART-") and places:
            row = cells(line, "\t" in line)
            tagged[-1][0].append(row[0])
            tagged[-1][1].append(row[min(min(places), len(row) - 1)])
        elif not line.strip():
            tagged.append(([], []))
    words = sum(len(words) for words, _ in tagged)
    if places and "#" not in before and not re.search(r"^\d", before, re.MULTILINE):
        assert words == counts["words"]
        are_of_the_model(model, tagged)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text that ends them by line feeds or carriage returns, ends included."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def cells(line: str, tabbed: bool) -> list[str]:
    return line.split("\t") if tabbed else [cell for cell in line.replace("\t", " ").split(" ") if cell]


@fuzzed(40, file=files(), tag_column=st.sampled_from((None, None, "2", "3", "upos")))
def test_evaluate(model: Path, file: tuple[str, bytes, int], tag_column: str | None) -> None:
    suffix, content, _ = file
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"in{suffix}"
        source.write_bytes(content)
        chosen = ("--tag-column", tag_column) if tag_column else ()
        ended = run("evaluate", model, source, *chosen, "--json")
        in_words(ended)
        assert source.read_bytes() == content and [source] == list(Path(folder).iterdir())
        if not ended.status:
            result = json.loads(ended.out)
            assert 0 <= result["accuracy"] <= 1 and 0 < result["rows"] <= result["words"]


@fuzzed(60, file=files(more=30), tag_column=st.sampled_from((None, None, "2", "3", "upos")))
def test_what_training_reads(file: tuple[str, bytes, int], tag_column: str | None) -> None:
    suffix, content, _ = file
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"in{suffix}"
        source.write_bytes(content)
        data = what_training_reads(source, "tag", tag_column=tag_column)
        assert source.read_bytes() == content
        if data is not None:
            assert 0 < data["rows"] <= data["words"] <= len(plain(source).split())


@fuzzed(40, text=st.text(max_size=60), more=st.lists(st.text(max_size=20), max_size=3))
def test_texts(model: Path, text: str, more: list[str]) -> None:
    texts = [text.replace("\n", " ").replace("\r", " "), *(it for it in more if "\0" not in it)]
    lines = "\n".join(texts).encode("utf-8", "surrogatepass")
    ended = run("predict", model, "--json", input=lines)
    in_words(ended)
    if not ended.status:
        answers = json.loads(ended.out)["predictions"]
        said = lines.decode().replace("\r\n", "\n").replace("\n", " ")
        assert [word for answer in answers for word in answer["tokens"]] == said.split()


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw (suffix, content) of a table with a word a row, damaged."""
    tab = draw(st.booleans())
    once, mark = draw(st.booleans()), "\t" if tab else ","
    lines = [mark.join(("sentence_id", "word", "tag"))]
    for number in range(draw(st.integers(1, 5))):
        for place in range(draw(st.integers(1, 4))):
            name = "" if once and place else str(number)
            lines.append(mark.join((name, draw(st.sampled_from(WORDS)), draw(st.sampled_from(TAGS)))))
    words = (*INTERESTING, b"\n\n", b'"', b",,", b"0,", b"sentence_id")
    return ".tsv" if tab else ".csv", draw(damaged("\n".join([*lines, ""]).encode(), words))


@fuzzed(60, table=tables(), skip=st.booleans())
def test_tables_with_a_word_a_row(model: Path, table: tuple[str, bytes], skip: bool) -> None:
    suffix, content = table
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / f"in{suffix}", Path(folder) / "out.jsonl"
        source.write_bytes(content)
        chosen = ("--bad-rows", "skip") if skip else ()
        ended = run("predict", model, "--input", source, "--output", output, *chosen, "--json")
        in_words(ended)
        assert source.read_bytes() == content
        if ended.status:
            assert not output.exists()
        elif suffix == ".csv" or content.startswith(b"sentence_id\tword"):
            rows = [json.loads(line) for line in output.read_text(encoding="utf-8").split("\n") if line]
            if "sentence_id" in rows[0]:
                tags = [list(row.values())[-1] for row in rows]
                assert all(tag in ("", *TAGS) for tag in tags)
                assert sum(map(bool, tags)) == json.loads(ended.out)["words"]
        in_words(run("evaluate", model, source, "--json"))
