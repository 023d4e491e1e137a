"""What is written of a recorded probe follows from its figures."""

from __future__ import annotations

from typing import Any

import probe_tables


def run() -> dict[str, Any]:
    solved = {("rnn", 10): 3, ("rnn", 100): 0, ("lstm", 10): 3, ("lstm", 100): 2}
    rows = [
        {
            "problem": problem,
            "cell": cell,
            "length": length,
            "score": 0.25,
            "solved": count if problem == "agreement" else 3,
            "cpu_milliseconds_per_step": {"rnn": 1.0, "lstm": 3.0}[cell] * length / 10,
        }
        for problem in ("adding", "agreement")
        for (cell, length), count in solved.items()
    ]
    problems = [
        {"name": "adding", "title": "Adding", "score": "error", "trivial": 1 / 6},
        {"name": "agreement", "title": "Who?", "score": "accuracy", "trivial": 0.5},
    ]
    metrics = {
        "rows": rows, "problems": problems, "seeds": 3, "first_seed": 0, "steps": 1000, "batch": 32, "hidden": 8,
        "clip": 1.0, "learning_rates": {"rnn": 0.003, "lstm": 0.01}, "cpu_seconds": 61.4,
    }  # fmt: skip
    return {"command": "recurra probe", "machine": "2 cores", "wall_seconds": 40.2, "load_average_before": 0.1} | {
        "metrics": metrics
    }


def test_scores_are_bold_where_every_start_solved_it() -> None:
    lines = probe_tables.table("scores", run()).splitlines()
    assert lines[0] == "| problem (score; remembering nothing) | cell | 10 | 100 |"
    assert lines[2:] == [
        "| Adding (error; 0.167) | RNN | **0.250** | **0.250** |",
        "|  | LSTM | **0.250** | **0.250** |",
        "| Who? (accuracy; 50 %) | RNN | **25 %** | 25 % |",
        "|  | LSTM | **25 %** | 25 % (2 of 3) |",
    ]


def test_sentences_say_how_far_each_cell_reached_and_at_what_cost() -> None:
    assert probe_tables.table("says", run()).splitlines() == [
        "- **Adding** was solved from every start over 100 steps by the RNN and 100 steps by the LSTM.",
        "- **Who?** was solved from every start over 10 steps by the RNN and 10 steps by the LSTM.",
        "- **Starts disagree** at agreement over 100 by the LSTM (2 of 3): there the mean hides much: read the bars.",
        "- **A step of training over 10 steps** takes the RNN 1.0 and the LSTM 3.0 ms of a processor.",
        "- **A step of training over 100 steps** takes the RNN 10.0 and the LSTM 30.0 ms of a processor.",
    ]
    said = probe_tables.table("command", run())
    assert "0.003 for the RNN and 0.01 for the LSTM" in said and "40 s, of which 61 s" in said


def test_the_chosen_rate_is_bold() -> None:
    rates = [{"cell": "rnn", "learning_rate": rate, "learnt": learnt} for rate, learnt in ((0.01, 0.2), (0.003, 0.614))]
    metrics: dict[str, Any] = {
        "rates": rates,
        "chosen": {"rnn": 0.003},
        "lengths": (30, 100),
        "seeds": 2,
        "first_seed": 100,
    }
    metrics["steps"] = 1000
    lines = probe_tables.table("setting", {"command": "python x.py", "metrics": metrics}).splitlines()
    assert lines[:3] == ["| cell | 0.003 | 0.01 |", "|---|---:|---:|", "| RNN | **61 %** | 20 % |"]
    assert "2 starts, counted from 100" in lines[-1]
    assert probe_tables.table("setting", None) == "No run is recorded yet."
