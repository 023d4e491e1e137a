"""An explanation of a transcript on the terminal: its words, and the characters of which the model was least sure."""

from __future__ import annotations

from recurra.tasks.transcribe.explain import Character, Explanation
from recurra.tasks.transcribe.pieces import LONGEST
from recurra.terminal.table import console as standard_output
from recurra.terminal.table import shown, table

GIVEN = "This text was given by --target; it is not the model's own."
PART = f"The recording is longer than {LONGEST:.0f} seconds: only its beginning is explained."
NOTHING = "(nothing)"
SPACE = "(space)"


def print_explanation(explanation: Explanation, top: int) -> None:
    """Print the words with their times, and `top` characters with what they were written from."""
    console = standard_output()
    console.print(f"[bold]{shown(explanation.text or '(nothing was understood)')}[/bold]")
    for note in notes(explanation):
        console.print(note)
    console.print()
    words = table("Word", "From", "To", "Confidence")
    for word in explanation.words:
        words.add_row(shown(word.text), f"{word.start:.2f} s", f"{word.end:.2f} s", f"{word.confidence:.0%}")
    console.print(words)
    if not explanation.characters:
        return
    chosen = least_sure(explanation, top)
    if len(chosen) < len(explanation.characters):
        console.print(f"\nThe {len(chosen)} characters of which it was least sure:")
    characters = table("\nCharacter", "\nAt", "\nProbability", "Most lost\nwithout", "\nOtherwise")
    for one in chosen:
        others = ", ".join(f"{named(text)} {value:.0%}" for text, value in one.rivals)
        sure = f"{one.probability:.0%}"
        characters.add_row(shown(named(one.text)), f"{one.start:.2f} s", sure, span(one), shown(others))
    console.print()
    console.print(characters)


def notes(explanation: Explanation) -> list[str]:
    """Return what must be said of an explanation."""
    return [GIVEN] * explanation.given + [PART] * (not explanation.whole)


def least_sure(explanation: Explanation, top: int) -> list[Character]:
    """Return the `top` characters with the lowest probabilities, in order of their times."""
    order = sorted(explanation.characters, key=lambda one: one.probability)[:top]
    return sorted(order, key=lambda one: (one.start, one.end))


def named(text: str) -> str:
    """Return a character as it can be seen."""
    return NOTHING if text == "" else SPACE if text == " " else text


def span(one: Character) -> str:
    """Return the seconds that carried a character."""
    return "-" if one.carried is None else f"{one.carried[0]:.2f}-{one.carried[1]:.2f} s"
