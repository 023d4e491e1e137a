"""The explanation of a label as one self-contained page: words coloured by what they contribute, and tables."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from recurra.many_to_one.explanation_page import coloured, contributions, escaped, folded, notes
from recurra.many_to_one.occlusion import edges_shown, features
from recurra.report.document import document
from recurra.tasks.multilabel.explain import LabelExplanation, answer_in_words, divided


def page(explanation: LabelExplanation, top: int = 10) -> str:
    """Return the page as HTML. top: how many words the table has."""
    target = escaped(explanation.target)
    strongest = max((abs(word.contribution) for word in explanation.words), default=0.0)
    given = ", ".join(map(escaped, explanation.labels)) or "no label"
    parts = [
        f"<h1>{given}</h1>",
        f'<p class="lead">{escaped(answer_in_words(explanation))} Each word is coloured by how much the log-odds of '
        f"{target} would fall without it.</p>",
        f'<p class="legend"><mark class="for" style="--s:0.7">speaks for {target}</mark> '
        f'<mark class="against" style="--s:0.7">speaks against it</mark> '
        '<span class="quiet">the stronger the colour, the more; point at a word for its number</span></p>',
        f'<p class="text" dir="auto">{coloured(explanation, strongest)}</p>',
        *(f'<p class="note">{note}</p>' for note in notes(explanation)),
        contributions("The words that contribute most", "word", explanation.top(top), strongest),
        contributions("Columns", "column", explanation.columns, None),
        contributions("Beside the text", "column", features(explanation), None),
        contributions("Sentences", "sentence", explanation.sentences, None),
        _ngrams(explanation, top),
        folded("Every word, in order", contributions("", "word", explanation.words, strongest)),
        folded("Every label", _labels(explanation)),
        '<p class="note">A contribution is what hiding that word alone changes. Words that say the same stand in for '
        "each other, and then each of them contributes little.</p>",
    ]
    style = files("recurra.report").joinpath("explanation.css").read_text(encoding="utf-8")
    body = "\n".join(parts)
    return document(f"{explanation.target}: Recurra explanation", style, f"<main>\n{body}\n</main>")


def _ngrams(explanation: LabelExplanation, top: int) -> str:
    """Return what the strongest n-grams add, and all of them and the network together; nothing without n-grams."""
    if not explanation.ngrams:
        return ""
    strongest = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
    table = contributions("N-grams", "n-gram", strongest, None)
    return f'{table}<p class="note">{escaped(divided(explanation))} Exact, not measured by hiding.</p>'


def _labels(explanation: LabelExplanation) -> str:
    """Return the probability of each label, the largest first."""
    ranked = sorted(explanation.probabilities.items(), key=lambda item: -item[1])
    given = {str(label) for label in explanation.labels}
    rows = "".join(
        f'<tr><th scope="row">{escaped(label)}{" (given)" if label in given else ""}</th>'
        f'<td class="number">{chance:.4f}</td></tr>'
        for label, chance in ranked
    )
    return (
        '<table><thead><tr><th scope="col">label</th><th scope="col" class="number">probability</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
