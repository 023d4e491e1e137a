"""The explanation of a number in the terminal: coloured words, and numbers for whoever sees no colour."""

from __future__ import annotations

from dataclasses import replace

from recurra.many_to_one.explanation_text import coloured, contributions
from recurra.many_to_one.occlusion import edges_shown, features, of_no_known_word
from recurra.tasks.regress.explain import NumberExplanation, divided
from recurra.terminal.progress import visible
from recurra.terminal.table import console as standard_output

FORM = "{:+.3g}"


def print_explanation(explanation: NumberExplanation, top: int) -> None:
    """Print the number, the text with its words coloured and the `top` strongest marked, and what each sentence adds.

    Colour goes to a terminal alone, and not where NO_COLOR is set; the marks [+0.42] are always there.
    """
    console = standard_output()
    console.print(f"[bold]{explanation.value:.6g}[/bold]  (between {explanation.lo:.6g} and {explanation.hi:.6g})")
    console.print()
    console.print(coloured(explanation, explanation.top(top), FORM))
    console.print()
    console.print("[+] raises the number, [-] lowers it: by how much it would change without the word.", markup=False)
    if explanation.nothing_known:
        console.print(of_no_known_word(explanation))
    if explanation.truncated:
        console.print(f"The text has {explanation.tokens:,} words and signs, more than the model reads: it was cut.")
    if explanation.span > 1:
        console.print(f"The text is long: {explanation.span} neighbouring words were hidden together.")
    if explanation.ngrams:
        console.print()
        console.print(f"{visible(divided(explanation))} The strongest n-grams:", markup=False)
        ngrams = [replace(ngram, text=edges_shown(ngram.text)) for ngram in explanation.ngrams[:top]]
        console.print(contributions("N-gram", ngrams, FORM))
    if explanation.columns:
        console.print()
        console.print(contributions("Column", explanation.columns, FORM))
    if explanation.features:
        console.print()
        console.print(contributions("Beside the text, against an average row", features(explanation), FORM))
    if len(explanation.sentences) > 1:
        console.print()
        console.print(contributions("Sentence", explanation.sentences, FORM))
