"""The cells: which resamples are measured."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

DataFormat = Literal["channels_last", "channels_first"]
Direction = Literal["forward", "backward"]
Method = Literal["nearest", "linear", "bilinear", "trilinear", "bicubic", "lanczos3"]
Shape = tuple[int, ...]

DATA_FORMATS: tuple[DataFormat, ...] = ("channels_last", "channels_first")
DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")
METHODS: tuple[Method, ...] = ("nearest", "bilinear", "bicubic", "lanczos3")
IMAGES = (
    (1, 512, 512, 3),
    (1, 1024, 1024, 3),
    (8, 64, 64, 64),
    (16, 128, 128, 32),
    (4, 32, 32, 256),
)
SIGNALS = ((8, 4096, 64),)
VOLUMES = ((2, 32, 32, 32, 16),)
QUICK_IMAGES = ((1, 512, 512, 3), (8, 64, 64, 64))  # of the quick run, and of bfloat16
BATCHES = (1, 2, 3, 8, 12)  # from here on, for the random cells
SIDES = (8, 14, 16, 28, 32, 48, 56, 64, 96, 112, 128, 224, 256, 512)
CHANNELS = (1, 3, 4, 16, 24, 64, 96, 192, 256)
SCALES = (0.25, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
MOST_ELEMENTS = 2**23


@dataclasses.dataclass(frozen=True)
class Operation:
    """A change of size of every spatial axis.

    Args:
      name: the operation's part of a cell's name.
      scale: output pixels per input pixel, or None for the odd size nearest to 1.7 times the input.
      align_corners: as in `jaxup.upsample`.
      antialias: as in `jaxup.upsample`; ignored for nearest, which has no antialiasing.
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
      image: (batch, spatial sizes, channels), in this order for both data formats. A signal has
        one spatial size and a volume three.
      method: a method of `jaxup.upsample`.
      operation: the change of size.
      dtype: "float32" or "bfloat16".
    """

    data_format: DataFormat
    image: Shape
    method: Method
    operation: Operation
    dtype: str = "float32"

    @property
    def name(self) -> str:
        image = "x".join(map(str, self.image))
        return "/".join((self.data_format, image, self.method, self.operation.name, self.dtype))

    @property
    def antialias(self) -> bool:
        return self.operation.antialias and self.method != "nearest"

    @property
    def channels(self) -> int:
        return self.image[-1]

    @property
    def in_sizes(self) -> Shape:
        return self.image[1:-1]

    @property
    def out_sizes(self) -> Shape:
        return tuple(map(self.operation.out_size, self.in_sizes))

    @property
    def axes(self) -> Shape:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + len(self.in_sizes)))

    @property
    def in_shape(self) -> Shape:
        return self._shape(self.in_sizes)

    @property
    def out_shape(self) -> Shape:
        return self._shape(self.out_sizes)

    @property
    def in_bytes(self) -> int:
        return math.prod(self.in_shape) * self.item_bytes

    @property
    def out_bytes(self) -> int:
        return math.prod(self.out_shape) * self.item_bytes

    @property
    def item_bytes(self) -> int:
        return 2 if self.dtype == "bfloat16" else np.dtype(self.dtype).itemsize

    def with_batch(self, times: int) -> Cell:
        """Return the same resample of ``times`` as many images."""
        return dataclasses.replace(self, image=(times * self.image[0], *self.image[1:]))

    def allowance(self, direction: Direction) -> int:
        """Return the bytes that temporaries are divided by.

        Forward, these are the bytes of the output. Backward, they are the bytes of the cotangent
        or of the gradient, whichever is larger.
        """
        return self.out_bytes if direction == "forward" else max(self.out_bytes, self.in_bytes)

    def operand_shape(self, direction: Direction) -> Shape:
        """Return the shape of the operand: the image forward, the cotangent backward."""
        return self.in_shape if direction == "forward" else self.out_shape

    def _shape(self, sizes: Sequence[int]) -> Shape:
        batch, channels = self.image[0], self.image[-1]
        if self.data_format == "channels_last":
            return (batch, *sizes, channels)
        return (batch, channels, *sizes)


def cells() -> list[Cell]:
    """Return every cell: images, then signals and volumes, then images in bfloat16."""
    return [*_images(), *_signals_and_volumes(), *_images(QUICK_IMAGES, "bfloat16")]


def quick_cells() -> list[Cell]:
    """Return a sample with every method and both data formats, which takes two minutes."""
    return [
        cell
        for cell in _images(QUICK_IMAGES)
        if (
            cell.operation.name == "x2"
            or (cell.operation.name == "half" and cell.method == "bilinear")
        )
    ]


def random_cells(count: int, seed: int) -> list[Cell]:
    """Return resamples drawn at random: images, and now and then signals and volumes.

    Half of the spatial sizes are those that models have, the others any. Half of the scales are
    simple, the others any from 0.3 to 3. One cell in five is bfloat16. None keeps every size: the
    peers copy such an array, where jaxup goes by the scale.
    """
    draw = np.random.default_rng(seed)
    drawn: dict[str, Cell] = {}
    while len(drawn) < count:
        cell = _random_cell(draw)
        changes = cell.out_sizes != cell.in_sizes
        if changes and max(math.prod(cell.in_shape), math.prod(cell.out_shape)) <= MOST_ELEMENTS:
            drawn[cell.name] = cell
    return list(drawn.values())


def _random_cell(draw: np.random.Generator) -> Cell:
    rank = int(draw.choice([1, 2, 3], p=[0.1, 0.8, 0.1]))
    methods: dict[int, tuple[Method, ...]] = {1: ("linear",), 2: METHODS, 3: ("trilinear",)}
    sides = [
        int(
            draw.choice(SIDES)
            if draw.integers(2)
            else draw.integers(7, {1: 5000, 2: 600, 3: 48}[rank])
        )
        for _ in range(rank)
    ]
    method = methods[rank][draw.integers(len(methods[rank]))]
    scale = float(draw.choice(SCALES) if draw.integers(2) else round(draw.uniform(0.3, 3), 3))
    antialias = scale < 1 and (method == "lanczos3" or bool(draw.integers(2)))  # as torch has it
    operation = Operation(f"x{scale:g}", scale, antialias=antialias)
    if operation.antialias:
        operation = dataclasses.replace(operation, name=f"x{scale:g}_antialias")
    elif scale > 1 and method != "nearest" and draw.integers(4) == 0:
        sides = [max(2, side) for side in sides]
        operation = OPERATIONS["align_corners"]
    return Cell(
        DATA_FORMATS[draw.integers(2)],
        (int(draw.choice(BATCHES)), *sides, int(draw.choice(CHANNELS))),
        method,
        operation,
        "bfloat16" if draw.integers(5) == 0 else "float32",
    )


def _images(images: Sequence[Shape] = IMAGES, dtype: str = "float32") -> Iterator[Cell]:
    for image, data_format, method, operation in itertools.product(
        images, DATA_FORMATS, METHODS, OPERATIONS.values()
    ):
        if not (method == "nearest" and operation.align_corners):
            yield Cell(data_format, image, method, operation, dtype)


def _signals_and_volumes() -> Iterator[Cell]:
    ranks: tuple[tuple[tuple[Shape, ...], Method], ...]
    ranks = ((SIGNALS, "linear"), (VOLUMES, "trilinear"))
    for arrays, method in ranks:
        for array, data_format, operation in itertools.product(
            arrays, DATA_FORMATS, OPERATIONS.values()
        ):
            yield Cell(data_format, array, method, operation)
