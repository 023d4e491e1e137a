"""Training a model of the task generate; the only part of it that knows torch and onnx."""
