"""PyTorch's own layers on padded rows, as a user runs them: no tuning of memory or threads beyond their number."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from peers.engines import feed
from peers.task import Task, rounds_of
from peers.worker import Round

if TYPE_CHECKING:
    from torch import nn

PACKAGES: tuple[str, ...] = ("torch", "numpy")


def set_up(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Variants: fp32, and bf16 by autocast."""
    import torch

    network = _network(task.cell)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=task.variant == "bf16")
    if task.kind == "training":
        return _training(task, inputs, network, autocast)
    network.eval()

    def answer(rows: Any) -> Any:
        with torch.inference_mode(), autocast:
            return torch.sigmoid(network(torch.from_numpy(rows).long()).float())

    if task.kind == "latency":
        return feed.one_by_one(task, lambda text: answer(_encoded([text], inputs)), inputs)
    if task.kind == "text":
        return feed.repeated(task, lambda several: answer(_encoded(several, inputs)), feed.texts(inputs)["long"])
    return feed.repeated(task, answer, feed.ids(inputs))


def _training(task: Task, inputs: Path, network: nn.Module, autocast: Any) -> Round:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    rows = TensorDataset(torch.from_numpy(feed.ids(inputs)).long(), torch.from_numpy(feed.labels(inputs)))
    loader = DataLoader(rows, batch_size=task.batch, shuffle=True, drop_last=True)
    adam = torch.optim.Adam(network.parameters())
    loss_of = torch.nn.BCEWithLogitsLoss()

    def steps() -> Iterator[None]:
        for epoch in repeat(loader):
            for ids, labels in epoch:
                with autocast:
                    logits = network(ids)
                loss = loss_of(logits.float(), labels)
                adam.zero_grad()
                loss.backward()
                adam.step()
                loss.item()
                yield

    walk = steps()

    def timed(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            next(walk)
        return time.perf_counter() - began

    timed(2)
    wanted = rounds_of(task.seconds, timed(2) / 2)
    return lambda: {"items": wanted * task.batch, "seconds": timed(wanted)}


def _network(cell: str) -> nn.Module:
    import torch
    from torch import nn

    class Classifier(nn.Module):
        """Embedding -> both ways -> the last state of each -> one unit."""

        def __init__(self) -> None:
            super().__init__()
            layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
            self.embedding = nn.Embedding(feed.VOCABULARY, feed.EMBEDDING)
            self.recurrent = layer(feed.EMBEDDING, feed.HIDDEN, batch_first=True, bidirectional=True)
            self.head = nn.Linear(2 * feed.HIDDEN, 1)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            """[B, T] -> logits [B]"""
            _, last = self.recurrent(self.embedding(ids))
            hidden = last[0] if cell == "lstm" else last
            logits: torch.Tensor = self.head(torch.cat([hidden[0], hidden[1]], dim=1))[:, 0]
            return logits

    return Classifier()


def _encoded(texts: list[str], inputs: Path) -> Any:
    """Return ids [B, 200]: lower case, words, the last 200 of them, filled in front."""
    numbers = _numbers(inputs)
    rows = np.zeros((len(texts), 200), dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        found = [numbers.get(word, 1) for word in re.findall(r"[\w']+", text.lower())[-200:]]
        row[200 - len(found) :] = found
    return rows


@cache
def _numbers(inputs: Path) -> dict[str, int]:
    return {word: i for i, word in enumerate(json.loads((inputs / "words.json").read_text(encoding="utf-8")), 2)}
