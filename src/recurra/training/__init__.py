"""From rows to weights: the loop, its checkpoints and schedules, and `fit`, which ties them together."""
