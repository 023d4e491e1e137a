"""Run one `recurra ... --json` command and keep what it printed, with the machine and the memory it took.

    python benchmarks/record.py imdb -- train imdb --out scratch/imdb

writes benchmarks/results/imdb.json: name, command, machine, wall_seconds, cpu_seconds, peak_memory_mb and metrics,
without texts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """Return what decides speed here, without names."""
    processor = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = named[0] if named else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB, {platform.system()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the result file")
    parser.add_argument("arguments", nargs="+", help="of recurra, after --")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "recurra.cli", *given.arguments, "--json"], stdout=subprocess.PIPE, check=True
    )
    wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    metrics = json.loads(run.stdout)
    for texts in ("mistakes", "examples", "attention", "samples"):
        metrics.pop(texts, None)
    if "data" in metrics:
        metrics["data"]["how"] = re.sub(r" \(/[^)]*\)", "", metrics["data"]["how"])  # no places
    result = {
        "name": given.name,
        "command": shlex.join(["recurra", *given.arguments]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_mb": round(used.ru_maxrss / 1024),
        "metrics": metrics,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{given.name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {wall:.1f} s")


if __name__ == "__main__":
    main()
