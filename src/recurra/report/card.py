"""The model card of any task: the README.md of a model directory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.report import wording
from recurra.report.page import ReportPage, number_row
from recurra.report.quantity import measured
from recurra.storage.base import from_in_words

_MARKS = re.compile(r"([\\`*_\[\]<>|~&$@]|:(?=//)|(?<=www)\.)")
_LEADING = re.compile(r"^(\d*)([#+\-=.)])")  # what would start a heading, a list or a rule


def model_card(
    metrics: Mapping[str, Any], page: ReportPage, *, use: str, sections: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the card in Markdown, from the content of metrics.json; any part of it may be missing.

    page: as the report has it. use: how the model is used, in Markdown that is written as it is: no user text in it but
    what is `escaped`. sections: (heading, Markdown) of the task's own.
    """
    verdict = page.verdict
    parts = [f"# {escaped(page.title)}", f"**{escaped(verdict.headline, 600)}**"]
    parts.append(bullets([*_lead(metrics, page), *verdict.reasons, *verdict.cautions]))
    parts += ["## Use", use]
    table = _table(metrics, page)
    parts += ["## Measured", table] if table else []
    for heading, body in sections:
        parts += [f"## {heading}", body]
    parts += ["## Made from", made_from(metrics)]
    parts.append("`report.html` shows all of this with charts, examples and every setting.")
    return wording.clean("\n\n".join(part for part in parts if part) + "\n")


def bullets(sentences: Sequence[str]) -> str:
    """Return sentences as a Markdown list."""
    return "\n".join(f"- {escaped(sentence, 600)}" for sentence in sentences)


def escaped(text: object, limit: int = 200) -> str:
    """Return text on one line that Markdown shows as it is: no mark-up, no HTML, no link."""
    return _LEADING.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(wording.shortened(text, limit).split())))


def _lead(metrics: Mapping[str, Any], page: ReportPage) -> list[str]:
    """Return the first quantity that was measured as a sentence."""
    test = metrics.get("test") or {}
    for name, quantity in measured(test, page.quantities).items():
        interval = test.get(f"{name}_ci95")
        ends = f" (95 % interval {quantity.show_interval(interval)})" if interval else ""
        return [f"{quantity.title} on {page.held_out(test.get('rows'))}: {quantity.show(test[name])}{ends}."]
    return []


def _table(metrics: Mapping[str, Any], page: ReportPage) -> str:
    """Return the quantities as a table; nothing where none were measured."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    shown = measured(test, page.quantities)
    if not shown:
        return ""
    head = ["metric", "value", "95 % interval"]
    if measured(baseline, shown):
        head += [f"{escaped(baseline.get('name') or 'baseline')} (baseline)", "95 % interval"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for name, quantity in shown.items():
        row = number_row(name, quantity, test, baseline)
        cells = [row[key] for key in ("title", "value", "interval", "baseline", "baseline_interval")][: len(head)]
        lines.append(f"| {' | '.join(cells)} |")
    return f"On {page.held_out(test.get('rows'))}.\n\n" + "\n".join(lines)


def made_from(metrics: Mapping[str, Any]) -> str:
    """Return data, split, seed and versions as a list, and the command."""
    data, split = metrics.get("data") or {}, metrics.get("split") or {}
    versions = ", ".join(f"{name} {version}" for name, version in (metrics.get("versions") or {}).items())
    facts = (
        ("Data", data.get("how") or data.get("name")),
        ("Fingerprint", data.get("fingerprint")),
        ("Started from", from_in_words(data.get("from"))),
        ("Word vectors", vectors_in_words(metrics.get("word_vectors"))),
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
