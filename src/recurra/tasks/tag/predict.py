"""`recurra predict` with a tagger: CoNLL or JSON lines in, the same with other tags out. Base installation only."""

from __future__ import annotations

import codecs
import gzip
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from recurra.data.tables.bytes_check import open_bytes
from recurra.errors import OutputError
from recurra.tasks.registry import load
from recurra.tasks.tag.model import CHUNK, Tagger
from recurra.tasks.tag.reading import open_tagged
from recurra.tasks.tag.tagged_file import TaggedFile
from recurra.terminal.progress import Reporter

MARK = b"\xef\xbb\xbf"


def tag_texts(directory: Path, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its tokens, which are what stands between spaces, and their tags."""
    tagger: Tagger = load(directory)
    for sentences, answers in tagger.tag_iter(text.split() for text in texts):
        for words, tags in zip(sentences, answers, strict=True):
            yield {"tokens": list(words), "tags": tags}


def tag_file(
    directory: Path,
    data: str,
    output: Path,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Tag every sentence of `data` into `output`, which appears when it is whole. Returns counts.

    The output is the input, byte for byte, but for the tags; where the input has no column for them, it gets one at the
    end. word_column, tag_column: as in training where nothing else is said. Memory does not grow with the file.
    Raises OutputError where the output is there already and `overwrite` does not say to replace it.
    """
    reporter = reporter or Reporter()
    if output.is_dir():
        raise OutputError(f"Cannot write {output}: it is a folder. Choose another --output.")
    if output.exists() and not overwrite:
        raise OutputError(f"--output {output} is there already. Choose another name, or replace it with --overwrite.")
    tagger: Tagger = load(directory)
    file = open_as_learnt(
        tagger, data, encoding=encoding, word_column=word_column, tag_column=tag_column, tags_needed=False
    )
    reporter.info(f"Reading {data}; the tags go to column {file.tag_column}.")
    sentences = reporter.track(file.sentences(), "Tagging")
    counts = {"rows": 0, "words": 0}
    encoder = codecs.getincrementalencoder(file.codec)()
    with _whole(output) as target:
        with open_bytes(file.path) as start:
            if file.codec == "utf-8" and start.read(len(MARK)) == MARK:
                target.write(MARK)
        while chunk := list(islice(sentences, CHUNK)):
            answers = tagger.tag(sentence.words for sentence in chunk)
            for sentence, tags in zip(chunk, answers, strict=True):
                target.write(encoder.encode(file.retagged(sentence, tags)))
                counts["rows"] += bool(tags)
                counts["words"] += len(tags)
    return {**counts, "output": str(output)}


def open_as_learnt(
    tagger: Tagger,
    data: str,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    tags_needed: bool = True,
) -> TaggedFile:
    """Open a file of sentences; its columns are those of the tagger's training where nothing else is said."""
    learnt = tagger.manifest.data if tagger.manifest else {}
    form, column = learnt.get("format"), learnt.get("tag_column")
    file = open_tagged(
        data,
        encoding=encoding,
        word_column=word_column,
        tag_column=tag_column,
        tags_needed=tags_needed,
        usual=(form, column) if isinstance(form, str) and isinstance(column, str) else None,
    )
    usual_word = learnt.get("word_column")
    if word_column is None and isinstance(usual_word, str) and file.format == form:
        return open_as_learnt(
            tagger, data, encoding=encoding, word_column=usual_word, tag_column=tag_column, tags_needed=tags_needed
        )
    return file


@contextmanager
def _whole(output: Path) -> Iterator[IO[bytes]]:
    """Give a file beside `output` to write to, gzipped where the name says so, that then takes its place whole."""
    place = Path(os.path.realpath(output))
    staging: Path | None = None
    try:
        number, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
        staging = Path(name)
        with os.fdopen(number, "wb") as plain:
            if place.suffix.lower() == ".gz":
                with gzip.GzipFile(fileobj=plain, mode="wb", filename="", mtime=0) as packed:
                    yield cast(IO[bytes], packed)
            else:
                yield plain
            plain.flush()
            os.fsync(plain.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(staging, 0o666 & ~mask)
        os.replace(staging, place)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"Cannot write {output}: {error.strerror}. Check the disk and the permissions there, or choose another "
            "--output. Nothing was changed there."
        ) from None
    finally:
        if staging is not None:
            staging.unlink(missing_ok=True)
