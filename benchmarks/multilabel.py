"""Several labels a text, beside one-vs-rest logistic regression: micro F1 on rows that nothing was chosen by.

    python benchmarks/multilabel.py trec     # RECURRA_DATA/trec/train.tsv: each question's coarse and fine label
    python benchmarks/multilabel.py debtags  # 8,000 of what apt knows of Debian's packages: descriptions and tags

writes benchmarks/results/multilabel_NAME.json. A fifth of the rows is held out, once, with seed 7. With each of three
seeds both learn from the rest, of which a part validates: it chooses the temperature and the blend, the features
and C of the baseline, and the thresholds of both by one rule. The network learns from the training rows alone, the
baseline from both. The difference is the mean over the seeds, its interval from rows drawn again.
Needs `pip install 'recurra[train]'`.
"""

from __future__ import annotations

import argparse
import csv
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
from record import RESULTS, machine

from recurra.data.label_sets import to_key
from recurra.data.label_split import holdout_labels
from recurra.evaluation.label_comparison import compare_micro_f1
from recurra.evaluation.label_scores import score_labels
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import sized, valid_share
from recurra.many_to_one.learn.vocabulary import settled
from recurra.tasks.multilabel.learn.baseline import fit_baseline
from recurra.tasks.multilabel.learn.fit import fit_multilabel, opened
from recurra.tasks.multilabel.options import MultilabelModelOptions

SEEDS = (0, 1, 2)
HELD_OUT, SPLIT_SEED = 0.2, 7
FEWEST_PACKAGES, PACKAGES = 200, 8_000
"""A tag of fewer packages is left out; of the packages that are left so many are drawn."""
FIGURES = ("micro_f1", "macro_f1", "subset_accuracy", "macro_average_precision")

Rows = list[tuple[str, list[str]]]


def trec() -> Rows:
    """Return questions, each with its coarse label and its fine one."""
    path = Path(os.environ["RECURRA_DATA"]) / "trec" / "train.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], [row["coarse"], row["fine"]]) for row in found]


def debtags() -> Rows:
    """Return the one-line descriptions of packages that have tags, with those of many packages."""
    printed = subprocess.run(["apt-cache", "dumpavail"], stdout=subprocess.PIPE, check=True).stdout.decode()
    rows: dict[str, list[str]] = {}
    for package in printed.split("\n\n"):
        tags = re.search(r"^Tag: (.*(?:\n .*)*)", package, re.MULTILINE)
        text = re.search(r"^Description(?:-en)?: (.*)", package, re.MULTILINE)
        if tags and text:
            rows.setdefault(text[1], [tag.strip() for tag in tags[1].replace("\n", "").split(",")])
    counts = Counter(tag for given in rows.values() for tag in given)
    known = {tag for tag, count in counts.items() if count >= FEWEST_PACKAGES}
    kept = [(text, mine) for text, tags in rows.items() if (mine := [tag for tag in tags if tag in known])]
    chosen = np.random.default_rng(SPLIT_SEED).permutation(len(kept))[:PACKAGES]
    return [kept[place] for place in np.sort(chosen)]


SETS: dict[str, Callable[[], Rows]] = {"trec": trec, "debtags": debtags}


def measured(rows: Rows, more: dict[str, Any], seeds: tuple[int, ...], tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the figures of model and baseline with each seed, and the comparison over all."""
    labels = sorted({label for _, given in rows for label in given})
    place = {label: k for k, label in enumerate(labels)}
    with Corpus() as corpus:
        kept = [given for text, given in rows if corpus.add(text, to_key(given))]
        corpus.seal()
        members = np.zeros((len(kept), len(labels)), dtype=np.bool_)
        for row, given in enumerate(kept):
            members[row, [place[label] for label in given]] = True
        test = holdout_labels(members, corpus.groups, HELD_OUT, SPLIT_SEED)
        learning, truth = np.flatnonzero(~test), members[test]
        texts = [corpus.texts[int(row)] for row in np.flatnonzero(test)]
        runs: dict[str, list[Any]] = {"model": [], "baseline": []}
        figures = []
        for seed in seeds:
            options = MultilabelModelOptions(seed=seed, **more)
            share = valid_share(options, len(learning))
            valid = np.zeros(len(kept), dtype=bool)
            valid[learning[holdout_labels(members[learning], corpus.groups[learning], share, seed + 1)]] = True
            train = ~test & ~valid
            options = sized(settled(corpus, train, options), int(train.sum()), len(labels))
            started = time.perf_counter()
            fitted = fit_multilabel(corpus, members, train, valid, options)
            model, thresholds = opened(fitted, list(labels), corpus, members, valid, options)
            seconds = time.perf_counter() - started
            chances = model.predict_proba(texts)
            baseline = fit_baseline(corpus, members, train, valid, test, seed=seed, threads=os.cpu_count() or 1)
            runs["model"].append(chances >= thresholds.values)
            runs["baseline"].append(baseline.given)
            scores = score_labels(chances, truth, thresholds.values, labels)
            other = score_labels(baseline.probabilities, truth, baseline.thresholds, labels)
            figures.append(
                {
                    "seed": seed,
                    "model": {name: scores[name] for name in FIGURES} | {"seconds": round(seconds, 1)},
                    "model_at_half": {"micro_f1": scores["at_half"]["micro_f1"]},
                    "thresholds": thresholds.facts(),
                    "ngrams": fitted.ngrams and {name: fitted.ngrams[name] for name in ("first", "scale", "blend")},
                    "epochs": fitted.epochs,
                    "baseline": {name: other[name] for name in FIGURES}
                    | {"name": baseline.name, "c": baseline.c, "seconds": round(baseline.seconds, 1)},
                }
            )
            tell(json.dumps(figures[-1]))
    return {
        "rows": {"training and validation": len(learning), "held out": int(test.sum())},
        "labels": len(labels),
        "labels_per_row": float(members.sum() / len(members)),
        "mean": {
            name: {which: float(np.mean([one[which][name] for one in figures])) for which in ("model", "baseline")}
            for name in FIGURES
        },
        "micro_f1_paired": compare_micro_f1(runs["model"], runs["baseline"], truth),
        "runs": figures,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=SETS)
    parser.add_argument("--options", default="{}", help="of the model, as JSON")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    more = json.loads(given.options)
    started = time.perf_counter()
    seeds = tuple(map(int, given.seeds.split(",")))
    found = measured(SETS[given.name](), more, seeds, lambda line: print(line, flush=True))
    result = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "options": more,
        "wall_seconds": round(time.perf_counter() - started, 1),
        **found,
    }
    path = given.out or RESULTS / f"multilabel_{given.name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(path, json.dumps(result["mean"]["micro_f1"]), json.dumps(result["micro_f1_paired"]))


if __name__ == "__main__":
    main()
