"""The network's parts: cells, the recurrence over ragged batches, embedding and dropout."""
