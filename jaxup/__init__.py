"""Upsampling and resampling for JAX: PyTorch's numbers, under every transform, on every device."""

from jaxup import boundary, coordinates, kernels
from jaxup._functional import upsample
from jaxup._matrix import resize_matrix
from jaxup._nan_local import keep_nan_local
from jaxup._position import resize_position_embedding
from jaxup._resize import resize
from jaxup._sample import sample
from jaxup._scale_and_translate import scale_and_translate
from jaxup._shuffle import pixel_shuffle, pixel_unshuffle

__version__ = "0.1.0"

__all__ = [
    "boundary",
    "coordinates",
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
