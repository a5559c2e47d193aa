"""`Draw`: one call as data, that prints as the program that repeats it; and parts to draw from."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from tests.fuzz.definition import Rows
from tests.helpers.cases import numbers
from tests.helpers.oracle import along

WIDE = ("float64", "complex128", "int64", "uint64")
FLOATS = ("float32", "float16", "bfloat16", "float64", "complex64", "complex128")
FLOAT8 = ("float8_e4m3fn", "float8_e5m2", "float8_e4m3b11fnuz", "float8_e4m3fnuz", "float8_e3m4")
WHOLE = ("bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "int4", "uint4")


def values(shape: tuple[int, ...], dtype: str, seed: int) -> jax.Array:
    """Numbers between -1 and 1, or over the range of integers, the same everywhere."""
    parts = numbers(shape, np.float64, seed) * 2 - 1
    if dtype.startswith("complex"):
        parts = parts + 1j * (numbers(shape, np.float64, seed + 99) * 2 - 1)
    elif dtype == "bool":
        return jnp.asarray(parts > 0)
    elif dtype in WHOLE:
        limits = jnp.iinfo(dtype)
        middle, half = (limits.max + limits.min) / 2, (limits.max - limits.min) / 2
        parts = np.clip(middle + half * parts, float(limits.min), float(limits.max) * 0.99)
        return jnp.asarray(parts.astype(np.int64)).astype(dtype)
    return jnp.asarray(parts).astype(dtype)


class Numbers(tuple):
    """Numbers that are passed as an array of JAX; they print as what makes it."""

    def __repr__(self) -> str:
        return f"jnp.array({list(self)})"

    def made(self) -> jax.Array:
        return jnp.array(list(self))


class Mask(Numbers):
    """A shape, a seed, how much of it is true, and the shape that broadcasts to the array's."""

    def __repr__(self) -> str:
        shape, seed, density, _ = self
        return f"jnp.asarray(numbers({shape}, float, {seed}) < {density})"

    def made(self) -> jax.Array:
        shape, seed, density, _ = self
        return jnp.asarray(numbers(shape, np.float64, seed) < density)

    def kept(self) -> np.ndarray:
        return np.asarray(self.made()).reshape(self[-1])


