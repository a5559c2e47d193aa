"""Upsampling and resampling for JAX: PyTorch's numbers, under every transform, on every device."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxup import boundary, coordinates, filters, kernels
    from jaxup import compat as compat
    from jaxup import export as export
    from jaxup import layers as layers
    from jaxup import typing as typing
    from jaxup._contexts import as_lax, keep_nan_local
    from jaxup._functions.crop_and_resize import crop_and_resize
    from jaxup._functions.explain import explain
    from jaxup._functions.icnr import icnr
    from jaxup._functions.pixel_shuffle import pixel_shuffle, pixel_unshuffle
    from jaxup._functions.position_embedding import resize_position_embedding
    from jaxup._functions.resize import resize
    from jaxup._functions.resize_matrix import resize_matrix
    from jaxup._functions.sample import sample
    from jaxup._functions.sample_position_embedding import sample_position_embedding
    from jaxup._functions.scale_and_translate import scale_and_translate
    from jaxup._functions.upsample import upsample

__version__ = "0.1.0"

__all__ = [
    "as_lax",
    "boundary",
    "coordinates",
    "crop_and_resize",
    "explain",
    "filters",
    "icnr",
    "keep_nan_local",
    "kernels",
    "pixel_shuffle",
    "pixel_unshuffle",
    "resize",
    "resize_matrix",
    "resize_position_embedding",
    "sample",
    "sample_position_embedding",
    "scale_and_translate",
    "upsample",
]

# The file of a public name, where it is not the function's own in _functions.
_HOMES = {
    "as_lax": "_contexts",
    "keep_nan_local": "_contexts",
    "pixel_shuffle": "_functions.pixel_shuffle",
    "pixel_unshuffle": "_functions.pixel_shuffle",
    "resize_position_embedding": "_functions.position_embedding",
}
_MODULES = ("boundary", "compat", "coordinates", "export", "filters", "kernels", "layers", "typing")

if not TYPE_CHECKING:  # a checker would take every misspelt name for one that this returns

    def __getattr__(name: str):
        """Imports a public name, and JAX with it, when it is first asked for.

        The command line checks its words, and shows its help, before it waits for JAX.
        """
        if name in _MODULES:
            return importlib.import_module(f"jaxup.{name}")
        if name not in __all__:
            raise AttributeError(f"module 'jaxup' has no attribute {name!r}")
        home = importlib.import_module(f"jaxup.{_HOMES.get(name, f'_functions.{name}')}")
        globals()[name] = value = getattr(home, name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
