"""Write a table with the answers to its rows, by the suffix of the output. To add one: its file, and its line here."""

from recurra.data.writers.delimited_writer import CsvWriter, TsvWriter
from recurra.data.writers.json_lines_writer import JsonLinesWriter
from recurra.data.writers.parquet_writer import ParquetWriter
from recurra.data.writers.writer import ADDED, Answers, Label, Writer

__all__ = ["ADDED", "WRITERS", "Answers", "Label", "Writer"]

WRITERS: dict[str, type[Writer]] = {
    ".csv": CsvWriter,
    ".tsv": TsvWriter,
    ".jsonl": JsonLinesWriter,
    ".parquet": ParquetWriter,
}
