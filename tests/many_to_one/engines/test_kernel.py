"""The kernel answers what the graph answers, and a row's answer has the same bits in any batch."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.kernel.layout import GATES
from recurra.kernel.library import VARIANTS, Library, library
from recurra.many_to_one.engines import kernel
from recurra.many_to_one.engines.kernel import KernelEngine, available
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape

pytestmark = pytest.mark.skipif(not available(), reason="the kernel is not built here; ONNX Runtime answers")

LENGTHS = [5, 1, 9, 2, 30, 9, 4, 1, 3]
TEMPERATURE = 1.3
Weights = dict[str, NDArray[np.float32]]


def network(**changes: object) -> ManyToOneShape:
    plain = {"vocabulary": 40, "embedding": 7, "cell": "lstm", "hidden": 5, "layers": 1}
    return ManyToOneShape.model_validate({**plain, "direction": "both", "pooling": "max", "outputs": 1, **changes})


def weights_of(shape: ManyToOneShape, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return {name: (0.4 * rng.normal(size=size)).astype(np.float32) for name, size in shape.weight_shapes().items()}


def rows_of(lengths: list[int], seed: int = 0) -> list[NDArray[np.int32]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 40, size=length).astype(np.int32) for length in lengths]


def assert_like_the_graph(shape: ManyToOneShape, weights: Weights) -> None:
    rows = rows_of(LENGTHS)
    expected = GraphSession(build(shape, weights, TEMPERATURE)).run(rows)
    for got, right in zip(KernelEngine(shape, weights, TEMPERATURE).run(rows), expected, strict=True):
        np.testing.assert_allclose(got, right, rtol=3e-5, atol=3e-5)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max-mean", "attention"])
@pytest.mark.parametrize("cell", list(GATES))
def test_it_answers_as_the_graph_does(cell: str, pooling: str) -> None:
    for hidden, layers, direction, outputs in ((5, 1, "both", 1), (20, 2, "both", 3), (33, 3, "forward", 2)):
        shape = network(cell=cell, pooling=pooling, hidden=hidden, layers=layers, direction=direction, outputs=outputs)
        assert_like_the_graph(shape, weights_of(shape))


@pytest.mark.parametrize("variant", [name for name, variant in VARIANTS.items() if variant.dtype == "float32"])
def test_every_instruction_set_gives_the_same_answers(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = library()
    assert isinstance(found, Library)
    if variant not in found.variants:
        pytest.skip(f"this processor does not run {variant}")
    monkeypatch.setattr(found, "variants", {variant: found.variants[variant]})
    for cell in GATES:
        shape = network(cell=cell, hidden=40, layers=2, pooling="attention")
        assert_like_the_graph(shape, weights_of(shape))


def test_without_a_table_of_all_words_the_answers_are_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = network()
    weights, rows = weights_of(shape), rows_of(LENGTHS)
    kept = KernelEngine(shape, weights, TEMPERATURE).run(rows)
    monkeypatch.setattr(kernel, "TABLE_BYTES", 0)
    anew = KernelEngine(shape, weights, TEMPERATURE).run(rows)
    assert all(np.array_equal(one, other) for one, other in zip(kept, anew, strict=True))


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=25),
    cell=st.sampled_from(list(GATES)),
    pooling=st.sampled_from(["last", "mean", "max", "max-mean", "attention"]),
    outputs=st.integers(1, 20),
)
def test_a_row_has_the_same_bits_alone_and_in_any_batch(
    lengths: list[int], cell: str, pooling: str, outputs: int
) -> None:
    shape = network(cell=cell, pooling=pooling, layers=2, outputs=outputs, hidden=17)
    weights, rows = weights_of(shape), rows_of(lengths)
    together = KernelEngine(shape, weights, TEMPERATURE, threads=2).run(rows)
    alone = KernelEngine(shape, weights, TEMPERATURE, threads=1)
    for number, row in enumerate(rows):
        for got, right in zip(alone.run([row]), together, strict=True):
            assert np.array_equal(got[0], right[number])


@pytest.mark.parametrize("direction", ["both", "forward"])
def test_a_long_row_has_the_same_bits_with_a_helper(direction: str) -> None:
    shape = network(direction=direction, layers=2, hidden=16)
    weights, rows = weights_of(shape), rows_of([2 * kernel.HELPED_TOKENS])
    one, two = (KernelEngine(shape, weights, TEMPERATURE, threads=threads).run(rows) for threads in (1, 2))
    assert all(np.array_equal(got, right) for got, right in zip(two, one, strict=True))


def test_many_threads_may_call_one_engine_while_it_meets_its_words() -> None:
    shape = network(hidden=16)
    weights = weights_of(shape)
    long = [2 * kernel.HELPED_TOKENS]
    sets = [rows_of([5, 1, 8, 3, 7] if seed % 2 else long, seed) for seed in range(24)]
    expected = [KernelEngine(shape, weights, TEMPERATURE, threads=1).run(rows)[0] for rows in sets]
    engine = KernelEngine(shape, weights, TEMPERATURE, threads=2)
    with ThreadPoolExecutor(4) as callers:
        for got, right in zip(callers.map(lambda rows: engine.run(rows)[0], sets), expected, strict=True):
            assert np.array_equal(got, right)


HELPED = """
import os, sys, threading
import numpy as np
from recurra.many_to_one.shape import ManyToOneShape
from recurra.many_to_one.engines.kernel import HELPED_TOKENS, KernelEngine
shape = ManyToOneShape(
    vocabulary=40, embedding=7, cell="lstm", hidden=16, layers=1, direction="both", pooling="max", outputs=1
)
rng = np.random.default_rng(0)
weights = {name: rng.normal(size=size).astype(np.float32) for name, size in shape.weight_shapes().items()}
rows = [rng.integers(0, 40, 2 * HELPED_TOKENS).astype(np.int32)]
expected = KernelEngine(shape, weights, 1.0, threads=1).run(rows)[0]
engine = KernelEngine(shape, weights, 1.0, threads=2)
right = lambda: np.array_equal(engine.run(rows)[0], expected)
def threads():
    return len(os.listdir("/proc/self/task"))
