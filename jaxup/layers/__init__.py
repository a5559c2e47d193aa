"""Upsampling as layers, one module per framework, imported when it is asked for by its name."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxup.layers import equinox as equinox
    from jaxup.layers import haiku as haiku
    from jaxup.layers import linen as linen
    from jaxup.layers import nnx as nnx
else:

    def __getattr__(name: str):
        if name in _FRAMEWORKS:
            return importlib.import_module(f"jaxup.layers.{name}")
        if name in _LAYERS:  # `from jaxup.layers import Upsample` loses an AttributeError's text
            raise ImportError(
                f"jaxup.layers has no {name} but in the module of a framework. Write"
                f" from jaxup.layers.nnx import {name}, or linen, haiku or equinox instead of nnx.",
                name="jaxup.layers",
            )
        listed = ", ".join(_FRAMEWORKS)
        raise AttributeError(
            f"module 'jaxup.layers' has no attribute {name!r}. Its modules are {listed}."
        )


_FRAMEWORKS = ("nnx", "linen", "haiku", "equinox")
_LAYERS = ("Upsample", "PixelShuffle", "PixelUnshuffle")
