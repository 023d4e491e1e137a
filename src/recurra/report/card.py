"""The model card: the README.md of a model directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from recurra.report import wording
from recurra.tasks.classify.metrics import METRICS

_MARKS = re.compile(r"([\\`*_\[\]<>|~&$@]|:(?=//)|(?<=www)\.)")
_LEADING = re.compile(r"^(\d*)([#+\-=.)])")  # what would start a heading, a list or a rule
_MOST_LABELS = 100


def escaped(text: object, limit: int = 200) -> str:
    """Return text on one line that Markdown shows as it is: no mark-up, no HTML, no link."""
    return _LEADING.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(wording.shortened(text, limit).split())))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the card in Markdown, from the content of metrics.json; any part of it may be missing."""
    answer = wording.verdict(metrics)
    data = metrics.get("data") or {}
    name = escaped(data.get("name") or "text")
    parts = [f"# {name} classifier", f"**{escaped(answer.headline)}**"]
    parts.append("\n".join(f"- {escaped(sentence, 600)}" for sentence in (*answer.reasons, *answer.cautions)))
    parts += ["## Use", _use()]
    labels = metrics.get("labels") or []
    if labels:
        more = f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
        parts.append(
            f"It answers one of {len(labels)} classes: {', '.join(map(escaped, labels[:_MOST_LABELS]))}{more}."
        )
    table = _table(metrics)
    parts += ["## Measured", table] if table else []
    findings = (metrics.get("hygiene") or {}).get("findings") or []
    parts += ["## Found in the data", "\n".join(f"- {escaped(f, 600)}" for f in findings)] if findings else []
    parts += ["## Made from", made(metrics)]
    parts.append("`report.html` shows all of this with charts, its most confident mistakes and every setting.")
    return wording.clean("\n\n".join(part for part in parts if part) + "\n")


def _use() -> str:
    """Return how to use the model, in Python and in a shell."""
    return (
        '```python\nimport recurra\n\nmodel = recurra.load(".")\n'
        'model.predict(["some text"])\nmodel.predict_proba(["some text"])  # a column for each class\n```\n\n'
        '```sh\nrecurra predict . "some text"\n```\n\nNo training framework is needed: ONNX Runtime answers, '
        "or the recurrent kernel where it is built."
    )


def _table(metrics: Mapping[str, Any]) -> str:
    """Return the metrics on held-out rows as a table; nothing where none were held out."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline")
    lines = []
    for name, metric in METRICS.items():
        if test.get(name) is None:
            continue
        shares = name in ("accuracy", "macro_f1")
        value = wording.percent(test[name]) if shares else wording.number(test[name])
        interval = test.get(f"{name}_ci95")
        spread = wording.percent_interval(interval) if shares else wording.number_interval(interval)
        lines.append(f"| {metric.title} | {value} | {spread} |")
    if not lines:
        return ""
    if baseline:
        spread = wording.percent_interval(baseline.get("accuracy_ci95"))
        lines.append(
            f"| Accuracy of {escaped(baseline['name'])} (baseline) "
            f"| {wording.percent(baseline['accuracy'])} | {spread} |"
        )
    rows = wording.count(test.get("rows"), "held-out row")
    return f"On {rows}.\n\n| metric | value | 95 % interval |\n|---|---:|---:|\n" + "\n".join(lines)


def made(metrics: Mapping[str, Any]) -> str:
    """Return data, split, seed and versions as a list, and the command."""
    data, split = metrics.get("data") or {}, metrics.get("split") or {}
    versions = ", ".join(f"{name} {version}" for name, version in (metrics.get("versions") or {}).items())
    facts = (
        ("Data", data.get("how") or data.get("name")),
        ("Fingerprint", data.get("fingerprint")),
        ("Split", split.get("how")),
        ("Seed", metrics.get("seed")),
        ("Versions", versions),
    )
    listed = "\n".join(f"- {name}: {escaped(value, 1000)}" for name, value in facts if value not in (None, ""))
    return f"{listed}\n\n{_block(metrics['command'])}" if metrics.get("command") else listed


def _block(command: str) -> str:
    """Return a command as a block of code, fenced by more backticks than it holds."""
    text = " ".join(wording.clean(command).split())
    fence = "`" * (2 + max(1, *(len(run) for run in re.findall("`+", text)), 1))
    return f"{fence}sh\n{text}\n{fence}"
