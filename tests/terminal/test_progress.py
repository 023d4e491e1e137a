"""What a person sees while a verb works: within 80 columns, on standard error, and nothing taken for mark-up."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from recurra.terminal.progress import Reporter, TrainingProgress, visible

ENTRY = {
    "epoch": 1,
    "train_loss": 0.5,
    "train_accuracy": 1.0,
    "valid_loss": 12.25,
    "valid_accuracy": 0.5,
    "seconds": 1234.5,
}


def voice_onto(stream: io.StringIO, terminal: bool) -> Reporter:
    reporter = Reporter()
    reporter.console = Console(
        file=stream, force_terminal=terminal, width=80, highlight=False, emoji=False, color_system=None
    )
    return reporter


@pytest.mark.parametrize("terminal", [False, True])
def test_epochs_fit_in_80_columns(terminal: bool) -> None:
    stream = io.StringIO()
    with voice_onto(stream, terminal).training() as on_progress:
        on_progress(TrainingProgress(1, 10_000, 0, 20, 64, 0.7))
        on_progress(TrainingProgress(500, 10_000, 0, 20, 0, 0.5, ENTRY))
        on_progress(TrainingProgress(1000, 10_000, 1, 20, 0, 0.5, {**ENTRY, "epoch": 2}))
    lines = [line for line in stream.getvalue().splitlines() if "%" in line or "Training loss" in line]
    assert len([line for line in lines if "Training loss" in line]) == 1
    shown = [line for line in lines if "%" in line]
    assert shown[0].endswith("     1/20         0.5000    100.0%          12.2500     50.0%    1234.5 s")
    assert max(len(line) for line in shown[:1]) <= 80


def test_no_bar_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    reporter = voice_onto(stream, terminal=False)
    assert list(reporter.track(iter(range(1000)), "Reading")) == list(range(1000))
    reporter.info("[bold]a[/bold] :smile: \x1b[31m")
    reporter.heading("[red]b")
    assert stream.getvalue() == "[bold]a[/bold] :smile: \\x1b[31m\n[red]b\n"


def test_the_bar_fits_in_80_columns() -> None:
    stream = io.StringIO()
    with voice_onto(stream, terminal=True).training() as on_progress:
        on_progress(TrainingProgress(9_999, 12_345, 18, 20, 64, 0.1234))
    assert "loss 0.1234" in stream.getvalue()
    assert "…" not in stream.getvalue()


def test_a_quiet_reporter_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(quiet=True)
    reporter.info("a")
    reporter.heading("b")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b\u3000ç映😀", "a b\u3000ç映😀"),
        ("\n\t\r\x00\x1b", "\\n\\t\\r\\x00\\x1b"),
        ("\x9b\u202e", "\\x9b\\u202e"),
        ("\ud800", "\\ud800"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible("a\nb", keep="\n") == "a\nb"


def test_the_epochs_of_each_stage_are_under_its_name() -> None:
    stream = io.StringIO()
    with voice_onto(stream, False).training() as on_progress:
        for stage in ("teacher", "student"):
            on_progress(TrainingProgress(1, 10, 0, 20, 64, 0.7, stage=stage))
            on_progress(TrainingProgress(5, 10, 0, 20, 0, 0.5, ENTRY, stage=stage))
    lines = [line.split()[0] for line in stream.getvalue().splitlines()]
    assert lines == ["Teacher:", "Epoch", "1/20", "Student:", "Epoch", "1/20"]
