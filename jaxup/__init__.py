"""Upsampling and resampling for JAX: PyTorch's numbers, under every transform, on every device."""

from importlib.metadata import version as _version

from jaxup import boundary, coordinates, kernels
from jaxup._functional import upsample
from jaxup._shuffle import pixel_shuffle, pixel_unshuffle

__version__ = _version("jaxup")

__all__ = ["boundary", "coordinates", "kernels", "pixel_shuffle", "pixel_unshuffle", "upsample"]
