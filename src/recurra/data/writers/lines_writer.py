"""Plain text: a text file becomes another of as many lines, so that the two stay aligned."""

from __future__ import annotations

from pathlib import Path

from recurra.data.writers.writer import Answers, TableWriter


class LinesWriter(TableWriter):
    """The answer to each line, and nothing of the input. An answer has one text, without line ends."""

    def write(self, path: Path, answers: Answers) -> None:
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.writelines(f"{text}\n" for (text,) in self.values(answers))
