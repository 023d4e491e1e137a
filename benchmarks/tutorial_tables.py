"""The tables of docs/explanation/beside-keras.md, from keras_steps.json and tutorial.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NONE = "No run is recorded yet."


def table(part: str, run: Mapping[str, Any] | None) -> str:
    """Return one part as Markdown. part: "start", "steps" or "seeds"; run: the recorded result, None without one."""
    return NONE if run is None else {"start": _start, "steps": _steps, "seeds": _seeds}[part](run)


def _start(run: Mapping[str, Any]) -> str:
    initial = run["metrics"]["initial"]
    gates = ", ".join(f"{value:g}" for value in initial["biases_of_gates"])
    return "\n".join(
        [
            f"| Keras {run['metrics']['keras']} | |",
            "|---|---|",
            f"| largest value of the word vectors | {initial['largest_of_embedding']:.4f} |",
            f"| largest input weight, and Glorot's limit | {initial['largest_of_input_weights']:.4f}, "
            f"{initial['glorot_limit_of_input_weights']:.4f} |",
            "| largest difference of the recurrent weights' product from the identity | "
            f"{initial['largest_of_recurrent_product_minus_identity']:.0e} |",
            f"| biases of the four gates | {gates} |",
        ]
    )


def _steps(run: Mapping[str, Any]) -> str:
    variants = run["metrics"]["largest_difference_after_steps"]
    steps = list(next(iter(variants.values())))
    heads = [f"{kind}, {step} step{'s'[: step != '1']}" for kind in ("word vectors", "others") for step in steps]
    lines = [f"| Adam of | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for name, of_steps in variants.items():
        cells = [f"{of_steps[step][kind]:.0e}" for kind in ("word_vectors", "others") for step in steps]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"`{run['command']}`."])


def _seeds(run: Mapping[str, Any]) -> str:
    lines = ["| options | held-out accuracy by seed | mean | 95 % interval |", "|---|---|---:|---|"]
    for name, variant in run["metrics"]["variants"].items():
        by_seed = ", ".join(f"{100 * each['accuracy']:.1f}" for each in variant["runs"])
        accuracy = variant["accuracy"]
        spread = "" if accuracy["ci95"] is None else " to ".join(f"{100 * edge:.1f}" for edge in accuracy["ci95"])
        options = " ".join(variant["options"])
        said = f"`{options}`" if options else name
        lines.append(f"| {said} | {by_seed} | **{100 * accuracy['mean']:.1f} %** | {spread} |")
    rows = {each["rows"] for variant in run["metrics"]["variants"].values() for each in variant["runs"]}
    counts = " or ".join(f"{count:,}" for count in sorted(rows))
    said = f"{counts} held-out rows a seed, each seed with a split of its own."
    return "\n".join([*lines, "", f"{said} `{run['command']}` on {run['machine']}."])
