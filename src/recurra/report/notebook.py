"""A model in a notebook: the verdict of its report, what it is, and its learning curves, in light and dark."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recurra.report.verdict import Tone
from recurra.report.wording import clean
from recurra.terminal.history import metric_names

NOT_EVALUATED = "Not evaluated: it was trained on all rows."

_LIGHT = (
    "--surface:#fff;--ink:#1f1e1b;--quiet:#65625a;--line:#e5e2da;--grid:#edeae3;--red:#c8372d;--blue:#2458c5;"
    "--good:#1d7a45;--bad:#c8372d;color-scheme:light"
)
_DARK = (
    "--surface:#1b1c20;--ink:#eceae5;--quiet:#a5a29a;--line:#303238;--grid:#292b30;--red:#ff7a6e;--blue:#7aa5ff;"
    "--good:#5fce8f;--bad:#ff7a6e;color-scheme:dark"
)
_STYLE = (
    f".recurra-model{{{_LIGHT};background:var(--surface);color:var(--ink);border:1px solid var(--line);"
    "border-radius:10px;padding:14px 18px;max-width:960px;font:14px/1.45 system-ui,sans-serif}"
    f"@media(prefers-color-scheme:dark){{.recurra-model{{{_DARK}}}}}"
    f"[data-jp-theme-light='true'] .recurra-model,.vscode-light .recurra-model,[data-theme='light'] .recurra-model"
    f"{{{_LIGHT}}}"
    f"[data-jp-theme-light='false'] .recurra-model,.vscode-dark .recurra-model,[data-theme='dark'] .recurra-model"
    f"{{{_DARK}}}"
    ".recurra-model .name{font-weight:600;font-size:15px;margin:0}"
    ".recurra-model .verdict{margin:4px 0 10px;font-weight:600}"
    ".recurra-model .good{color:var(--good)}.recurra-model .bad{color:var(--bad)}"
    ".recurra-model .even{color:var(--ink)}"
    ".recurra-model dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin:0 0 10px}"
    ".recurra-model dt{color:var(--quiet)}.recurra-model dd{margin:0;overflow-wrap:anywhere}"
    ".recurra-model .curves{display:flex;flex-wrap:wrap;gap:12px}"
    ".recurra-model .chart{flex:1 1 300px;max-width:440px;height:auto;overflow:visible}"
    ".recurra-model .chart text{fill:var(--ink);font:13px system-ui,sans-serif}"
    ".recurra-model .chart .tick,.recurra-model .chart .axis-title{fill:var(--quiet);font-size:12px}"
    ".recurra-model .chart .grid{stroke:var(--grid)}"
    ".recurra-model .chart .axis{stroke:var(--quiet);stroke-opacity:.55}"
    ".recurra-model .chart .curve{fill:none;stroke-width:2.4;stroke-linejoin:round;stroke-linecap:round}"
    ".recurra-model .chart .train{stroke:var(--red)}.recurra-model .chart .valid{stroke:var(--blue)}"
    ".recurra-model .chart circle{stroke:var(--surface)!important;stroke-width:1.5}"
    ".recurra-model .chart circle.train{fill:var(--red)}.recurra-model .chart circle.valid{fill:var(--blue)}"
)


@dataclass(frozen=True)
class Shown:
    """What a notebook shows of a model.

    facts: names and values, a few words each; tone, headline: of the verdict, None where none is known; history: an
    entry an epoch.
    """

    facts: Mapping[str, str]
    headline: str | None = None
    tone: Tone = "even"
    history: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


class NotebookModel:
    """A model that shows itself in a notebook."""

    _shown: Callable[[], Shown] | None = None

    def show_as(self, shown: Callable[[], Shown]) -> None:
        """Say what a notebook shows of the model. shown: is called when it does."""
        self._shown = shown

    def _repr_html_(self) -> str:
        """Return the model for a notebook."""
        return model_html(type(self).__name__, Shown({}) if self._shown is None else self._shown())


def model_html(name: str, shown: Shown) -> str:
    """Return HTML that fits into a page of others: it runs no script, loads nothing, and follows light and dark."""
    parts = [f'<p class="name">{_escaped(name)}</p>']
    if shown.headline:
        parts.append(f'<p class="verdict {shown.tone}">{_escaped(shown.headline)}</p>')
    facts = "".join(
        f"<dt>{_escaped(title)}</dt><dd>{_escaped(value)}</dd>" for title, value in shown.facts.items() if value
    )
    if facts:
        parts.append(f"<dl>{facts}</dl>")
    if curves := _curves(shown.history):
        parts.append(f'<div class="curves">{curves}</div>')
    return f'<div class="recurra-model"><style>{_STYLE}</style>{"".join(parts)}</div>'


def _curves(history: Sequence[Mapping[str, Any]]) -> str:
    """Return the learning curves as pictures; none where the package that escapes their words is not installed."""
    try:
        from recurra.report.charts import learning_curve
    except ModuleNotFoundError:  # MarkupSafe, which comes with Jupyter, is no part of the base installation
        return ""
    from recurra.report.quantity import LOSS, Quantity

    names = [*metric_names(history), "loss"]
    drawn = (learning_curve(history, name, LOSS if name == "loss" else Quantity.of_history(name)) for name in names)
    return "".join(str(curve) for curve in drawn if curve)


def _escaped(text: str) -> str:
    return html.escape(clean(text))
