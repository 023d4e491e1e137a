"""TF-IDF of words and pairs of words, logistic regression, evaluate.

python -m peers.jobs.sklearn_job REVIEWS.csv
"""

from __future__ import annotations

import json
import sys

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

table = pd.read_csv(sys.argv[1])
train, test = table[table["split"] == "train"], table[table["split"] == "test"]
pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2), LogisticRegression(C=10, max_iter=1000))
pipeline.fit(train["review"], train["sentiment"])
print(json.dumps({"accuracy": float(pipeline.score(test["review"], test["sentiment"]))}))
