"""The types of jaxup's arguments, for the signatures of your own functions.

Numbers may be Python's or NumPy's. The names are `typing.Literal` types: a checker finds a
misspelt name, and `typing.get_args` lists the names.

=====================  ============================================================================
``MethodName``         the methods of `jaxup.upsample`, its layers and `jaxup.resize_matrix`
``ResizeMethodName``   those of `jaxup.resize`, `jaxup.sample` and `jaxup.scale_and_translate`
``CoordinatesName``    coordinates of `jaxup.resize`
``BoundaryName``       what lies outside the image
``Rounding``           ties of nearest
``DataFormat``         where the channels are
``ChannelOrder``       the channels of `jaxup.pixel_shuffle`
``Scale``              a factor, or one per spatial axis
``Size``               pixels, or one number per spatial axis
``Factor``             an int, or one per spatial axis
``Axes``               an axis, or several
=====================  ============================================================================

Example:
  >>> import jax, jaxup
  >>> from jaxup.typing import MethodName, Scale
  >>> def enlarge(x: jax.Array, by: Scale, method: MethodName = "bicubic") -> jax.Array:
  ...     return jaxup.upsample(x, by, method)
"""

from jaxup._arguments.axes import DataFormat
from jaxup._arguments.methods import CoordinatesName
from jaxup._arguments.methods import MethodName as ResizeMethodName
from jaxup._arguments.number_types import Axes, Factor, Scale, Size
from jaxup._arguments.pixel_groups import ChannelOrder
from jaxup._arguments.torch_methods import MethodName
from jaxup.boundary import BoundaryName
from jaxup.kernels import Rounding

__all__ = [
    "Axes",
    "BoundaryName",
    "ChannelOrder",
    "CoordinatesName",
    "DataFormat",
    "Factor",
    "MethodName",
    "ResizeMethodName",
    "Rounding",
    "Scale",
    "Size",
]
