"""Training a model of the task transcribe; the only part of it that knows torch and onnx."""
