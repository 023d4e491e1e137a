"""The names of classes that data sets of Hugging Face keep for a column of whole numbers, a `ClassLabel`.

They lie in the schema's metadata, of Parquet as of Arrow, as JSON under the key `huggingface`.
"""

from __future__ import annotations

import json
from typing import Any

KEY = "huggingface"


def class_names(metadata: str | bytes | None) -> dict[str, list[str]]:
    """Return the names of the classes by column, those of a number being at its place. {} where there are none."""
    try:
        features: Any = json.loads(metadata or "{}")["info"]["features"]
        found = {name: feature["names"] for name, feature in features.items() if _is_class_label(feature)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: names for name, names in found.items() if names and all(isinstance(each, str) for each in names)}


def _is_class_label(feature: Any) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and isinstance(feature.get("names"), list)
