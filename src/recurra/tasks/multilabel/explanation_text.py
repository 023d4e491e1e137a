"""The explanation of a label in the terminal: coloured words, and numbers for whoever sees no colour."""

from __future__ import annotations

from dataclasses import replace

from recurra.many_to_one.explanation_text import coloured, contributions
from recurra.many_to_one.occlusion import edges_shown, features, of_no_known_word
from recurra.tasks.multilabel.explain import LabelExplanation, answer_in_words, divided
from recurra.terminal.progress import visible
from recurra.terminal.table import console as standard_output
from recurra.terminal.table import shown


def print_explanation(explanation: LabelExplanation, top: int) -> None:
    """Print the answer, the text with its words coloured and the `top` strongest marked, and what each sentence adds.

    Colour goes to a terminal alone, and not where NO_COLOR is set; the marks [+0.42] are always there.
    """
    console = standard_output()
    given = ", ".join(shown(label) for label in explanation.labels) or "no label"
    console.print(f"[bold]{given}[/bold]")
    console.print(visible(answer_in_words(explanation)), markup=False)
    console.print()
    console.print(coloured(explanation, explanation.top(top)))
    console.print()
    target = shown(explanation.target)
    console.print(
        f"[+] speaks for {target}, [-] against it: by how much its log-odds would fall without the word.", markup=False
    )
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
        console.print(contributions("N-gram", ngrams))
    if explanation.columns:
        console.print()
        console.print(contributions("Column", explanation.columns))
    if explanation.features:
        console.print()
        console.print(contributions("Beside the text, against an average row", features(explanation)))
    if len(explanation.sentences) > 1:
        console.print()
        console.print(contributions("Sentence", explanation.sentences))
