"""`explain`: what a call will do, axis by axis, without running it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from jaxup import kernels
from jaxup._arguments.call import quoted
from jaxup._lowering.dtypes import accumulation
from jaxup._lowering.lower import plan_of
from jaxup._primitive import resample_p
from jaxup._recipe.axis import AxisSpec, Transposed
from jaxup._recipe.banded import Banded
from jaxup._recipe.fir import Fir
from jaxup._recipe.overlaps import Overlaps
from jaxup._recipe.prefilter import Prefilter

_GATHERS = ("gather", "band", "tap_sum", "window")
_TITLES = "pass,axis,pixels,coordinates,kernel,boundary,taps,strategy,bytes read,bytes written"


@dataclasses.dataclass(frozen=True)
class AxisExplanation:
    """How one axis is resampled.

    Args:
      step: number of the pass over the array, from 1; axes of one pass share it.
      axis: of the array.
      pixels: ``(before, after)``.
      coordinates, kernel, boundary: names of the rules.
      taps: the most pixels that an output reads along the axis.
      strategy: the module of ``jaxup._lowering`` that computes the axis.
      read, written: bytes of the array before and after the pass, each counted once. XLA may move
        more, for weights and copies, or less, if it fuses the pass with what is around it.
    """

    step: int
    axis: int
    pixels: tuple[int, int]
    coordinates: str
    kernel: str
    boundary: str
    taps: int
    strategy: str
    read: int
    written: int


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What a call will do; printed, a table with a line for every axis that is resampled.

    Args:
      platform: for which the strategies were chosen.
      axes: in the order in which they are computed.
      traced_gathers: how many gathers read at coordinates that the program computes, as those of
        `jaxup.sample` and of symbolic sizes do. They have no line in the table.
    """

    platform: str
    axes: tuple[AxisExplanation, ...]
    traced_gathers: int

    def __str__(self) -> str:
        rows = [_TITLES.split(",")]
        rows += [[_cell(value) for value in dataclasses.astuple(axis)] for axis in self.axes]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        lines = lines if self.axes else ["No axis of known size changes."]
        if n := self.traced_gathers:
            lines.append(f"and {n} gathers at coordinates that the program computes")
        return "\n".join([f"on {self.platform}:", *lines])

    __repr__ = __str__


def explain(
    function: Callable[..., Any], *arguments: Any, platform: str | None = None, **options: Any
) -> Explanation:
    """Say what a call will do, axis by axis, without running it.

    Args:
      function: `jaxup.upsample`, or any function that resamples: a layer, a model, a gradient.
      arguments, options: those of the call. The first argument, every JAX array and every
        `jax.ShapeDtypeStruct` are traced: of arrays only the shape and dtype count.
      platform: ``"cpu"``, ``"tpu"``, ``"gpu"`` or another name that JAX knows; by default that on
        which JAX would run now.

    Returns:
      An `Explanation`, which prints as a table.

    Raises:
      ValueError, TypeError: those of the function.

    Example:
      >>> import jax, jaxup
      >>> x = jax.ShapeDtypeStruct((8, 64, 64, 64), "float32")
      >>> explanation = jaxup.explain(jaxup.upsample, x, 2, "bilinear", platform="cpu")
      >>> [(axis.axis, axis.pixels, axis.kernel, axis.taps) for axis in explanation.axes]
      [(2, (64, 128), 'triangle', 2), (1, (64, 128), 'triangle', 2)]
    """
    _check(function, platform)
    platform = platform or jax.default_backend()
    leaves, tree = jax.tree.flatten((arguments, options), is_leaf=_is_array)
    first = len(jax.tree.leaves(arguments[:1], is_leaf=_is_array))
    traced = {
        n: leaf
        for n, leaf in enumerate(leaves)
        if _is_array(leaf) or (n < first and type(leaf) is np.ndarray)
    }

    def call(values: dict[int, Any]) -> Any:
        given, named = tree.unflatten([values.get(n, v) for n, v in enumerate(leaves)])
        return function(*given, **named)

    axes: list[AxisExplanation] = []
    gathers = 0
    for equation in _equations(jax.make_jaxpr(call)(traced)):
        gathers += equation.primitive.name in _GATHERS
        if equation.primitive is resample_p:
            steps = axes[-1].step if axes else 0
            axes += _explained(equation.invars[0].aval, steps, platform, **equation.params)
    return Explanation(platform, tuple(axes), gathers)


