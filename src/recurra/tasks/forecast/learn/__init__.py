"""How the task `forecast` is trained; needs torch and onnx."""
