"""The building blocks of a report's sections, as escaped HTML: tables, quoted texts, tiles, boxes."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from recurra.report import wording


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "", *, numbers: int = 0) -> Markup:
    """Return a table; every cell is escaped unless it is Markup.

    numbers: how many columns at the right hold numbers.
    """
    first_number = len(columns) - numbers
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_number_class(index >= first_number), wording.clean(column))
        for index, column in enumerate(columns)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(_number_class(index >= first_number), _cell(cell))
                for index, cell in enumerate(row)
            )
        )
        for row in rows
    )
    above = Markup("<caption>{}</caption>").format(wording.clean(caption)) if caption else Markup("")
    return Markup(
        '<div class="scroll"><table class="plain">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(above, head, body)


def quotes(items: Sequence[tuple[Sequence[tuple[str, str]], str]]) -> Markup:
    """Return texts one below the other, each under a line of facts.

    items: ([(name, value), ...], text) for each; line breaks in a text are kept.
    """
    cards = Markup("").join(
        Markup('<li class="card"><p class="facts">{}</p><blockquote dir="auto">{}</blockquote></li>').format(
            Markup("").join(
                Markup("<span>{} <b><bdi>{}</bdi></b></span>").format(wording.clean(name), wording.clean(value))
                for name, value in facts
            ),
            wording.clean(text),
        )
        for facts, text in items
    )
    return Markup('<ol class="quotes">{}</ol>').format(cards)


def tiles(items: Sequence[tuple[str, str]]) -> Markup:
    """Return (name, value) pairs as tiles, the values large."""
    cells = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(wording.clean(name), wording.clean(value))
        for name, value in items
    )
    return Markup('<dl class="tiles">{}</dl>').format(cells)


def bullets(sentences: Sequence[str]) -> Markup:
    """Return sentences as a list."""
    items = Markup("").join(Markup("<li>{}</li>").format(wording.clean(sentence)) for sentence in sentences)
    return Markup('<ul class="bullets">{}</ul>').format(items)


def boxed(*bodies: Markup) -> Markup:
    """Return contents in boxes: one over the whole width, several two by two."""
    boxes = Markup("").join(Markup('<div class="card">{}</div>').format(body) for body in bodies)
    return Markup('<div class="{}">{}</div>').format("pair" if len(bodies) > 1 else "alone", boxes)


def _number_class(number: bool) -> Markup:
    return Markup(' class="number"') if number else Markup("")


def _cell(value: object) -> Markup:
    return value if isinstance(value, Markup) else escape(wording.clean(value))
