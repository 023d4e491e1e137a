"""An explanation as one self-contained page: words coloured by what they contribute, and tables of the same numbers.

Whatever comes from the user is escaped. Colour is never the only sign: what speaks against the label has a dotted
underline, what speaks for it a solid one, every word shows its number when pointed at, and a table has the strongest.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from recurra.many_to_one.explain import Explanation, divided
from recurra.many_to_one.explanation_page import coloured, contributions, escaped, folded, notes
from recurra.many_to_one.occlusion import edges_shown, features
from recurra.report.document import document
from recurra.report.wording import percent


def page(explanation: Explanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many words the table has."""
    target, chance = str(explanation.target), explanation.probabilities[str(explanation.target)]
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0)
    parts = [
        f"<h1>{escaped(explanation.label)}</h1>",
        f'<p class="lead">The model gives <b>{escaped(target)}</b> a probability of {percent(chance)}. '
        "Each word is coloured by how much the log-odds of that label would fall without it.</p>",
        _legend(target),
        f'<p class="text" dir="auto">{coloured(explanation, strongest)}</p>',
        *(f'<p class="note">{note}</p>' for note in notes(explanation)),
        contributions("The words that contribute most", "word", explanation.top(top), strongest),
        contributions("Columns", "column", explanation.columns, None),
        contributions("Beside the text", "column", features(explanation), None),
        contributions("Sentences", "sentence", explanation.sentences, None),
        _ngrams(explanation, top),
        folded("Every word, in order", contributions("", "word", explanation.words, strongest)),
        _chances(explanation),
        '<p class="note">A contribution is what hiding that word alone changes. Words that say the same stand in for '
        "each other, and then each of them contributes little.</p>",
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return document(f"{explanation.label}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _legend(target: str) -> str:
    return (
        f'<p class="legend"><mark class="for" style="--s:0.7">speaks for {escaped(target)}</mark> '
        '<mark class="against" style="--s:0.7">speaks against it</mark> '
        '<span class="quiet">the stronger the colour, the more; point at a word for its number</span></p>'
    )


def _ngrams(explanation: Explanation, top: int) -> str:
    """Return what the strongest n-grams add, and all of them and the network together; nothing without n-grams."""
    if not explanation.ngrams:
        return ""
    strongest = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
    table = contributions("N-grams", "n-gram", strongest, None)
    return f'{table}<p class="note">{escaped(divided(explanation))} Exact, not measured by hiding.</p>'


def _chances(explanation: Explanation, most: int = 12) -> str:
    """Return the probabilities of the likeliest labels."""
    ranked = sorted(explanation.probabilities.items(), key=lambda pair: -pair[1])
    lines = "".join(
        f'<tr><th scope="row" dir="auto">{escaped(label)}</th><td class="number">{percent(p)}</td></tr>'
        for label, p in ranked[:most]
    )
    more = f'<p class="note">and {len(ranked) - most} more</p>' if len(ranked) > most else ""
    return (
        '<section><h2>Probabilities</h2><table><thead><tr><th scope="col">label</th>'
        f'<th scope="col" class="number">probability</th></tr></thead><tbody>{lines}</tbody></table>{more}</section>'
    )
