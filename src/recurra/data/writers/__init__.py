"""Write a file again with the answers to it, by the suffix of the output. To add one: its file, and its line here."""

from recurra.data.writers.delimited_writer import CsvWriter, TsvWriter
from recurra.data.writers.json_lines_writer import JsonLinesWriter
from recurra.data.writers.lines_writer import LinesWriter
from recurra.data.writers.parquet_writer import ParquetWriter
from recurra.data.writers.writer import AnswerColumn, Answers, Label, TableWriter, Writer

__all__ = ["WRITERS", "AnswerColumn", "Answers", "Label", "LinesWriter", "TableWriter", "Writer"]

WRITERS: dict[str, type[TableWriter]] = {
    ".csv": CsvWriter,
    ".tsv": TsvWriter,
    ".jsonl": JsonLinesWriter,
    ".parquet": ParquetWriter,
}
