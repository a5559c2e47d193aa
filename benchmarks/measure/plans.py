"""Every plan for a resample: which strategies compute which axes, in which order and passes."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp

from benchmarks.measure.cells import Cell, Direction
from benchmarks.measure.peers import jaxup_function
from benchmarks.measure.programs import directed
from jaxup._lowering import broadcast, dilation, gather, polyphase
from jaxup._lowering.cpu import plane, rules
from jaxup._lowering.lower import run
from jaxup._lowering.plan import Pass, Stage
from jaxup._lowering.tpu import block_matmul, matmul
from jaxup._primitive import resample_p

PRODUCTS = (matmul, block_matmul)  # they spread NaN, so that only a TPU may use them
LETTERS = "DHW"


@functools.cache
def _traced(cell: Cell, direction: Direction):
    """The axes of a cell's resample, and their operators."""
    function = directed(jaxup_function(cell), cell, direction)
    operand = jax.ShapeDtypeStruct(cell.operand_shape(direction), cell.dtype)
    (equation,) = jax.make_jaxpr(function)(operand).eqns
    if equation.primitive is not resample_p:
        raise ValueError(f"expected one resample in {cell.name}, got {equation.primitive}")
    axes, specs = equation.params["axes"], equation.params["specs"]
    return {axis: spec.build() for axis, spec in zip(axes, specs, strict=True)}


def formulations(cell: Cell, direction: Direction, x) -> dict[str, Callable]:
    """Functions of ``x`` that all compute the cell, by what they do."""
    operators = _traced(cell, direction)
    names = _names(operators)
    made = {
        _label(plan, names): functools.partial(run, plan, operators=operators, dtype=x.dtype)
        for plan in _plans(x, operators)
    }
    made[f"channels {_elsewhere(cell)}, as chosen there"] = functools.partial(
        _moved, cell=cell, operators=operators
    )
    return made


def chosen(cell: Cell, direction: Direction, x) -> str:
    """The plan that is chosen for the cell, on CPU."""
    operators = _traced(cell, direction)
    return _label(rules.passes(x, operators), _names(operators))


def spreads_nan(label: str) -> bool:
    """Whether a formulation multiplies pixels by zero."""
    return any(_name(strategy) in label for strategy in PRODUCTS)


def _plans(x, operators) -> Iterator[list[Pass]]:
    """One pass for each axis, in every order, and all in one pass where nothing is multiplied."""
    axes = tuple(operators)
    for order in itertools.permutations(axes):
        for strategies in itertools.product(*(_strategies(operators[axis]) for axis in order)):
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


def _strategies(operator):
    """Those that take the operator."""
    fitting = (broadcast, dilation, polyphase, block_matmul)
    return [*(strategy for strategy in fitting if strategy.fits(operator)), gather, matmul]


def _names(operators) -> dict[int, str]:
    return dict(zip(operators, LETTERS[-len(operators) :], strict=True))


def _label(plan: list[Pass], names) -> str:
    """Passes apart by an arrow, what is fused by a plus."""
    return " → ".join(
        " + ".join(
            f"{_name(strategy)} {''.join(names[n] for n in axes)}" for strategy, axes in step
        )
        for step in plan
    )


def _name(strategy) -> str:
    return strategy.__name__.rpartition(".")[2]


def _elsewhere(cell) -> str:
    return "first" if cell.data_format == "channels_last" else "last"


def _moved(x, *, cell, operators):
    """With the channels on the other side of the axes, and back."""
    before, after, step = (1, x.ndim - 1, -1) if _elsewhere(cell) == "last" else (x.ndim - 1, 1, 1)
    x = jnp.moveaxis(x, before, after)
    shifted = {axis + step: found for axis, found in operators.items()}
    plan = rules.passes(x, shifted)
    return jnp.moveaxis(run(plan, x, operators=shifted, dtype=x.dtype), after, before)
