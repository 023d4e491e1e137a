"""The parts of which every network here is built, in PyTorch.

batch          sequences of unequal length, padded on the right, and their lengths
cells/         RNN, GRU, LSTM, minGRU and minLSTM: one time step, and its gradient
recurrent      recurrent layers over ragged batches: direction, depth, initial weights
backends/      the ways to compute a layer (kernel, fused, scan, reference), and the choice between them
reduce         reductions of a layer's states over time: last, max, sum
embedding      word vectors, looked up once for each distinct word of a batch
dropout        dropout of words, of single values, and of features along a sequence
shape_buckets  sizes rounded up so that few different ones occur
"""
