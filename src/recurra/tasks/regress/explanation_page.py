"""The explanation of a number as one self-contained page: words coloured by what they contribute, and tables."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from recurra.many_to_one.explanation_page import coloured, contributions, escaped, folded, notes
from recurra.many_to_one.occlusion import edges_shown, features
from recurra.report.document import document
from recurra.tasks.regress.explain import NumberExplanation, divided

FORM = "{:+.3g}"


def page(explanation: NumberExplanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many words the table has."""
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0)
    parts = [
        f"<h1>{explanation.value:.6g}</h1>",
        f'<p class="lead">The interval about this number is {explanation.lo:.6g} to {explanation.hi:.6g}. Each word is '
        "coloured by how much the number would change without it.</p>",
        '<p class="legend"><mark class="for" style="--s:0.7">raises the number</mark> '
        '<mark class="against" style="--s:0.7">lowers it</mark> '
        '<span class="quiet">the stronger the colour, the more; point at a word for its number</span></p>',
        f'<p class="text" dir="auto">{coloured(explanation, strongest, FORM)}</p>',
        *(f'<p class="note">{note}</p>' for note in notes(explanation)),
        contributions("The words that contribute most", "word", explanation.top(top), strongest, FORM),
        contributions("Columns", "column", explanation.columns, None, FORM),
        contributions("Beside the text", "column", features(explanation), None, FORM),
        contributions("Sentences", "sentence", explanation.sentences, None, FORM),
        _ngrams(explanation, top),
        folded("Every word, in order", contributions("", "word", explanation.words, strongest, FORM)),
        '<p class="note">A contribution is what hiding that word alone changes. Words that say the same stand in for '
        "each other, and then each of them contributes little.</p>",
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return document(f"{explanation.value:.6g}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _ngrams(explanation: NumberExplanation, top: int) -> str:
    """Return what the strongest n-grams add, and all of them and the network together; nothing without n-grams."""
    if not explanation.ngrams:
        return ""
    strongest = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
    table = contributions("N-grams", "n-gram", strongest, None, FORM)
    return f'{table}<p class="note">{escaped(divided(explanation))} Exact, not measured by hiding.</p>'
