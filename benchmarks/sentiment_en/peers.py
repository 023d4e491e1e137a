"""The sentiment of texts by VADER and TextBlob, in a process of their own: neither is installed beside Recurra.

    python peers.py < {"set": [text, ...]} > {"VADER 3.3.2": {"set": [score, ...]}, ...}

A score above or at zero counts as positive.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version


def main() -> None:
    from textblob import TextBlob
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    scorers = {
        f"VADER {version('vaderSentiment')}": lambda text: analyzer.polarity_scores(text)["compound"],
        f"TextBlob {version('textblob')}": lambda text: TextBlob(text).sentiment.polarity,
    }
    sets = json.load(sys.stdin)
    json.dump(
        {
            name: {one: [score(text) for text in texts] for one, texts in sets.items()}
            for name, score in scorers.items()
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
