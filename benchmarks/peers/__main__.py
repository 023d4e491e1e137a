"""Measure, judge and record. `make bench` gives this its environments.

python -m peers [--quick] [--part training,wall] [--peers-python .venv-peers/bin/python]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from record import machine

from peers import inputs, records, tables
from peers.bars import judged
from peers.driver import Bench
from peers.parts import PARTS
from peers.task import FULL, QUICK

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    given = _arguments()
    sizes = QUICK if given.quick else FULL
    out = given.out or (None if given.quick else RESULTS / "bench.json")
    load, began = os.getloadavg()[0], time.perf_counter()
    interpreters = {"ours": Path(sys.executable).absolute(), "peers": given.peers_python.absolute()}
    with tempfile.TemporaryDirectory(prefix="recurra-bench-") as folder:
        bench = Bench(Path(folder), sizes, given.threads, interpreters)
        about = inputs.write(bench, given.data)
        metrics: dict[str, Any] = {}
        parts: dict[str, Any] = {}
        for name in given.part:
            bench.say(f"{name} ...")
            started = time.perf_counter()
            metrics[name] = PARTS[name](bench, about)
            parts[name] = {
                "date": datetime.now(UTC).date().isoformat(),
                "seconds": round(time.perf_counter() - started),
            }
            bench.say(f"  {parts[name]['seconds']} s")
        result = {
            "name": "bench",
            "command": "make bench QUICK=1" if given.quick else "make bench",
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "threads": given.threads,
            "load_average_before": round(load, 1),
            "wall_seconds": round(time.perf_counter() - began),
            "versions": dict(sorted(bench.versions.items())),
            "about": about,
            "parts": parts,
            "failures": bench.failures,
            "metrics": metrics,
        }
    if out is not None:
        result = records.merged(records.read(out), result)
    result["bars"] = judged(result["metrics"])
    if out is not None:
        records.write(out, result)
        out.with_suffix(".md").write_text(tables.page(records.without_places(result)), encoding="utf-8")
        bench.say(f"Recorded in {out}.")
    print(tables.page(records.without_places(result)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes; recorded only where --out says so")
    parser.add_argument("--part", type=_parts, default=list(PARTS), help=f"some of {','.join(PARTS)}; default: all")
    parser.add_argument("--data", choices=("imdb", "zipf"), default="imdb", help="reviews, or texts of made-up words")
    parser.add_argument("--threads", type=int, default=2, help="of every engine")
    parser.add_argument("--peers-python", type=Path, default=Path(".venv-peers/bin/python"), help="where Keras is")
    parser.add_argument("--out", type=Path, help="the JSON (default: benchmarks/results/bench.json)")
    return parser.parse_args()


def _parts(said: str) -> list[str]:
    asked = [name for name in said.split(",") if name]
    unknown = sorted(set(asked) - set(PARTS))
    if unknown:
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in asked] or list(PARTS)


if __name__ == "__main__":
    main()
