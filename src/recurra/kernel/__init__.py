"""The recurrence in C, for training and for answers. It is optional: PyTorch and ONNX Runtime compute the same.

The library also has n-grams and logistic regression, in plain C; NumPy and SciPy compute the same.

layout      names and sizes that the kernel shares with the weights and the graphs
build       compiles the sources in this folder, where there is a compiler
library     the compiled functions, through ctypes, where the processor can run them; no torch here
ngrams      arguments of the functions of n-grams
pairs       arguments of the functions that count pairs of neighbours
logistic    arguments of logistic regression
ragged      the order in which the rows of a batch are read
*.h, *.c    recurrence.h describes the arguments; body.h is the recurrence of every cell, compiled for each instruction
            set and number format; helper_thread.c is a second thread for single texts; ngrams.c, pairs.c and
            logistic.c are linear models, described by the headers of these names
"""
