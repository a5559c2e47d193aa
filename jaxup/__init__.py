"""Upsampling and resampling for JAX: PyTorch's numbers, under every transform, on every device."""

import importlib
from typing import TYPE_CHECKING

from jaxup import boundary, coordinates, kernels
from jaxup import typing as typing
from jaxup._contexts import as_lax, keep_nan_local
from jaxup._functions.explain import explain
from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
from jaxup._functions.position_embedding import resize_position_embedding
from jaxup._functions.resize import resize
from jaxup._functions.resize_matrix import resize_matrix
from jaxup._functions.sample import sample
from jaxup._functions.scale_and_translate import scale_and_translate
from jaxup._functions.upsample import upsample

if TYPE_CHECKING:
    from jaxup import compat as compat
    from jaxup import layers as layers

__version__ = "0.1.0"

__all__ = [
    "as_lax",
    "boundary",
    "coordinates",
    "explain",
    "keep_nan_local",
    "kernels",
    "pixel_shuffle",
    "pixel_unshuffle",
    "resize",
    "resize_matrix",
    "resize_position_embedding",
    "sample",
    "scale_and_translate",
    "upsample",
]

if not TYPE_CHECKING:  # a checker would take every misspelt name for one that this returns

    def __getattr__(name: str):
        if name in ("compat", "layers"):  # imported when they are first asked for
            return importlib.import_module(f"jaxup.{name}")
        raise AttributeError(f"module 'jaxup' has no attribute {name!r}")
