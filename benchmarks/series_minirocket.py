"""MiniRocket with a ridge, as aeon has it, on the sets of benchmarks/series.py: the peer beside its figures.

    python -m venv peer && peer/bin/pip install aeon==1.6.0  # its own environment: it brings numba and others
    peer/bin/python benchmarks/series_minirocket.py wheels/aeon-1.6.0-*.whl

writes benchmarks/results/series_minirocket.json.

Each classifier learns from the training part as it is divided officially, with aeon's defaults and three seeds, and is
judged on the test part. Series of unequal length are handed over as they are where aeon takes them so; otherwise they
are refused, and the set has no figure.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from record import RESULTS, machine
from series import SETS, unpacked

SEEDS = (0, 1, 2)


def judged(training: Path, test: Path) -> dict[str, Any]:
    """Return the accuracy on the test part for each seed, and the seconds of all."""
    from aeon.classification.convolution_based import MiniRocketClassifier
    from aeon.datasets import load_from_ts_file

    (x, labels), (new, truth) = (load_from_ts_file(str(path)) for path in (training, test))
    started, accuracies = time.perf_counter(), []
    for seed in SEEDS:
        try:
            classifier = MiniRocketClassifier(random_state=seed).fit(x, labels)
            accuracies.append(float(np.mean(classifier.predict(new) == truth)))
        except ValueError as error:
            return {"refused": str(error)[:200]}
    seconds = round(time.perf_counter() - started, 1)
    return {"accuracy": float(np.mean(accuracies)), "of_seeds": accuracies, "rows": len(truth), "seconds": seconds}


def main() -> None:
    """Judge all sets and write the figures."""
    from aeon import __version__

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path, help="the wheel of aeon, for its sets")
    parser.add_argument("--sets", default=",".join(SETS), help="which, with commas between (default: all)")
    parser.add_argument("--out", type=Path, default=RESULTS / "series_minirocket.json")
    given = parser.parse_args()
    sets: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in given.sets.split(","):
            sets[name] = judged(*unpacked(given.wheel, name, Path(folder)))
            print(f"{name}: {sets[name]}", flush=True)
    written = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"written": written, "machine": machine(), "aeon": __version__, "seeds": SEEDS, "sets": sets}
    given.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
