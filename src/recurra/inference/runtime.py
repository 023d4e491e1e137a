"""ONNX Runtime, imported with its telemetry off. Whatever needs the package takes it from here.

Recent wheels otherwise write an identifier of the machine and a database into the user's cache folder as soon
as they are imported, and send what they count. Someone who wants that sets the variables below to 0.
"""

from __future__ import annotations

import os

__all__ = ["ort"]

for _variable in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):  # the name differs between its versions
    os.environ.setdefault(_variable, "1")

import onnxruntime as ort  # noqa: E402 (reads the variables when it is imported)

if os.environ["ORT_DISABLE_TELEMETRY"] != "0":
    ort.disable_telemetry_events()  # where the caller had imported it before
