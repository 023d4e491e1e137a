"""Freed memory is kept for the next step, and given back at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from recurra.training import memory


def test_freed_memory_is_kept_and_reused() -> None:
    """In a process of its own, since the setting cannot be taken back: page faults nearly vanish."""
    script = """
import json, resource, sys, torch
from recurra.training.memory import prepare_memory
told = prepare_memory() if sys.argv[1] == "keep" else None
def work():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        torch.ones(20_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(4):  # the heap grows to its size
    work()
print(json.dumps([told, work()]))
"""
    faults = {}
    for mode in ("keep", "plain"):
        done = subprocess.run([sys.executable, "-c", script, mode], capture_output=True, check=True, text=True)
        told, faults[mode] = json.loads(done.stdout)
        if mode == "keep" and not told:
            pytest.skip("this C library cannot be told to keep its memory")
    assert faults["keep"] < faults["plain"] / 10


def test_few_compiled_products_are_kept_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "7")
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    memory._keep_few_shapes()
    assert os.environ["LRU_CACHE_CAPACITY"] == "7"
    assert int(os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"]) < 1024
    monkeypatch.undo()


def test_freed_memory_is_returned() -> None:
    """In a process of its own that keeps what is freed: after the call it holds less."""
    script = """
import numpy as np
from recurra.training.memory import prepare_memory, return_freed_memory
def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
told = prepare_memory()
kept = np.ones(1000)
large = [np.ones(2_000_000), np.ones(1000)]
del large[0]
before = held()
return_freed_memory()
print(int(told), before - held())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    told, returned = map(int, done.stdout.split())
    if not told:
        pytest.skip("this C library cannot be told to keep its memory")
    assert returned > 12_000_000