def _check(function: Any, platform: Any) -> None:
    if not callable(function):
        raise TypeError(
            f"jaxup.explain: expected function to be one, got {type(function).__name__}."
            " Pass jaxup.upsample and its arguments, not its result."
        )
    if not (platform is None or isinstance(platform, str)):
        raise TypeError(
            f"jaxup.explain: expected platform to be a name, got {quoted(platform)}."
            " Pass 'cpu', 'tpu' or 'gpu', or None for that on which JAX runs."
        )


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | jax.ShapeDtypeStruct)


def _equations(program: Any) -> Iterator[Any]:
    """Yield the equations of a program and of the programs inside it."""
    for equation in program.eqns:
        yield equation
        parameters = list(equation.params.values())
        for inner in jax.tree.leaves(parameters, is_leaf=lambda p: hasattr(p, "eqns")):
            if hasattr(inner, "eqns"):
                yield from _equations(inner)


def _explained(
    x: Any, steps: int, platform: str, *, axes: Any, specs: Any, nan_local: bool, dtype: Any = None
) -> Iterator[AxisExplanation]:
    recipes: dict[int, Any] = dict(zip(axes, specs, strict=True))
    operators: dict[int, Banded] = {axis: spec.build() for axis, spec in recipes.items()}
    sizes: dict[int, int] = {axis: x.shape[axis] for axis in range(x.ndim)}
    plan = plan_of(x, operators, nan_local=nan_local, platform=platform)
    result = dtype or x.dtype
    copies = all(operator.selects for operator in operators.values())
    between = x.dtype if copies else accumulation(x.dtype, operators.values(), result)
    read = math.prod(sizes.values()) * x.dtype.itemsize
    for number, stages in enumerate(plan, 1):
        changed = [(axis, strategy) for strategy, axes in stages for axis in axes]
        sizes |= {axis: operators[axis].out_size for axis, _ in changed}
        kind = result if number == len(plan) else between
        written = math.prod(sizes.values()) * kind.itemsize
        for axis, strategy in changed:
            yield AxisExplanation(
                step=steps + number,
                axis=axis,
                pixels=(operators[axis].in_size, operators[axis].out_size),
                **_rules(recipes[axis]),
                taps=operators[axis].taps,
                strategy=strategy.__name__.rpartition(".")[2],
                read=read,
                written=written,
            )
        read = written


def _rules(spec: Any) -> dict[str, str]:
    """Return the names of the coordinates, the kernel and the boundary of a recipe."""
    if isinstance(spec, Transposed):
        return {name: f"transposed {rule}" for name, rule in _rules(spec.of).items()}
    if isinstance(spec, Prefilter):
        kernel = f"prefilter of bspline{spec.order}"
        return {"coordinates": "every pixel", "kernel": kernel, "boundary": _name(spec.boundary)}
    if isinstance(spec, Overlaps):
        return {"coordinates": "Cells", "kernel": "overlap", "boundary": _name(spec.boundary)}
    if hasattr(spec, "spec"):  # of uint8, whose weights are that recipe's in whole numbers
        return _rules(spec.spec)
    if isinstance(spec, Fir):
        kernel = f"filter of {len(spec.taps)}"
        return {"coordinates": f"up {spec.up}, down {spec.down}", "kernel": kernel, "boundary": "0"}
    assert isinstance(spec, AxisSpec)
    kernel = _name(spec.kernel.fn if isinstance(spec.kernel, kernels.Kernel) else spec.kernel)
    if spec.kernel_scale != 1:
        kernel += f" x{spec.kernel_scale:.4g}"
    coordinates, boundary = _name(spec.coordinates), _name(spec.boundary)
    return {"coordinates": coordinates, "kernel": kernel, "boundary": boundary}


def _name(rule: Any) -> str:
    """Return a function's name, or a class with the options in it."""
    name: str = getattr(rule, "__name__", type(rule).__name__)
    if not dataclasses.is_dataclass(rule):
        return name
    values: list[Any] = [getattr(rule, field.name) for field in dataclasses.fields(rule)]
    return f"{name}({', '.join(_name(v) if callable(v) else str(v) for v in values)})"


def _cell(value: tuple[int, int] | int | str) -> str:
    if isinstance(value, tuple):
        return " to ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else value
