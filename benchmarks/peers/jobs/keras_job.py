"""The tutorial: read the table, tokenise, pad to 200, four epochs of Bidirectional(LSTM), evaluate.

python -m peers.jobs.keras_job REVIEWS.csv EPOCHS THREADS
"""

from __future__ import annotations

import json
import sys

import keras
import pandas as pd
import tensorflow as tf
from keras import layers
from keras.src.legacy.preprocessing.text import Tokenizer

path, epochs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
keras.utils.set_random_seed(0)

table = pd.read_csv(path)
table["sentiment"] = (table["sentiment"] == "positive").astype("float32")
train, test = table[table["split"] == "train"], table[table["split"] == "test"]

tokenizer = Tokenizer(num_words=20_000)
tokenizer.fit_on_texts(train["review"])
train_ids = keras.utils.pad_sequences(tokenizer.texts_to_sequences(train["review"]), maxlen=200)
test_ids = keras.utils.pad_sequences(tokenizer.texts_to_sequences(test["review"]), maxlen=200)

model = keras.Sequential(
    [
        layers.Embedding(20_000, 128),
        layers.Bidirectional(layers.LSTM(64)),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(train_ids, train["sentiment"].to_numpy(), batch_size=64, epochs=epochs, verbose=0)
_, accuracy = model.evaluate(test_ids, test["sentiment"].to_numpy(), verbose=0)
print(json.dumps({"accuracy": float(accuracy)}))
