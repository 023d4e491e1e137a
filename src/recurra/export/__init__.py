"""A trained network in the formats of other homes: ONNX (always)."""
