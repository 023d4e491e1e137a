"""Training a model of the task classify; the only part of it that knows torch and onnx."""
