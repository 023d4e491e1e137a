"""Open a file of tagged sentences with the reader that it needs."""

from __future__ import annotations

from pathlib import Path

from recurra.data.tables.bytes_check import check_bytes
from recurra.errors import ReadError
from recurra.storage.model_directory import Manifest
from recurra.tasks.tag.conll import ConllFile
from recurra.tasks.tag.jsonl import TaggedJsonl
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.tagged_file import TaggedFile


def open_tagged(
    path: str | Path,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    tags_needed: bool = True,
    usual: tuple[str, str] | None = None,
) -> TaggedFile:
    """Open a file of sentences: JSON lines by its suffix, else CoNLL-U or other columns by what is in it.

    word_column, tag_column: a number from 1, or a name; None is FORM and UPOS in CoNLL-U, the first and the last column
    in other CoNLL files, "tokens" and "tags" in JSON lines. tags_needed: False where they are to be predicted: the
    column may be missing then. usual: (format, tag column) of a model's training data, for a file of the same format
    where no column is given. Raises ReadError or ColumnError.
    """
    path = Path(path)
    if path.is_dir():
        raise ReadError(f"{path} is a folder. Give a file of tagged sentences: .conllu, .conll or .jsonl.")
    codec = check_bytes(path, encoding)
    kind = TaggedJsonl if Path(path.name.lower().removesuffix(".gz")).suffix in (".jsonl", ".ndjson") else ConllFile
    return kind(path, codec, word_column, tag_column, tags_needed=tags_needed, usual=usual)


def open_like_training(
    path: str, options: TaggedFileOptions, manifest: Manifest | None, *, tags_needed: bool = True
) -> TaggedFile:
    """Open a file of sentences; the columns that `options` does not name are those of the model's training.

    Raises ReadError or ColumnError.
    """
    data = manifest.data if manifest else {}
    form, tag_column, word_column = data.get("format"), data.get("tag_column"), data.get("word_column")
    usual = (form, tag_column) if isinstance(form, str) and isinstance(tag_column, str) else None

    def opened(words: str | None) -> TaggedFile:
        return open_tagged(
            path,
            encoding=options.encoding,
            word_column=words,
            tag_column=options.tag_column,
            tags_needed=tags_needed,
            usual=usual,
        )

    file = opened(options.word_column)
    same = options.word_column is None and isinstance(word_column, str) and file.format == form
    return opened(word_column) if same else file
