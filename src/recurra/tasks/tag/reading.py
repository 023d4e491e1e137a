"""Open a file of tagged sentences with the reader that it needs."""

from __future__ import annotations

from pathlib import Path

from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.learnt import learnt_by, learnt_encoding
from recurra.errors import ReadError
from recurra.storage.model_directory import Manifest
from recurra.tasks.tag.conll import ConllFile
from recurra.tasks.tag.jsonl import TaggedJsonl
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.other_files import refuse_plain_sentences, refuse_tables
from recurra.tasks.tag.tagged_file import TaggedFile, TrainingColumns
from recurra.terminal.progress import Reporter


def open_tagged(
    path: str | Path,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    tags_needed: bool = True,
    training: TrainingColumns | None = None,
) -> TaggedFile:
    """Open a file of sentences: JSON lines by its suffix, else CoNLL-U or other columns by what is in it.

    word_column, tag_column: a number from 1, or a name; None is FORM and UPOS in CoNLL-U, the first and the last column
    in other CoNLL files, "tokens" and "tags" in JSON lines. tags_needed: False where they are to be predicted: the
    column may be missing then. training: the columns that a model was trained on; they are those of this file too
    unless others are given. Raises ReadError, for tables and plain sentences too, or ColumnError, also where the file
    has other columns than the training and none is given.
    """
    path = Path(path)
    if path.is_dir():
        raise ReadError(f"{path} is a folder. Give a file of tagged sentences: .conllu, .conll or .jsonl.")
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix == ".parquet":
        raise ReadError(
            f"{path}: a tagger does not read Parquet. Write its rows as JSON lines, each with a list of words and a "
            'list of tags: {"tokens": [...], "tags": [...]}.'
        )
    codec = check_bytes(path, encoding)
    if suffix in (".jsonl", ".ndjson"):
        return TaggedJsonl(path, codec, word_column, tag_column, tags_needed=tags_needed, training=training)
    if suffix != ".conllu":
        refuse_tables(path, codec)
        refuse_plain_sentences(path, codec, tags_needed=tags_needed)
    return ConllFile(path, codec, word_column, tag_column, tags_needed=tags_needed, training=training)


def open_like_training(
    path: str,
    options: TaggedFileOptions,
    manifest: Manifest | None,
    reporter: Reporter,
    *,
    tags_needed: bool = True,
) -> TaggedFile:
    """Open a file of sentences; the columns and the encoding that `options` does not name are those of the training.

    Raises ReadError or ColumnError.
    """
    return open_tagged(
        path,
        encoding=learnt_encoding(path, options, learnt_by(manifest), reporter),
        word_column=options.word_column,
        tag_column=options.tag_column,
        tags_needed=tags_needed,
        training=_training_columns(manifest),
    )


def _training_columns(manifest: Manifest | None) -> TrainingColumns | None:
    data = manifest.data if manifest else {}
    form, tags, words, width = (data.get(name) for name in ("format", "tag_column", "word_column", "columns"))
    if not isinstance(form, str) or not isinstance(tags, str):
        return None
    return TrainingColumns(
        form,
        tags,
        words if isinstance(words, str) else None,
        width if isinstance(width, int) else None,
        data.get("tags_are_numbers") is True,
    )