before = threads()
assert all(right() for _ in range(3))
assert threads() == before + 1, "no helper came"
stop = threading.Event()
def answer():
    while not stop.is_set():
        assert right()
other = threading.Thread(target=answer)
other.start()
for _ in range(40):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if right() and right() and threads() == 2 else 3
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
stop.set()
other.join()
assert right()
"""


def test_a_helper_comes_and_a_forked_process_gets_its_own() -> None:
    """Also where the parent forks while its helper is at work."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HELPED]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_probabilities_are_sound_where_logits_are_huge() -> None:
    shape = network(outputs=1)
    weights = weights_of(shape)
    weights["head.weight"] *= 1e6
    logits, probabilities = KernelEngine(shape, weights, 1.0).run(rows_of(LENGTHS))
    assert np.abs(logits).max() > 1e4
    assert np.isfinite(probabilities).all()
    np.testing.assert_array_equal(probabilities.argmax(1), (logits[:, 0] > 0).astype(int))
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)


def test_what_is_not_of_this_network_is_refused() -> None:
    shape = network()
    weights = weights_of(shape)
    for broken in (
        {name: array for name, array in weights.items() if name != "head.bias"},
        {**weights, "head.bias": np.zeros(2, dtype=np.float32)},
        {**weights, "head.bias": np.zeros(1, dtype=np.float64)},
        {**weights, "more": np.zeros(1, dtype=np.float32)},
    ):
        with pytest.raises(ArtefactError, match=r"weights\.safetensors"):
            KernelEngine(shape, broken, 1.0)
    engine = KernelEngine(shape, weights, 1.0)
    for ids in ([1, 40], [-1], [2**32 + 5]):
        with pytest.raises(ArtefactError, match="vocabulary"):
            engine.run([np.array(ids)])
    with pytest.raises(OptionError, match="at least 1"):
        KernelEngine(shape, weights, 1.0, threads=0)
    with pytest.raises(OptionError, match="Sequence 1 is empty"):
        engine.run([np.array([1]), np.array([], dtype=np.int32)])
