"""The backends that compute a recurrent layer, and the rule that chooses one.

choice     the rule, and the override for tests and benchmarks
kernel     the C kernel of this package
fused      torch's fused kernels (cuDNN, oneDNN)
reference  PyTorch operations step by step
"""
