"""`Resample`: what every function plans, and the contract of a `Recipe`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable
from typing import Any, Protocol

from jaxup._recipe.axis import TracedAxis
from jaxup._recipe.banded import Banded


class Recipe(Hashable, Protocol):
    """One axis as data: hashable, and built into rows when a program needs them."""

    @property
    def in_size(self) -> int: ...

    @property
    def out_size(self) -> int: ...

    @property
    def T(self) -> Recipe: ...

    def build(self) -> Banded: ...


@dataclasses.dataclass(frozen=True)
class Resample:
    """A resample of some axes of an array, each axis at most once; the others are a batch.

    Args:
      axes: non-negative axes of the array.
      specs: a recipe for each of them.
      name: what profiles and programs call it, such as ``"jaxup.upsample[bilinear]"``.
      spatial: the axes that the user named, also those that stay as they are.
      dtype: of the result, or None for the array's.
    """

    axes: tuple[int, ...]
    specs: tuple[Recipe | TracedAxis, ...]
    name: str
    spatial: tuple[int, ...] = ()
    dtype: Any = None

    @functools.cached_property
    def _hash(self) -> int:
        return hash((self.axes, self.specs, self.name, self.dtype))

    def __hash__(self) -> int:
        return self._hash
