"""The network of a model that answers whole texts, as `recurra inspect` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.kernel.layout import CELL_NAMES


def network_in_words(network: Mapping[str, Any]) -> dict[str, str]:
    """Return names and values that are printed of a network. network: its shape, as a manifest states it."""
    return {
        "Network": f"{_members(network)}{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}), "
        f"{network['direction']}, {network['pooling']} pooling, embedding {network['embedding']}",
        "N-grams": _ngrams(network),
    }


def _members(network: Mapping[str, Any]) -> str:
    """Return how many networks answer together, "" for one. Earlier models do not state it."""
    count = network.get("members", 1)
    return f"the mean of {count} networks of " if count > 1 else ""


def _ngrams(network: Mapping[str, Any]) -> str:
    """Return the n-grams and spellings of a network, "" where it has none. Earlier models do not state them."""
    order, spelt = network.get("ngrams", 0), network.get("subwords", 0)
    told = []
    if order:
        hashed = f", the longer ones in {network['ngram_buckets']:,} buckets" if order > 1 else ""
        told.append(f"of up to {order} words{hashed}" if order > 1 else "single words")
    if spelt:
        parts = [name for name, has in (("weights", order), ("vectors", network.get("subword_vectors"))) if has]
        told.append(f"{' and '.join(parts)} of unknown words from {spelt:,} buckets of character n-grams")
    return "; ".join(told)
