"""The network's parts: cells, the walk over ragged batches, pooling, and the whole of them."""
