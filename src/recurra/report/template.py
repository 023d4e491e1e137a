"""Templates, and the facts that every report shows of a model: its network, and how to reproduce it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.kernel.layout import CELL_NAMES
from recurra.report import wording
from recurra.storage.base import from_in_words

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(package: str, name: str) -> Template:
    """Return the template `name` that lies in `package`; it escapes whatever is put into it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    for function in ("percent", "percent_interval", "number", "count", "shortened", "probability"):
        environment.filters[function] = getattr(wording, function)
    return environment.from_string(files(package).joinpath(name).read_text(encoding="utf-8"))


def network_words(config: Mapping[str, Any]) -> str:
    """Return the network in a few words: "bidirectional LSTM"."""
    cell = config.get("cell")
    name = CELL_NAMES.get(str(cell), str(cell))
    return "" if not cell else f"{'bidirectional ' if config.get('direction') == 'both' else ''}{name}"


def _of_parts(split: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the times and the groups of each part, of a division by these."""
    time, group = (split.get(key) or {} for key in ("time", "group"))
    parts = ("train", "valid", "test")
    found = [(f"{part} times", " to ".join(dict.fromkeys(time[part]))) for part in parts if time.get(part)]
    return found + [(f"{part} groups", wording.count(group[part])) for part in parts if group.get(part) is not None]


def reproduction(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is needed to reproduce the model, in titled groups of (name, value)."""
    data, split, timing = (metrics.get(key) or {} for key in ("data", "split", "timing"))
    source = [
        ("data", data.get("name")),
        ("from", data.get("how")),
        ("rows", wording.count(data["rows"]) if data.get("rows") is not None else None),
        ("fingerprint", data.get("fingerprint")),
        ("started from", from_in_words(data.get("from"))),
        ("word vectors", vectors_in_words(metrics.get("word_vectors"))),
        ("split", split.get("how")),
        *(
            (f"{part} rows", wording.count(split[part]))
            for part in ("train", "valid", "test")
            if split.get(part) is not None
        ),
        *_of_parts(split),
        ("seed", metrics.get("seed")),
    ]
    baseline = metrics.get("baseline") or {}
    if baseline.get("rows_used") is not None:
        source.append(("baseline", f"{baseline['name']}, trained on {wording.count(baseline['rows_used'], 'row')}"))
    if tried := baseline.get("grid"):
        chosen = f"the best of {len(tried)} on {wording.count(baseline['valid_rows'], 'validation row')}"
        source.append(("baseline chosen as", chosen))
    return [
        _group("Data and split", source),
        _group("Settings", (metrics.get("config") or {}).items()),
        _group("Versions", (metrics.get("versions") or {}).items()),
        _group("Time", ((part, wording.duration(seconds)) for part, seconds in timing.items() if seconds is not None)),
    ]


def _group(title: str, facts: Any) -> dict[str, Any]:
    """Return a titled list of (name, value); values that are missing are left out."""
    return {
        "title": title,
        "facts": [(wording.clean(key).replace("_", " "), wording.shortened(_plain(value), 300))
                  for key, value in facts if value is not None and value != ""],
    }  # fmt: skip


def _plain(value: object) -> str:
    """Return a setting's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(inner)}" for key, inner in value.items())
    return str(value)
