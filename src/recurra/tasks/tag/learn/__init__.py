"""Training a model of the task tag; the only part of it that knows torch and onnx."""