class Points(list):
    """Coordinates, which are passed as arrays of NumPy."""

    def __repr__(self) -> str:
        return f"[np.array(p) for p in {list(self)}]"

    def made(self) -> list[np.ndarray]:
        return [np.array(each) for each in self]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a call should give.

    Args:
      values: in float64 or complex128.
      unsure: where they may be otherwise, of a shape that broadcasts.
      gain: the most that the absolute weights of an output sum to, or a bound for every output.
      slack: how far weights may be off, for coordinates that are rounded.
    """

    values: np.ndarray
    unsure: np.ndarray
    gain: Any = 1.0
    slack: float = 0.0


@dataclasses.dataclass(frozen=True, eq=False)
class Draw:
    """A call of a public function on an array of drawn numbers.

    Args:
      function: its name, from ``jaxup`` on.
      x: what it calls the array.
      rows: the matrix of every axis that changes, or None where the function is no such product.
      fill: the number that stands for the weights that are missing, or None.
      slack: how far weights may be off, for coordinates that are rounded.
      expected: for functions that are no product of matrices, what they make of an array.
    """

    function: str
    x: str
    shape: tuple[int, ...]
    dtype: str
    seed: int
    options: dict[str, Any]
    rows: Any = dataclasses.field(default=None, repr=False)
    fill: Any = None
    slack: float = 0.0
    expected: Any = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        written = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.function}(values({self.shape}, {self.dtype!r}, {self.seed}), {written})"

    @property
    def is_wide(self) -> bool:
        return self.dtype in WIDE

    @property
    def is_traced(self) -> bool:
        """Whether the program computes the coordinates."""
        made = any(isinstance(value, Numbers | Points) for value in self.options.values())
        return made or not self.options.keys().isdisjoint(("max_grid", "boxes"))

    @property
    def rounds(self) -> bool:
        """Whether integers are computed, and rounded, where they are not copied."""
        return "dtype" in self.options or self.function.startswith("jaxup.compat")

    def function_itself(self) -> Any:
        module, _, name = self.function.rpartition(".")
        return getattr(importlib.import_module(module), name)

    def __call__(self, x: Any) -> Any:
        made = {
            name: value.made() if isinstance(value, Numbers | Points) else value
            for name, value in self.options.items()
        }
        return self.function_itself()(**{self.x: x}, **made)

    def array(self, seed: int = 0) -> jax.Array:
        return values(self.shape, self.dtype, self.seed + seed)

    def abstract(self) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(self.shape, jnp.dtype(self.dtype))

    @functools.cached_property
    def matrices(self) -> dict[int, Rows] | None:
        return None if self.rows is None else self.rows()

    def wanted(self, x: Any) -> Wanted | None:
        """What the definitions make of an array."""
        wide = np.asarray(x).astype(np.complex128 if jnp.iscomplexobj(x) else np.float64)
        if self.expected is not None:
            return self.expected(wide)
        if self.matrices is None:
            return None
        return product(wide, self.matrices, self.fill, self.slack)


def product(x: np.ndarray, matrices: Any, fill: Any = None, slack: float = 0.0) -> Wanted:
    """An array times the matrix of every axis, and a number times the weights that are missing."""
    unsure, cover, gain = np.zeros((), bool), np.ones(()), 1.0
    for axis, rows in matrices.items():
        column = [1] * x.ndim
        column[axis] = len(rows.dense)
        x = along(x, axis, rows.dense)
        unsure = unsure | rows.unsure.reshape(column)
        cover = cover * rows.dense.sum(1).reshape(column)
        gain *= max(1.0, abs(rows.dense[~rows.unsure]).sum(1).max(initial=0))
    if fill is not None:
        x = x + fill * (1 - cover)
        gain *= max(1, abs(fill))
    return Wanted(x, unsure, gain, slack)


def sizes() -> Any:
    return st.one_of(
        st.integers(1, 9), st.integers(1, 40), st.sampled_from([1, 2, 3, 4, 8, 16, 32, 33])
    )


def scales() -> Any:
    known = [2, 3, 4, 0.5, 1.5, 1.7, 0.3, 2.37, 1.0, 1.1, 0.9, 0.75, 1.25, 1 / 3, 5]
    return st.one_of(st.sampled_from(known), st.floats(0.25, 4, width=32))


@dataclasses.dataclass(frozen=True)
class Place:
    """A shape, and which of its axes are spatial; ``given`` is the option, None for the default."""

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    given: Any
    data_format: str

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(self.shape[axis] for axis in self.axes)

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.given is not None:
            options["axes"] = self.given
        if self.data_format != "channels_last":
            options["data_format"] = self.data_format
        return options


@st.composite
def places(draw: Any, rank: int | None = None, longest: Any = None) -> Place:
    """An array of at most 20,000 elements, with one to three spatial axes."""
    count: int = rank or draw(st.sampled_from([1, 1, 2, 2, 2, 3]))
    one = sizes() if longest is None else longest
    spatial = [draw(one) for _ in range(count)]
    while math.prod(spatial) > 8000:
        spatial[spatial.index(max(spatial))] //= 3
    named = draw(st.booleans())
    others = st.sampled_from([1, 1, 2, 2, 3, 4, 5, 16, 17, 0])
    batch = [draw(others) for _ in range(draw(st.integers(0, 2)))]
    channels = draw(others)
    while math.prod([*spatial, *batch, channels]) > 20000:
        batch, channels = [min(n, 2) for n in batch[:1]], min(channels, 3)
        spatial = [max(1, n // 2) for n in spatial]
    if not named:
        data_format = draw(st.sampled_from(["channels_last", "channels_last", "channels_first"]))
        first = data_format == "channels_first"
        inner = [channels, *spatial] if first else [*spatial, channels]
        start = len(batch) + first
        axes = tuple(range(start, start + count))
        return Place((*batch, *inner), axes, None, data_format)
    axes_in_all = count + len(batch)
    axes = tuple(draw(st.permutations(range(axes_in_all)))[:count])
    shape = [0] * axes_in_all
    for axis, size in zip(axes, spatial, strict=True):
        shape[axis] = size
    rest = iter(batch)
    shape = [next(rest) if axis not in axes else size for axis, size in enumerate(shape)]
    given: Any = tuple(axis - axes_in_all if draw(st.booleans()) else axis for axis in axes)
    if count == 1 and draw(st.booleans()):
        (given,) = given
    return Place(tuple(shape), axes, given, "channels_last")


@st.composite
def targets(draw: Any, sizes_in: tuple[int, ...]) -> tuple[dict[str, Any], Any, Any]:
    """``({"scale": ...} or {"size": ...}, output sizes, scales or None)``."""
    same = draw(st.booleans())
    if draw(st.booleans()):
        given = [draw(scales()) for _ in sizes_in]
        given = [given[0] if same else scale for scale in given]
        if any(int(n * s) < 1 for n, s in zip(sizes_in, given, strict=True)):
            given, same = [2] * len(given), True
        out = tuple(int(n * s) for n, s in zip(sizes_in, given, strict=True))
        return {"scale": given[0] if same else tuple(given)}, out, tuple(given)
    given = [draw(st.one_of(sizes(), st.sampled_from(sizes_in))) for _ in sizes_in]
    given = [given[0] if same else size for size in given]
    return {"size": given[0] if same else tuple(given)}, tuple(given), None


def dtypes(method: str) -> Any:
    """Any dtype for copies, floats for the rest."""
    if method.startswith("nearest"):
        return st.sampled_from([*FLOATS, *WHOLE, *FLOAT8, "float32", "uint8"])
    return st.sampled_from([*FLOATS, *FLOAT8[:2], "float32", "float32", "float32", "float32"])
