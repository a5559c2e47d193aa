"""Programs for other runtimes, one module for each format, imported when it is asked for."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxup.export import onnx as onnx
else:

    def __getattr__(name: str):
        if name == "onnx":
            return importlib.import_module("jaxup.export.onnx")
        raise AttributeError(
            f"module 'jaxup.export' has no attribute {name!r}. Its module is onnx."
        )
