"""What is told of the unlabelled texts that a classifier learnt from, in the report, the card and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEFT_OUT = {
    "held_out": "copies of held-out or validation texts",
    "labelled": "copies of training texts",
    "repeats": "copies of each other",
    "empty": "without text",
}
"""Why texts are left out, by their names among the counts of `UnlabelledTexts`."""


def left_out_in_words(counts: Mapping[str, Any]) -> str:
    """Return how many texts were left out, and why; nothing where none were."""
    return ", ".join(f"{counts[name]:,} {why}" for name, why in _LEFT_OUT.items() if counts[name])


def used_in_words(counts: Mapping[str, Any]) -> str:
    """Return a sentence on how many texts are learnt from."""
    left_out = left_out_in_words(counts)
    more = f"; left out: {left_out}" if left_out else ""
    return f"{counts['used']:,} of {counts['rows']:,} texts are learnt from{more}."


def leak_findings(counts: Mapping[str, Any]) -> list[str]:
    """Return what people should know of texts that the model is judged by, in sentences; nothing of ordinary ones."""
    count = counts["held_out"]
    verb = "repeats" if count == 1 else "repeat"
    return (
        [
            f"{count:,} unlabelled text{'' if count == 1 else 's'} {verb} a held-out or validation text: left out of "
            "training, as the model is judged by it."
        ]
        if count
        else []
    )


def unlabelled_sentences(metrics: Mapping[str, Any]) -> list[str]:
    """Return what is told of unlabelled texts and of the teacher, from metrics.json; nothing where there were none."""
    unlabelled, teacher = (metrics.get("data") or {}).get("unlabelled"), metrics.get("teacher")
    if not unlabelled or not teacher:
        return []
    student = metrics.get("valid") or {}
    sentences = [f"{unlabelled['name']}: {used_in_words(unlabelled)}"]
    shown = [
        f"{name} {valid['accuracy']:.1%} right, log loss {valid['log_loss']:.3f}"
        for name, valid in (
            (f"the teacher, {_teacher(teacher)}trained on the labelled rows alone,", teacher["valid"]),
            ("the student, which is this model,", student),
        )
        if valid
    ]
    return [*sentences, f"On {teacher['valid']['rows']:,} validation rows: {'; '.join(shown)}."]


def _teacher(teacher: Mapping[str, Any]) -> str:
    """Return of how many networks a teacher is the mean, "" of one. Earlier models do not state it."""
    count = teacher.get("members", 1)
    return f"the mean of {count} networks " if count > 1 else ""
