"""An explanation as one self-contained page: words coloured by what they contribute, and tables of the same numbers.

Whatever comes from the user is escaped. Colour is never the only sign: what speaks against the label has a dotted
underline, what speaks for it a solid one, every word shows its number when pointed at, and a table has the strongest.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

from recurra.many_to_one.explain import (
    Contribution,
    Explanation,
    around_words,
    divided,
    edges_shown,
    of_no_known_word,
)
from recurra.report.document import document
from recurra.report.wording import percent

FAINT = 0.05
"""A word below this share of the strongest contribution is not coloured."""


def page(explanation: Explanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many words the table has."""
    target, chance = str(explanation.target), explanation.probabilities[str(explanation.target)]
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0)
    parts = [
        f"<h1>{_shown(explanation.label)}</h1>",
        f'<p class="lead">The model gives <b>{_shown(target)}</b> a probability of {percent(chance)}. '
        "Each word is coloured by how much the log-odds of that label would fall without it.</p>",
        _legend(target),
        f'<p class="text" dir="auto">{_coloured(explanation, strongest)}</p>',
        *(f'<p class="note">{note}</p>' for note in _notes(explanation)),
        _table("The words that contribute most", "word", explanation.top(top), strongest),
        _table("Sentences", "sentence", explanation.sentences, None),
        _ngrams(explanation, top),
        _folded("Every word, in order", _table("", "word", explanation.words, strongest)),
        _chances(explanation),
        '<p class="note">A contribution is what hiding that word alone changes. Words that say the same stand in for '
        "each other, and then each of them contributes little.</p>",
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return document(f"{explanation.label}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _coloured(explanation: Explanation, strongest: float) -> str:
    """Return the whole text, each word that counts marked; HTML line breaks in it break lines."""
    pieces = [_word(word, strongest) if word else _shown(between) for between, word in around_words(explanation)]
    return "".join(pieces)


def _word(word: Contribution, strongest: float) -> str:
    share = abs(word.contribution) / strongest if strongest else 0.0
    if share < FAINT:
        return _shown(word.text)
    kind = "for" if word.contribution > 0 else "against"
    return f'<mark class="{kind}" style="--s:{share:.2f}" title="{word.contribution:+.2f}">{_shown(word.text)}</mark>'


def _legend(target: str) -> str:
    return (
        f'<p class="legend"><mark class="for" style="--s:0.7">speaks for {_shown(target)}</mark> '
        '<mark class="against" style="--s:0.7">speaks against it</mark> '
        '<span class="quiet">the stronger the colour, the more; point at a word for its number</span></p>'
    )


def _notes(explanation: Explanation) -> list[str]:
    notes = []
    if explanation.truncated:
        notes.append(
            f"The text has {explanation.tokens:,} words and signs and is longer than the model reads: it was cut."
        )
    if explanation.span > 1:
        notes.append(
            f"The text is long: {explanation.span} neighbouring words are hidden together, and share a number."
        )
    if not explanation.words:
        notes.append("The text has no words.")
    elif explanation.nothing_known:
        notes.append(of_no_known_word(explanation))
    return notes


def _table(caption: str, head: str, rows: Sequence[Contribution], strongest: float | None) -> str:
    if not rows:
        return ""
    highest = strongest or max(abs(row.contribution) for row in rows)
    lines = []
    for row in rows:
        kind = "for" if row.contribution > 0 else "against"
        share = abs(row.contribution) / highest if highest else 0.0
        lines.append(
            f'<tr><th scope="row" dir="auto">{_shown(row.text)}</th><td class="number">{row.contribution:+.2f}</td>'
            f'<td class="bar" aria-hidden="true"><span class="{kind}" style="--w:{share:.2f}"></span></td></tr>'
        )
    return (
        f"<section>{f'<h2>{caption}</h2>' if caption else ''}"
        f'<table><thead><tr><th scope="col">{head}</th>'
        f'<th scope="col" class="number">contribution</th><td></td></tr></thead><tbody>{"".join(lines)}</tbody></table>'
        "</section>"
    )


def _ngrams(explanation: Explanation, top: int) -> str:
    """Return what the strongest n-grams add, and all of them and the network together; nothing without n-grams."""
    if not explanation.ngrams:
        return ""
    strongest = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
    table = _table("N-grams", "n-gram", strongest, None)
    return f'{table}<p class="note">{_shown(divided(explanation))} Exact, not measured by hiding.</p>'


def _chances(explanation: Explanation, most: int = 12) -> str:
    """Return the probabilities of the likeliest labels."""
    ranked = sorted(explanation.probabilities.items(), key=lambda pair: -pair[1])
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{_shown(label)}</th><td class="number">{percent(p)}</td></tr>'
        for label, p in ranked[:most]
    )
    more = f'<p class="note">and {len(ranked) - most} more</p>' if len(ranked) > most else ""
    return (
        '<section><h2>Probabilities</h2><table><thead><tr><th scope="col">label</th>'
        f'<th scope="col" class="number">probability</th></tr></thead><tbody>{lines}</tbody></table>{more}</section>'
    )


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>" if content else ""


def _shown(text: object) -> str:
    return html.escape(str(text))
