"""Training a model of the task translate; the only part of it that knows torch and onnx."""
