"""Other systems' functions, argument for argument; no module here needs the system it follows."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxup.compat import jax_image as jax_image
    from jaxup.compat import onnx as onnx
    from jaxup.compat import opencv as opencv
    from jaxup.compat import pillow as pillow
    from jaxup.compat import scipy as scipy
    from jaxup.compat import tensorflow as tensorflow
    from jaxup.compat import torch as torch
    from jaxup.compat import torchvision as torchvision
else:

    def __getattr__(name: str):
        if name in _LIBRARIES:
            return importlib.import_module(f"jaxup.compat.{name}")
        listed = ", ".join(_LIBRARIES)
        raise AttributeError(
            f"module 'jaxup.compat' has no attribute {name!r}. Its modules are {listed}."
        )


_LIBRARIES = (
    "jax_image",
    "onnx",
    "opencv",
    "pillow",
    "scipy",
    "tensorflow",
    "torch",
    "torchvision",
)
