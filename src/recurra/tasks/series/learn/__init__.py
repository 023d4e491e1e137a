"""Training a model of the task series; the only part of it that knows torch and onnx."""
