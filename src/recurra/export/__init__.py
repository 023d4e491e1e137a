"""Write, check and save a network as an ONNX graph."""
