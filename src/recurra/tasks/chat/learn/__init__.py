"""Training a model of the task chat; the only part of it that knows torch and onnx."""
