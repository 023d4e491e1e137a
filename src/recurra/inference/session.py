"""Open an ONNX graph with ONNX Runtime."""

from __future__ import annotations

import onnxruntime as ort

from recurra.errors import ArtefactError


def open_graph(content: bytes, name: str = "model.onnx") -> ort.InferenceSession:
    """Return a session that runs a graph on one thread: the steps of a recurrence leave little to share out.

    content: the bytes of the file `name`. No thread spins when idle.
    Raises ArtefactError where the graph refers to another file, or ONNX Runtime cannot read it.
    """
    if b"location" in content:  # the key under which ONNX names another file; no name in our graphs contains it
        raise ArtefactError(f"{name} refers to data outside itself; such a graph is not loaded.")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # plans memory per shape and keeps every plan: our shapes never repeat
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen unrelated types
        raise ArtefactError(f"{name} cannot be loaded: {error}") from error
