"""The model directories that versions of 0.1.0 wrote, one for each task, and small data for such models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.forecast import waves as waves_to_forecast
from support.forecast_files import month
from support.series import waves
from support.speech import WORDS, spoken, write_wav

MODELS = Path(__file__).parents[1] / "fixtures" / "models-0.1.0"

SENTENCES = ["the film was good", "a river and a bridge", "my good friend was late"] * 4
FILES: dict[str, tuple[str, str]] = {
    "classify": (
        "reviews.csv",
        "text,label\n" + "".join(f"{text},{('negative', 'positive')[n % 2]}\n" for n, text in enumerate(SENTENCES)),
    ),
    "multilabel": (
        "comments.csv",
        "text,labels\n"
        + "".join(f"{text},{('film', 'nature;person', '')[n % 3]}\n" for n, text in enumerate(SENTENCES)),
    ),
    "regress": (
        "ratings.csv",
        "text,stars\n" + "".join(f"{text},{(2, 4.5, 3)[n % 3]}\n" for n, text in enumerate(SENTENCES)),
    ),
    "generate": ("text.txt", "\n".join(SENTENCES)),
    "tag": (
        "tagged.conllu",
        "".join(
            "".join(f"{n}\t{word}\t_\t{('DET', 'NOUN', 'ADJ')[n % 3]}" + "\t_" * 6 + "\n" for n, word in words) + "\n"
            for words in (enumerate(text.split(), 1) for text in SENTENCES)
        ),
    ),
    "translate": (
        "pairs.tsv",
        "source\ttarget\n" + "".join(f"{text}\t{text.upper()}\n" for text in SENTENCES),
    ),
    "transcribe": (
        "recordings.csv",
        "path,transcript\n" + "".join(f"{number}.wav,{word}\n" for number, word in enumerate((*WORDS, "do aid") * 2)),
    ),
    "series": (
        "waves.jsonl",
        "".join(
            json.dumps({"frames": values.round(3).tolist(), "label": ("slow", "fast", "both")[label]}) + "\n"
            for values, label in zip(*waves(12, seed=5), strict=True)
        ),
    ),
    "forecast": (
        "sales.csv",
        "unique_id,ds,y\n"
        + "".join(
            f"shop {number},{month(step)},{value:.3f}\n"
            for number in range(3)
            for step, value in enumerate(waves_to_forecast(36, season=12, seed=number))
        ),
    ),
    "chat": ("dialogues.jsonl", "".join(json.dumps({"turns": [text, text[::-1], text]}) + "\n" for text in SENTENCES)),
}
"""Name and content of a file to evaluate a model of each task on."""


def write_data(task: str, folder: Path) -> Path:
    """Write data for a model of `task` into `folder`; return the file."""
    name, content = FILES[task]
    (folder / name).write_text(content, encoding="utf-8")
    if task == "transcribe":
        for number, line in enumerate(content.splitlines()[1:]):
            write_wav(folder / f"{number}.wav", spoken(line.partition(",")[2], seed=number))
    return folder / name


def write_inputs(task: str, folder: Path) -> list[str]:
    """Return two inputs for `recurra predict` with a model of `task`: texts, or recordings written into `folder`."""
    if task == "series":
        return ["[[1, 2], [3, null]]", "[[5, 5]]"]
    if task == "forecast":
        return ["[1, 2, null, 4, 5]", "[5, 5, 5]"]
    if task != "transcribe":
        return ["the film was good", ""]
    return [str(write_wav(folder / f"{word}.wav", spoken(word))) for word in WORDS[:2]]


def written_metrics(task: str) -> dict[str, Any]:
    """Return what metrics.json of the model of `task` holds."""
    metrics: dict[str, Any] = json.loads((MODELS / task / "metrics.json").read_text(encoding="utf-8"))
    return metrics
