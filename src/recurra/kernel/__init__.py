"""The recurrence in C, for training and for answers. Nothing needs it: PyTorch and ONNX Runtime do the same elsewhere.

build       compiles the sources in this folder, where there is a compiler
library     the compiled functions, through ctypes, where the processor can run them; no torch here
ragged      the order in which the rows of a batch are walked
*.h, *.c    walk.h says what goes in; body.h is the walk of every cell, for each instruction set and number format
"""
