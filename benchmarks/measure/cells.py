"""The table of cells: which resamples are measured."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from typing import Literal

import numpy as np

Direction = Literal["forward", "backward"]
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")
DATA_FORMATS = ("channels_last", "channels_first")
PICTURES = (
    (1, 512, 512, 3),
    (1, 1024, 1024, 3),
    (8, 64, 64, 64),
    (16, 128, 128, 32),
    (4, 32, 32, 256),
)
SIGNALS = ((8, 4096, 64),)
VOLUMES = ((2, 32, 32, 32, 16),)
METHODS = ("nearest", "bilinear", "bicubic", "lanczos3")
NARROW_PICTURES = ((1, 512, 512, 3), (8, 64, 64, 64))
QUICK_PICTURES = NARROW_PICTURES


@dataclasses.dataclass(frozen=True)
class Operation:
    """What happens to each spatial axis.

    Args:
      name: as it stands in a cell's name.
      scale: output pixels per input pixel; None where the size is given instead.
      align_corners: to the odd size nearest above 1.7 times the input.
      antialias: for every method that knows it; nearest merely shrinks.
    """

    name: str
    scale: float | None
    align_corners: bool = False
    antialias: bool = False

    def out_size(self, in_size: int) -> int:
        return int(1.7 * in_size) | 1 if self.scale is None else int(in_size * self.scale)


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("x2", 2.0),
        Operation("x3", 3.0),
        Operation("x1.5", 1.5),
        Operation("align_corners", None, align_corners=True),
        Operation("half", 0.5, antialias=True),
    )
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """One resample to be measured.

    Args:
      data_format: "channels_last" or "channels_first".
      picture: (batch, spatial sizes, channels), in this order for both data formats.
      method: a name of `jaxup.upsample`.
      operation: what happens to the spatial axes.
      dtype: "float32" or "bfloat16".
    """

    data_format: str
    picture: tuple[int, ...]
    method: str
    operation: Operation
    dtype: str = "float32"

    @property
    def name(self) -> str:
        picture = "x".join(map(str, self.picture))
        return "/".join((self.data_format, picture, self.method, self.operation.name, self.dtype))

    @property
    def antialias(self) -> bool:
        return self.operation.antialias and self.method != "nearest"

    @property
    def channels(self) -> int:
        return self.picture[-1]

    @property
    def in_sizes(self) -> tuple[int, ...]:
        return self.picture[1:-1]

    @property
    def out_sizes(self) -> tuple[int, ...]:
        return tuple(map(self.operation.out_size, self.in_sizes))

    @property
    def axes(self) -> tuple[int, ...]:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + len(self.in_sizes)))

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self._shape(self.in_sizes)

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self._shape(self.out_sizes)

    @property
    def in_bytes(self) -> int:
        return math.prod(self.in_shape) * self.item_bytes

    @property
    def out_bytes(self) -> int:
        return math.prod(self.out_shape) * self.item_bytes

    def allowance(self, direction: Direction) -> int:
        """The bytes in which temporaries are counted: of a forward the output's, of a backward
        the larger of its cotangent's, one output, and its gradient's."""
        return self.out_bytes if direction == "forward" else max(self.out_bytes, self.in_bytes)

    def operand_shape(self, direction: Direction) -> tuple[int, ...]:
        """Of what that direction takes: the picture, or the cotangent of the result."""
        return self.in_shape if direction == "forward" else self.out_shape

    @property
    def item_bytes(self) -> int:
        return 2 if self.dtype == "bfloat16" else np.dtype(self.dtype).itemsize

    def _shape(self, sizes):
        batch, channels = self.picture[0], self.picture[-1]
        if self.data_format == "channels_last":
            return (batch, *sizes, channels)
        return (batch, channels, *sizes)


def cells() -> list[Cell]:
    """Every cell, pictures first."""
    return [*_pictures(), *_other_ranks(), *_narrow()]


def quick_cells() -> list[Cell]:
    """A sample of every method and both layouts that is measured in two minutes."""
    wanted = {"x2", "half"}
    return [
        cell
        for cell in _pictures()
        if cell.picture in QUICK_PICTURES
        and cell.operation.name in wanted
        and (cell.operation.name == "x2" or cell.method == "bilinear")
    ]


def _pictures() -> Iterator[Cell]:
    for picture, data_format, method, operation in itertools.product(
        PICTURES, DATA_FORMATS, METHODS, OPERATIONS.values()
    ):
        if not (method == "nearest" and operation.align_corners):
            yield Cell(data_format, picture, method, operation)


def _other_ranks() -> Iterator[Cell]:
    for pictures, method in ((SIGNALS, "linear"), (VOLUMES, "trilinear")):
        for picture, data_format, operation in itertools.product(
            pictures, DATA_FORMATS, OPERATIONS.values()
        ):
            yield Cell(data_format, picture, method, operation)


def _narrow() -> Iterator[Cell]:
    for picture, data_format, method, operation in itertools.product(
        NARROW_PICTURES, DATA_FORMATS, METHODS[:3], ("x2", "half")
    ):
        yield Cell(data_format, picture, method, OPERATIONS[operation], "bfloat16")
