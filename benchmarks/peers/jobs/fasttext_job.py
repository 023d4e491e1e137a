"""fastText with pairs of words: write its format, train, evaluate.

python -m peers.jobs.fasttext_job REVIEWS.csv THREADS
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import fasttext
import pandas as pd

table = pd.read_csv(sys.argv[1])
words = table["review"].str.lower().str.replace(r"<br\s*/?>", " ", regex=True).str.findall(r"[\w']+|[^\w\s]")
lines = "__label__" + table["sentiment"] + " " + words.str.join(" ") + "\n"
with tempfile.TemporaryDirectory() as folder:
    for part in ("train", "test"):
        (Path(folder) / part).write_text("".join(lines[table["split"] == part]), encoding="utf-8")
    model = fasttext.train_supervised(
        f"{folder}/train", wordNgrams=2, epoch=5, lr=0.5, dim=100, thread=int(sys.argv[2]), verbose=0
    )
    _, accuracy, _ = model.test(f"{folder}/test")
print(json.dumps({"accuracy": float(accuracy)}))
