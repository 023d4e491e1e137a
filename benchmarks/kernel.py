"""Training steps of one recurrent layer by each of our backends, and by torch's own modules as a user writes them.

    python benchmarks/kernel.py --cell lstm --batch 64
    python benchmarks/kernel.py --cell gru lstm mingru minlstm --batch 64 --contenders kernel --threads 1

Embedding(20,000, 128) -> both directions of 64 units -> pooling -> one output, with Adam. Each contender is a process
of its own (ours keep freed memory, as the command line does; the stock module runs as torch comes), all take turns, and
medians are kept. Words are drawn as language draws them (the chance of a word falls with its rank), so that they repeat
within a batch. Prints one JSON object: rows a second by the clock, and by processor time, which other programs disturb
less, though with more than one thread it counts waiting too; `share` is of the rate of a large matrix product of the
same number format in the same run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from recurra.kernel.layout import GATES, RECURRENT_GATES

VOCABULARY, EMBEDDING, HIDDEN, TOKENS = 20_000, 128, 64, 200
USUAL = ["rnn", "gru", "lstm"]
CONTENDERS = ("kernel", "reference", "fused", "scan", "stock")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", choices=GATES, nargs="+", default=USUAL)
    parser.add_argument("--batch", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--precision", choices=["fp32", "bf16", "both"], default="both")
    parser.add_argument("--pooling", choices=["max", "last"], default="max")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    given = parser.parse_args()
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as the command line does; a waiting process must not spin

    from record import machine

    found = []
    for cell in given.cell:
        for batch in given.batch:
            for precision in ("fp32", "bf16") if given.precision == "both" else (given.precision,):
                found.append(compare(cell, batch, precision, given))
    setting = {"vocabulary": VOCABULARY, "embedding": EMBEDDING, "hidden": HIDDEN, "tokens": TOKENS}
    setting |= {"pooling": given.pooling, "threads": given.threads, "rounds": given.rounds}
    result = {
        "name": "kernel",
        "command": shlex.join(["python", "benchmarks/kernel.py", *sys.argv[1:]]),
        "machine": machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "metrics": {"setting": setting, "steps": found},
    }
    print(json.dumps(result, indent=1))


def compare(cell: str, batch: int, precision: str, given: argparse.Namespace) -> dict[str, object]:
    """Return rows a second of each contender, medians over the rounds, each having taken its turn in every round."""
    context = multiprocessing.get_context("spawn")
    lines: dict[str, Connection] = {}
    workers = []
    absent = () if cell in USUAL else ("fused", "stock")
    for name in [*(name for name in given.contenders if name not in (absent or ("scan",))), "product"]:
        here, there = context.Pipe()
        workers.append(
            context.Process(
                target=serve,
                args=(there, name, cell, batch, precision, given.pooling, given.threads),
                daemon=True,
            )
        )
        workers[-1].start()
        lines[name] = here
    distinct = {name: line.recv() for name, line in lines.items()}["product"]
    seconds: dict[str, list[float]] = {name: [] for name in lines}
    processor: dict[str, list[float]] = {name: [] for name in lines}
    for round_number in range(given.rounds + 1):
        for name, line in lines.items():
            line.send(True)
            taken, worked = line.recv()
            if round_number:  # the first one warms up
                seconds[name].append(taken)
                processor[name].append(worked)
    for line, worker in zip(lines.values(), workers, strict=True):
        line.send(False)
        worker.join()
    products = GATES[cell] * EMBEDDING * distinct + RECURRENT_GATES[cell] * HIDDEN * batch * TOKENS
    flops = 6 * 2 * HIDDEN * products
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    limit = PRODUCT_FLOPS / medians.pop("product")
    return {
        "cell": cell,
        "batch": batch,
        "precision": precision,
        "distinct_share": round(distinct / batch / TOKENS, 3),
        "rows_per_second": {name: round(batch / each) for name, each in medians.items()},
        "rows_per_processor_second": {
            name: round(batch / statistics.median(each)) for name, each in processor.items() if name != "product"
        },
        "share": {name: round(flops / each / limit, 3) for name, each in medians.items()},
        "product_gflops_per_second": round(limit / 1e9),
    }


SIDE = 1536
PRODUCT_FLOPS = 2 * SIDE**3


def serve(line: Connection, name: str, cell: str, batch: int, precision: str, pooling: str, threads: int) -> None:
    """Answer every request on `line` by the seconds that one step took, and those of processor time."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    if name != "stock":
        from recurra.training.memory import prepare_memory

        prepare_memory()
    chance = 1 / torch.arange(2, VOCABULARY + 2, dtype=torch.float64)
    values = torch.multinomial(chance, batch * TOKENS, replacement=True).view(batch, TOKENS)
    if name == "product":
        one, other = torch.randn(SIDE, SIDE).to(dtype), torch.randn(SIDE, SIDE).to(dtype)

        def step() -> None:
            one @ other
    else:
        step = training_step(name, cell, values, precision == "bf16", pooling)
    line.send(len(torch.unique(values)))
    while line.recv():
        started, worked = time.perf_counter(), time.process_time()
        step()
        line.send((time.perf_counter() - started, time.process_time() - worked))


def training_step(name: str, cell: str, values: object, bf16: bool, pooling: str) -> Callable[[], None]:
    """Return one step of training: forward, backward, Adam."""
    import torch
    from torch import Tensor, nn

    from recurra.many_to_one.learn.network import ManyToOneNetwork
    from recurra.many_to_one.shape import ManyToOneShape
    from recurra.nn.backends.choice import use_backend
    from recurra.nn.batch import Batch

    assert isinstance(values, Tensor)
    rows, tokens = values.shape
    targets = torch.rand(rows).round()

    class Stock(nn.Module):
        """The same network as a user of torch writes it."""

        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(VOCABULARY, EMBEDDING)
            module = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
            self.recurrent = module(EMBEDDING, HIDDEN, batch_first=True, bidirectional=True)
            self.head = nn.Linear(2 * HIDDEN, 1)

        def forward(self, ids: Tensor) -> Tensor:
            states, final = self.recurrent(self.embedding(ids))
            if pooling == "max":
                return self.head(states.max(1).values)
            final = final[0] if cell == "lstm" else final
            return self.head(torch.cat([final[0], final[1]], -1))

    if name == "stock":
        network: nn.Module = Stock()
        optimizer = torch.optim.Adam(network.parameters())
    else:
        shape = ManyToOneShape(
            vocabulary=VOCABULARY,
            embedding=EMBEDDING,
            cell=cell,
            hidden=HIDDEN,
            layers=1,
            direction="both",
            pooling=pooling,
            outputs=1,
        )
        network = ManyToOneNetwork(shape)
        optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            if name == "stock":
                logits = network(values)
            else:
                with use_backend(name):
                    logits = network(Batch(values, torch.full((rows,), tokens)))
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(logits.float()[:, 0], targets).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
