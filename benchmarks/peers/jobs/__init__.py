"""The job from file to judged model, as one script for each peer; Recurra's is `recurra train`.

Each prints one line of JSON: {"accuracy": of the held-out rows}.
"""
