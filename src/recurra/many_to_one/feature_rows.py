"""The rows of a file as a model reads them, with what stands beside their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recurra.errors import brief
from recurra.many_to_one.given import Item, RowRead
from recurra.text.text_columns import joined
from recurra.text.tokenizer import Tokenizer


class FeatureRows:
    """Puts the cells of a row together. A cell that is no number, of a column of numbers, counts as missing, and is
    counted."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer, self._encoder = tokenizer, tokenizer.features
        self._unreadable: dict[str, tuple[int, str]] = {}

    def of(self, text: str | None, cells: Sequence[str | None]) -> Item:
        """Return a row of a text, joined where it is of several columns, and of the cells beside it."""
        if self._encoder is None:
            return text or ""
        try:
            codes = self._encoder.codes(cells)
        except ValueError:
            codes = self._encoder.lenient(cells)
            self.count(dict(zip(self._encoder.names, cells, strict=True)))
        return RowRead(text or "", self._encoder.vector(codes))

    def of_cells(self, cells: Sequence[str | None]) -> Item:
        """Return a row of the cells of its texts, and of those beside them."""
        count = max(1, len(self._tokenizer.columns))
        text = joined(cells[:count]) if self._tokenizer.marked else cells[0]
        return self.of(text, cells[count:])

    def count(self, cells: Mapping[str, object]) -> None:
        """Count the cells, by column, that are no numbers where they should be."""
        assert self._encoder is not None  # for the type checker
        for feature in self._encoder.features:
            cell = cells.get(feature.name)
            try:
                feature.code(cell)
            except ValueError:
                count, example = self._unreadable.get(feature.name, (0, str(cell)))
                self._unreadable[feature.name] = (count + 1, example)

    def sentences(self) -> list[str]:
        """Return what to tell of cells that are no numbers, after a pass."""
        return [
            f"The feature {name!r} holds no number in {count:,} row{'s' if count > 1 else ''}, such as "
            f"{brief(example)}: it counts as missing there."
            for name, (count, example) in self._unreadable.items()
        ]
