"""The recorded figures as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NAMES = {"recurra": "Recurra", "torch": "PyTorch", "keras": "Keras", "sklearn": "scikit-learn", "fasttext": "fastText"}
CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
NOTHING = "No run is recorded yet."


def table(part: str, result: dict[str, Any] | None) -> str:
    """Return the table of a part, "bars" or "conditions", or one sentence where it was not measured."""
    if result is None:
        return NOTHING
    if part == "bars":
        return bars(result["bars"])
    if part == "conditions":
        return conditions(result)
    if part == "stages":
        return stages(result["metrics"]["wall"]) if "wall" in result["metrics"] else NOTHING
    if part not in result["metrics"]:
        return NOTHING
    return WRITERS[part](result["metrics"][part])


def page(result: dict[str, Any]) -> str:
    """Return everything, one heading a part."""
    heads = {
        "bars": "Bars",
        **{part: part.capitalize() for part in WRITERS},
        "stages": "Stages",
        "conditions": "Conditions",
    }
    return "\n\n".join(f"## {head}\n\n{table(part, result)}" for part, head in heads.items()) + "\n"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" if line[0] != "---" else f"|{'|'.join(line)}|" for line in lines)


def number(value: float) -> str:
    """Return a figure as it is read: 12,345; 123; 12.3; 1.23; 0.12."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _spread(found: dict[str, float]) -> str:
    return f"{number(found['median'])} ({number(found['min'])} to {number(found['max'])})"


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def throughput(part: dict[str, Any]) -> str:
    """Return rows a second: of training, or of answers from ids and from texts."""
    order = {
        (name, kind): i for i, (kind, name) in enumerate((k, n) for k in ("training", "ids", "text") for n in NAMES)
    }
    cells = list(CELLS)
    rows = sorted(
        part["rows"],
        key=lambda row: (
            row["kind"] == "text",
            cells.index(row["cell"]),
            row["batch"],
            order[row["engine"], row["kind"]],
        ),
    )
    lines = [
        [
            "text" if row["kind"] == "text" else CELLS[row["cell"]] if row["kind"] == "training" else "ids",
            str(row["batch"]),
            NAMES[row["engine"]],
            row["variant"],
            _spread(row["rate"]),
            _share(row.get("share")),
            _share(row.get("share_distinct")),
        ]
        for row in rows
    ]
    first = "cell" if any(row["kind"] == "training" for row in rows) else "from"
    heads = [first, "batch", "engine", "variant", "reviews a second", "share of the limit", "once a distinct word"]
    limits = ", ".join(f"{value / 1e9:,.0f} GFLOP/s in {name}" for name, value in part["limit"].items())
    return f"{_markdown(heads, lines)}\n\nThe limit, a large product of matrices in the same rounds: {limits}."


def latency(part: dict[str, Any]) -> str:
    heads = ["engine", "variant", "median, ms (of the rounds: least to most)", "99th percentile, ms", "requests"]
    return _markdown(
        heads,
        [
            [NAMES[r["engine"]], r["variant"], _spread(r["p50_ms"]), number(r["p99_ms"]), f"{r['requests']:,}"]
            for r in part["rows"]
        ],
    )


def memory(part: dict[str, Any]) -> str:
    heads = ["job", "batch", "engine", "peak memory, MiB"]
    jobs = {"training": "training steps", "text": "answers"}
    return _markdown(
        heads, [[jobs[r["kind"]], str(r["batch"]), NAMES[r["engine"]], f"{r['peak_mb']:,}"] for r in part["rows"]]
    )


def growth(part: dict[str, Any]) -> str:
    heads = ["rows", "seconds", "cost of a row, times the first", "peak memory, MiB"]
    by_rows = [
        [f"{r['rows']:,}", number(r["seconds"]), _times(r, "per_row"), f"{r['peak_mb']:,}"] for r in part["rows"]
    ]
    by_tokens = [
        [f"{r['tokens']:,}", _spread(r["rate"]), _times(r, "per_token"), f"{r['peak_mb']:,}" if r["peak_mb"] else ""]
        for r in part["tokens"]
    ]
    tokens = ["tokens a review", "reviews a second", "cost of a token, times the first", "peak memory, MiB"]
    return f"{_markdown(heads, by_rows)}\n\n{_markdown(tokens, by_tokens)}"


def _times(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.2f}" if name in row else "1"


def wall(part: dict[str, Any]) -> str:
    heads = ["engine", "what", "wall time, s", "held-out accuracy", "peak memory, MiB"]
    lines = [
        [
            NAMES[row["engine"]],
            row["variant"],
            number(row["seconds"]),
            f"{100 * row['accuracy']:.1f} %",
            f"{row['peak_mb']:,}",
        ]
        for row in part["rows"]
    ]
    said = f"{part['reviews']:,} reviews, {part['held_out']:,} of them held out."
    return f"{_markdown(heads, lines)}\n\n{said}"


def stages(part: dict[str, Any]) -> str:
    """Return where Recurra's time goes, by step of the job."""
    ours = [row for row in part["rows"] if "timing" in row]
    if not ours:
        return NOTHING
    steps = [step for step in ours[0]["timing"] if step != "total"]
    lines = []
    for step in steps:
        cells = [f"{r['timing'][step]:.1f} s ({100 * r['timing'][step] / r['timing']['total']:.0f} %)" for r in ours]
        lines.append([step, *cells])
    lines.append(["all", *(f"{row['timing']['total']:.1f} s" for row in ours)])
    return _markdown(["step", *(f"`{row['variant']}`" for row in ours)], lines)


def bars(found: Sequence[dict[str, Any]]) -> str:
    words = {True: "yes", False: "**no**", None: ""}
    heads = ["bar", "figure", "target", "met"]
    return _markdown(
        heads,
        [
            [
                each["bar"],
                "not measured" if each["figure"] is None else f"{each['figure']:g}",
                each["wanted"],
                words[each["met"]],
            ]
            for each in found
        ],
    )


def conditions(result: dict[str, Any]) -> str:
    """Return on what, with what and when."""
    about = result["about"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    distinct = ", ".join(f"{100 * share:.0f} % at {batch}" for batch, share in about["distinct"].items())
    models = ", ".join(f"`{recipe}` {number_format}" for recipe, number_format in about["models"].items())
    dates = ", ".join(f"{name} {part['date']}" for name, part in result["parts"].items())
    said = [
        f"- `{result['command']}` on {result['machine']}, {result['threads']} threads for every engine",
        f"- {about['rows']:,} rows of {about['source']}; distinct words in a batch, by its size: {distinct}",
        f"- number format that `recurra train` chose for the models that answer: {models}",
        f"- versions: {versions}",
        f"- measured: {dates}",
    ]
    return "\n".join(said + [f"- not measured: {failure}" for failure in result["failures"]])


WRITERS = {
    "training": throughput,
    "inference": throughput,
    "latency": latency,
    "memory": memory,
    "growth": growth,
    "wall": wall,
}
