"""The backends that compute a recurrent layer, and the rule that chooses one.

choice     the rule, and the override for tests and benchmarks
kernel     the C kernel of this package
fused      torch's fused kernels (cuDNN, oneDNN)
scan       PyTorch operations over all steps, for a cell whose gates read the input alone
reference  PyTorch operations step by step
"""
