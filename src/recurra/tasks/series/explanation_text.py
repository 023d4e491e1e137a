"""An explanation of a series on the terminal: the windows and the channels that contribute most."""

from __future__ import annotations

from recurra.tasks.series.explain import Explanation
from recurra.terminal.table import console as standard_output
from recurra.terminal.table import shown, table


def print_explanation(explanation: Explanation, top: int) -> None:
    """Print the answer, the `top` windows of single channels that contribute most, and as many channels."""
    console = standard_output()
    if explanation.target is None:
        console.print(f"[bold]{explanation.score:.6g}[/bold]")
    else:
        target = str(explanation.target)
        chance = explanation.probabilities[target]
        console.print(f"[bold]{shown(explanation.answer)}[/bold]  (probability of {shown(target)}: {chance:.4f})")
    console.print()
    if strongest := explanation.strongest(top):
        windows = table("Channel", "Steps", "Contribution")
        for place, window, contribution in strongest:
            name = explanation.channels[int(explanation.shown[place])]
            windows.add_row(shown(name), steps(explanation, window), signed(explanation, contribution))
        console.print(windows)
    else:
        console.print("No window of a single channel contributes anything.")
    if len(explanation.channels) > 1:
        channels = table("\nWhole channel", "\nContribution")
        for channel in strongest_channels(explanation, top):
            channels.add_row(
                shown(explanation.channels[channel]), signed(explanation, float(explanation.hidden[channel]))
            )
        console.print(channels)
    console.print(f"\n{shown(meaning(explanation))}")
    for note in explanation.notes:
        console.print(note)


def meaning(explanation: Explanation) -> str:
    """Return what a contribution is, in one sentence."""
    return (
        f"A contribution is by how much {explanation.whose} would fall if a window and its neighbours, or a channel, "
        "had the mean of the training series."
    )


def strongest_channels(explanation: Explanation, top: int) -> list[int]:
    """Return the places of the `top` channels that contribute most as a whole, the strongest first."""
    return sorted(range(len(explanation.channels)), key=lambda channel: -abs(explanation.hidden[channel]))[:top]


def steps(explanation: Explanation, window: int) -> str:
    """Return which steps a window has, from 1, as "13-16"."""
    start, end = (int(edge) for edge in explanation.windows[window])
    return f"{start + 1:,}" if end == start + 1 else f"{start + 1:,}-{end:,}"


def signed(explanation: Explanation, contribution: float) -> str:
    """Return a contribution with its sign: of log-odds in hundredths, to a number in three digits."""
    if abs(contribution) < explanation.least:
        return "0"
    return f"{contribution:+.3g}" if explanation.target is None else f"{contribution:+,.2f}"
