"""What the verbs print on standard output for a person."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recurra.terminal.progress import visible


def trained(metrics: dict[str, Any], out: Path) -> None:
    """Print the answer, the baseline beside it, and where to go from here."""
    console, test = _console(), metrics["test"]
    console.print()
    console.print(
        f"[bold]Held-out accuracy {test['accuracy']:.1%}[/bold]  (95 % interval {_interval(test['accuracy_ci95'])}, "
        f"{test['rows']:,} rows)"
    )
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline          {baseline['accuracy']:.1%}  (95 % interval {_interval(baseline['accuracy_ci95'])}; "
            f"{_shown(baseline['name'])})"
        )
        console.print(_paired(metrics["paired"]))
    console.print(
        f"Training accuracy {metrics['train']['accuracy']:.1%}; log loss {test['log_loss']:.3f}; "
        f"calibration error {test['ece']:.1%}"
    )
    console.print("Data: " + _shown(" ".join(metrics["hygiene"]["findings"])))
    console.print(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    console.print()
    console.print(f"Model   {_shown(out)}")
    console.print(f"Report  {_shown(out / 'report.html')}")
    console.print(f'Next    recurra predict {_shown(shlex.quote(str(out)))} "Type a text here."')


def evaluated(result: dict[str, Any]) -> None:
    """Print each metric with its interval."""
    names = {
        "accuracy": "Accuracy",
        "macro_f1": "Macro F1",
        "roc_auc": "ROC AUC",
        "log_loss": "Log loss",
        "brier": "Brier score",
        "ece": "Calibration error",
    }
    table = _table("Metric", "Value", "95 % interval")
    for name, words in names.items():
        value, interval = result[name], result.get(f"{name}_ci95")
        shown = "-" if value is None else f"{value:.4f}"
        table.add_row(words, shown, "-" if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}")
    console = _console()
    console.print(table)
    console.print(f"{result['rows']:,} rows, of which {result['truncated_rows']:,} were cut to the model's length")


def predicted(answers: Iterable[dict[str, Any]]) -> None:
    """Print label and probability of each text, tab-separated, a line each, in order."""
    for answer in answers:
        print(f"{visible(str(answer['label']))}\t{answer['probability']:.4f}")


def inspected(result: dict[str, Any]) -> None:
    """Print a model's manifest as a table."""
    network, metrics, data = result["network"], result["metrics"], result["data"]
    test = metrics.get("test") or {}
    labels = ", ".join(map(str, result["labels"][:8])) + (" ..." if len(result["labels"]) > 8 else "")
    table = _table("", "")
    table.show_header, table.columns[1].justify = False, "left"
    rows = {
        "Model": result["path"],
        "Task": f"{result['task']}: {len(result['labels'])} classes ({labels})",
        "Network": f"{network['layers']} x {network['cell'].upper()}({network['hidden']}), {network['direction']}, "
        f"{network['pooling']} pooling, embedding {network['embedding']}",
        "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
        "Answered by": result["engine"],
        "Trained on": f"{data.get('how', data.get('name', ''))}",
        "Rows": "{train:,} training, {valid:,} validation, {test:,} held out".format(**metrics["split"])
        if "split" in metrics
        else "",
        "Accuracy": f"{test['accuracy']:.1%} (95 % interval {_interval(test['accuracy_ci95'])})" if test else "",
        "Baseline": f"{metrics['baseline']['accuracy']:.1%}" if metrics.get("baseline") else "",
        "Written": f"{result['created']} by Recurra {result['recurra']}",
        "Command": metrics.get("command", ""),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _shown(value))
    _console().print(table)


def compared(result: dict[str, Any], out: Path) -> None:
    """Print the table of a comparison."""
    table = _table("Cell", "Accuracy", "95 % interval", "Train s", "Rows/s", "Weights", "MB", "ms a text")
    for row in result["cells"]:
        table.add_row(
            row["cell"],
            f"{row['accuracy']:.1%}",
            _interval(row["accuracy_ci95"]),
            f"{row['train_seconds']:.{0 if row['train_seconds'] >= 10 else 1}f}",
            f"{row['train_rows_per_second']:,.0f}",
            f"{row['parameters']:,}",
            f"{row['model_megabytes']:.1f}",
            f"{row['latency_p50_ms']:.2f}",
        )
    console = _console()
    console.print(table)
    console.print(_shown(result["note"]))
    console.print(f"Table and plot: {_shown(out)}")


def _paired(paired: dict[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p >= 0.05:
        return f"The difference of {difference * 100:+.1f} points may be chance (McNemar's test, {chance})"
    better = "better" if difference > 0 else "worse"
    return f"The model is {better} than the baseline by {abs(difference) * 100:.1f} points (McNemar's test, {chance})"


def _shown(value: object) -> str:
    """Return a value so that nothing in it is taken for mark-up or for a terminal's commands."""
    return escape(visible(str(value)))


def _interval(interval: list[float]) -> str:
    return f"{interval[0]:.1%} to {interval[1]:.1%}"


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True, emoji=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    return table
