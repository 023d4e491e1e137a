"""Several columns, and numbers and categories beside the text: the sections of Debian's packages.

    python benchmarks/columns.py

reads what apt knows of the packages (of `apt-get update`), draws 8,000 of the sections with 200 packages or more, and
asks for the section. A fifth is held out, once, with seed 7; packages of one description stay together. With each of
two seeds the network and the baseline learn from the same rows, in six arms: the description alone; the name before
it, joined with a space and with the mark; and each of the first and the last with the features maintainer, installed
size, number of dependencies and architecture; and the name and the description with the words of the features in the
text. Each arm is compared with the description alone, or with the arm named, on the same rows.
Writes benchmarks/results/columns.json. With --arms, some of them are measured alone, and the figures of the others stay
as they are in the file. Needs `pip install 'recurra[train]'`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import RESULTS, machine

from recurra.data.feature_table import FeatureTable
from recurra.data.split import holdout
from recurra.evaluation.comparison import ACCURACY
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import sized, valid_share
from recurra.many_to_one.learn.importance import importance
from recurra.many_to_one.learn.vocabulary import settled
from recurra.tasks.classify.learn.baseline import fit_baseline
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifierOptions
from recurra.text.text_columns import joined

SEEDS = (0, 1)
HELD_OUT, SPLIT_SEED = 0.2, 7
FEWEST, PACKAGES = 200, 8_000
"""A section of fewer packages is left out; of the packages that are left so many are drawn."""
FEATURES = ("maintainer", "size", "dependencies", "architecture")

Row = dict[str, str]
Text = Callable[[Row], str]

ARMS: dict[str, tuple[tuple[str, ...], Text, bool]] = {
    "description": (("description",), lambda row: row["description"], False),
    "name and description, joined by a space": (
        ("description",),
        lambda row: f"{row['name']} {row['description']}",
        False,
    ),
    "name,description": (("name", "description"), lambda row: joined([row["name"], row["description"]]), False),
    "description with features": (("description",), lambda row: row["description"], True),
    "name,description with features": (
        ("name", "description"),
        lambda row: joined([row["name"], row["description"]]),
        True,
    ),
    "name,description and features as words": (
        ("name", "description"),
        lambda row: joined([row["name"], f"{row['description']} {' '.join(row[name] for name in FEATURES)}"]),
        False,
    ),
}
"""By name: the columns of texts, the text of a row, and whether features stand beside it."""
AGAINST = {
    "name and description, joined by a space": "description",
    "name,description": "name and description, joined by a space",
    "description with features": "description",
    "name,description with features": "name,description",
    "name,description and features as words": "name,description",
}


def packages() -> list[Row]:
    """Return the packages with a description, their section without the part of the archive."""
    printed = subprocess.run(["apt-cache", "dumpavail"], stdout=subprocess.PIPE, check=True).stdout.decode()
    rows: dict[str, Row] = {}
    for package in printed.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)", package, re.MULTILINE))
        description = fields.get("Description", fields.get("Description-en"))
        if description and "Section" in fields:
            rows.setdefault(
                fields["Package"],
                {
                    "name": fields["Package"],
                    "description": description,
                    "section": fields["Section"].rpartition("/")[2],
                    "maintainer": fields.get("Maintainer", ""),
                    "size": fields.get("Installed-Size", ""),
                    "dependencies": str(len(fields["Depends"].split(", ")) if "Depends" in fields else 0),
                    "architecture": fields.get("Architecture", ""),
                },
            )
    counts = Counter(row["section"] for row in rows.values())
    kept = [rows[name] for name in sorted(rows) if counts[rows[name]["section"]] >= FEWEST]
    chosen = np.random.default_rng(SPLIT_SEED).permutation(len(kept))[:PACKAGES]
    return [kept[place] for place in np.sort(chosen)]


def learnt(
    rows: list[Row],
    arm: str,
    targets: NDArray[np.int64],
    groups: NDArray[np.int64],
    test: NDArray[np.bool_],
    seed: int,
    more: dict[str, Any],
) -> dict[str, Any]:
    """Return right [n], of the model and of the baseline, for the held-out rows, and the figures of one arm."""
    columns, text, beside = ARMS[arm]
    classes = int(targets.max()) + 1
    learning = np.flatnonzero(~test)
    with Corpus() as corpus:
        corpus.read_columns(columns, FeatureTable(FEATURES) if beside else None)
        for row in rows:
            assert corpus.add(text(row), row["section"], None, [row[name] for name in FEATURES] if beside else ())
        corpus.seal()
        options = ClassifierOptions(seed=seed, **more)
        valid = np.zeros(len(rows), dtype=bool)
        share = valid_share(options, len(learning))
        valid[learning[holdout(targets[learning], groups[learning], share, seed + 1)]] = True
        train = ~test & ~valid
        options = sized(settled(corpus, train, options), int(train.sum()), classes)
        started = time.perf_counter()
        fitted = fit_classifier(corpus, targets, classes, train, valid, options)
        seconds = time.perf_counter() - started
        model = fitted.model(Classifier, [str(k) for k in range(classes)])
        held_out, truth = np.flatnonzero(test), targets[test]
        right = model.predict_proba(corpus.rows(held_out)).argmax(axis=1) == truth
        baseline = fit_baseline(
            corpus, targets, train, valid, test, classes=classes, seed=seed, threads=os.cpu_count() or 1
        )
        found: dict[str, Any] = {
            "right": right,
            "baseline_right": baseline.predictions == truth,
            "figures": {
                "accuracy": float(right.mean()),
                "seconds": round(seconds, 1),
                "parameters": fitted.shape.parameters,
                "baseline": {
                    "accuracy": float((baseline.predictions == truth).mean()),
                    "name": baseline.name,
                    "seconds": round(baseline.seconds, 1),
                },
            },
        }
        if beside:

            def accuracy(answers: NDArray[np.float64], chosen: NDArray[np.intp]) -> float:
                return float((answers.argmax(axis=1) == truth[chosen]).mean())

            found["figures"]["importance"] = importance(
                model, corpus.rows(held_out), accuracy, measure="accuracy", seed=seed
            )
        return found


def measured(rows: list[Row], seeds: tuple[int, ...], more: dict[str, Any], arms: list[str]) -> dict[str, Any]:
    """Return the figures of the arms with each seed, and the comparisons over all seeds."""
    sections = sorted({row["section"] for row in rows})
    targets = np.array([sections.index(row["section"]) for row in rows], dtype=np.int64)
    with Corpus() as corpus:
        for row in rows:
            corpus.add(row["description"], row["section"])
        corpus.seal()
        groups = corpus.groups
    test = holdout(targets, groups, HELD_OUT, SPLIT_SEED)
    runs: dict[str, list[dict[str, Any]]] = {arm: [] for arm in arms}
    for seed in seeds:
        for arm, its in runs.items():
            its.append(learnt(rows, arm, targets, groups, test, seed, more))
            print(seed, arm, json.dumps({k: v for k, v in its[-1]["figures"].items() if k != "importance"}), flush=True)

    def rights(arm: str, which: str = "right") -> list[NDArray[np.bool_]]:
        return [one[which] for one in runs[arm]]

    return {
        "rows": {"training and validation": int((~test).sum()), "held out": int(test.sum())},
        "sections": len(sections),
        "arms": {
            arm: {
                "accuracy": float(np.mean([right.mean() for right in rights(arm)])),
                "accuracy_ci95": list(ACCURACY.interval(rights(arm))),
                "baseline": float(np.mean([right.mean() for right in rights(arm, "baseline_right")])),
                "beside_baseline": ACCURACY.paired(rights(arm), rights(arm, "baseline_right")),
                "runs": [one["figures"] for one in its],
            }
            for arm, its in runs.items()
        },
        "paired": {
            f"{arm} against {other}": {
                "model": ACCURACY.paired(rights(arm), rights(other)),
                "baseline": ACCURACY.paired(rights(arm, "baseline_right"), rights(other, "baseline_right")),
            }
            for arm, other in AGAINST.items()
            if arm in runs and other in runs
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--options", default='{"quantise": "never"}', help="of the model, as JSON")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--arms", default=";".join(ARMS), help="by name, with a semicolon between")
    parser.add_argument("--out", type=Path, default=RESULTS / "columns.json")
    given = parser.parse_args()
    started = time.perf_counter()
    arms = given.arms.split(";")
    found = measured(packages(), tuple(map(int, given.seeds.split(","))), json.loads(given.options), arms)
    if set(arms) != set(ARMS):
        before = json.loads(given.out.read_text(encoding="utf-8"))
        found = {"measured again": arms, **found}
        found |= {part: before[part] | found[part] for part in ("arms", "paired")}
    result = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "options": json.loads(given.options),
        "wall_seconds": round(time.perf_counter() - started, 1),
        **found,
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(given.out, {arm: round(one["accuracy"], 4) for arm, one in result["arms"].items()})


if __name__ == "__main__":
    main()
