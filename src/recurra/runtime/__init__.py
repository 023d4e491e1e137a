"""Answer with a trained model: ONNX Runtime and NumPy, no training framework."""

from recurra.runtime.model import Model, Predictions, load
from recurra.runtime.session import GraphSession

__all__ = ["GraphSession", "Model", "Predictions", "load"]
