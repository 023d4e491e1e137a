"""What the commands print of a model that counts vowels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    print_evaluation(console, metrics["test"])


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    console.print(f"Mean absolute error {result['mean_absolute_error']:.2f} vowels, {result['rows']} rows")


def print_answer(answer: Mapping[str, Any]) -> None:
    print(f"{answer['vowels']:.2f}")


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {"Task": "vowels", "Error": f"{manifest['metrics']['test']['mean_absolute_error']:.2f} vowels"}
