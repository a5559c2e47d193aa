"""Every plan for a resample: which strategies compute which axes, in which order and passes."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from benchmarks.measure.cells import Cell, Direction
from benchmarks.measure.peers import jaxup_function
from benchmarks.measure.programs import directed
from jaxup._lowering import broadcast, dilation, gather, polyphase
from jaxup._lowering.cpu import plane, vectors
from jaxup._lowering.cpu import rules as cpu
from jaxup._lowering.gpu import nested
from jaxup._lowering.gpu import rules as gpu
from jaxup._lowering.lower import run
from jaxup._lowering.plan import Operators, Pass, Stage, Strategy
from jaxup._lowering.tpu import batched_matmul, block_matmul, matmul
from jaxup._primitive import resample_p
from jaxup._recipe.recipe import Recipe

PRODUCTS: tuple[Strategy, ...] = (matmul, block_matmul)  # spread NaN, so only a TPU may use them
LETTERS = "DHW"  # of the axes, the last one W

Formulation = Callable[[jax.Array], jax.Array]


class Resample(NamedTuple):
    """The axes of a resample, and the recipe of each."""

    axes: tuple[int, ...]
    specs: tuple[Recipe, ...]

    @property
    def operators(self) -> Operators:
        return {axis: spec.build() for axis, spec in zip(self.axes, self.specs, strict=True)}


@functools.cache
def traced(cell: Cell, direction: Direction) -> Resample:
    """Return what a cell's program resamples."""
    function = directed(jaxup_function(cell), cell, direction)
    operand = jax.ShapeDtypeStruct(cell.operand_shape(direction), cell.dtype)
    equations = jax.make_jaxpr(function)(operand).eqns
    found = [equation for equation in equations if equation.primitive is resample_p]
    if len(found) != 1:
        raise ValueError(f"expected one resample in {cell.name}, got {len(found)}")
    (equation,) = found
    return Resample(equation.params["axes"], equation.params["specs"])


def formulations(
    cell: Cell, direction: Direction, x: Any, platform: str = "cpu"
) -> dict[str, Formulation]:
    """Return functions of ``x`` that all compute the cell, by the label of their plan."""
    operators = traced(cell, direction).operators
    names = _names(operators)
    plans = {"cpu": _cpu_plans, "tpu": _tpu_plans}.get(platform, _gpu_plans)(x, operators)
    made: dict[str, Formulation] = {
        _label(plan, names): functools.partial(
            run, plan, operators=operators, dtype=x.dtype, apart=platform == "cpu"
        )
        for plan in plans
    }
    if platform == "cpu":
        made[f"channels {_elsewhere(cell)}, as chosen there"] = functools.partial(
            _moved, cell=cell, operators=operators
        )
    return made


def chosen(cell: Cell, direction: Direction, x: jax.Array, platform: str = "cpu") -> str:
    """Return the label of the plan that jaxup chooses for the cell on a platform."""
    operators = traced(cell, direction).operators
    rules = cpu if platform == "cpu" else gpu
    return _label(rules.passes(x, operators), _names(operators))


def spreads_nan(label: str) -> bool:
    """Return whether a formulation multiplies pixels by zero, which spreads NaN."""
    return any(_name(strategy) in label for strategy in PRODUCTS)


def _cpu_plans(x: jax.Array, operators: Operators) -> Iterator[list[Pass]]:
    """Yield a pass for each axis, in every order, and the same stages in one pass if none of them
    is a product; then the strategies that compute several axes at once.
    """
    axes = tuple(operators)
    for order in itertools.permutations(axes):
        for strategies in itertools.product(*(_strategies(x, operators, axis) for axis in order)):
            if len(axes) > 2 and len(set(strategies)) > 1:
                continue
            steps = [
                Stage(strategy, (axis,)) for strategy, axis in zip(strategies, order, strict=True)
            ]
            yield [[step] for step in steps]
            if len(axes) > 1 and not set(strategies) & set(PRODUCTS):
                yield [steps]
    if len(axes) > 1:
        yield [[Stage(matmul, axes)]]
    if len(axes) > 1 and all(map(broadcast.fits, operators.values())):
        yield [[Stage(broadcast, axes)]]
    pair = axes[-2:]
    if pair == (x.ndim - 2, x.ndim - 1) and plane.fits(*(operators[axis] for axis in pair)):
        for order in itertools.permutations(axes[:-2]):
            yield [*([Stage(gather, (axis,))] for axis in order), [Stage(plane, pair)]]


def _gpu_plans(x: jax.Array, operators: Operators) -> Iterator[list[Pass]]:
    """Yield the plan of the rules, then each strategy for every axis, and all axes in one sum."""
    yield gpu.passes(x, operators)
    axes = tuple(operators)
    strategies: tuple[Strategy, ...] = (broadcast, polyphase, gather)
    for strategy in strategies:
        if all(map(strategy.fits, operators.values())):
            for order in itertools.permutations(axes):
                yield [[Stage(strategy, (axis,))] for axis in order]
    products = math.prod(operator.taps for operator in operators.values())
    if products <= gpu.MAX_PRODUCTS and nested.fits(*operators.values()):
        yield [[Stage(nested, axes)]]


def _tpu_plans(x: jax.Array, operators: Operators) -> Iterator[list[Pass]]:
    """Yield products with whole matrices in every order: of all axes, and of both kinds by axis."""
    for order in itertools.permutations(operators):
        yield [[Stage(matmul, order)]]
        for kinds in itertools.product((matmul, batched_matmul), repeat=len(order)):
            if batched_matmul in kinds:
                yield [[Stage(kind, (axis,))] for kind, axis in zip(kinds, order, strict=True)]


def _strategies(x: Any, operators: Operators, axis: int) -> list[Strategy]:
    """Return the strategies that fit the operator of an axis."""
    fitting: list[Strategy] = [broadcast, dilation, polyphase, block_matmul]
    if vectors.is_short(x, axis, 1):
        fitting.append(vectors)
    return [*(each for each in fitting if each.fits(operators[axis])), gather, matmul]


def _names(operators: Operators) -> dict[int, str]:
    return dict(zip(operators, LETTERS[-len(operators) :], strict=True))


def _label(plan: list[Pass], names: Mapping[int, str]) -> str:
    """Join the passes by arrows, and the fused stages of a pass by plus signs."""
    return " → ".join(
        " + ".join(
            f"{_name(strategy)} {''.join(names[n] for n in axes)}" for strategy, axes in step
        )
        for step in plan
    )


def _name(strategy: Strategy) -> str:
    return strategy.__name__.rpartition(".")[2]


def _elsewhere(cell: Cell) -> str:
    return "first" if cell.data_format == "channels_last" else "last"


def _moved(x: jax.Array, *, cell: Cell, operators: Operators) -> jax.Array:
    """Move the channels to the other side of the axes, resample, and move them back."""
    before, after, step = (1, x.ndim - 1, -1) if _elsewhere(cell) == "last" else (x.ndim - 1, 1, 1)
    x = jnp.moveaxis(x, before, after)
    shifted = {axis + step: found for axis, found in operators.items()}
    plan = cpu.passes(x, shifted)
    return jnp.moveaxis(run(plan, x, operators=shifted, dtype=x.dtype), after, before)
