"""Tables for a person: nothing of a user's text is mark-up or reaches the terminal as a command."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from recurra.terminal.table import between, console, facts, interval, shown, table


def printed(content: object) -> str:
    out = Console(file=io.StringIO(), width=300, highlight=False, emoji=False, soft_wrap=True)
    out.print(content)
    return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_a_value_is_printed_without_mark_up_or_control_characters(text: str) -> None:
    value = printed(shown(text)).removesuffix("\n")
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in value)
    if text.isprintable() and text.isascii():
        assert value == text


@pytest.mark.parametrize("text", ["\\", "\\\\", "C:\\models\\", "[b]\\", "a\\\\\\"])
def test_backslashes_at_the_end_are_shown_once_each(text: str) -> None:
    assert printed(shown(text)) == f"{text}\n"
    assert printed(f"[bold]{shown(text)}[/bold] and {shown(text)}.") == f"{text} and {text}.\n"


def test_mark_up_is_shown_as_it_is() -> None:
    assert printed(shown("[bold red]x[/] :smile: \\[a]")).strip() == "[bold red]x[/] :smile: \\[a]"


def test_facts_leave_out_what_is_empty() -> None:
    lines = printed(facts({"Name": "a", "Nothing": "", "None": None, "Zero": 0, "Text": "[/b]"})).splitlines()
    assert [line.split() for line in lines] == [["Name", "a"], ["Zero", "0"], ["Text", "[/b]"]]


def test_all_columns_but_the_first_are_right_aligned() -> None:
    rows = table("Name", "Value")
    rows.add_row("a", "1")
    rows.add_row("long", "1000")
    assert printed(rows).splitlines() == ["Name  Value", "a         1", "long   1000"]


@pytest.mark.parametrize(
    ("form", "expected"), [("{:.1%}", "10.0% to 25.0%"), ("{:.2f}", "0.10 to 0.25"), ("{:+g}", "+0.1 to +0.25")]
)
def test_an_interval(form: str, expected: str) -> None:
    assert interval((0.1, 0.25), form) == expected
    assert between((0.1, 0.25), form) == f"95 % interval {expected}"


def test_where_there_is_no_interval_that_is_said() -> None:
    assert interval(None) == "-"
    assert between(None) == "too few rows for an interval" and between(None, few="too few texts") == "too few texts"


def test_standard_output_does_not_wrap(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("word " * 100)
    assert capsys.readouterr().out.count("\n") == 1
