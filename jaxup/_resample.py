"""Axes of any size through one door: known sizes by the primitive, symbolic ones by the program.

The rows of a symbolic axis are computed by the exported program, from the recipe that a known size
would have, and applied as those of traced geometry are: one program serves pictures of every size.
Coordinates are computed in 48 bits (`jaxup._wide`) and rounded where the recipe says so, so that
nearest indices are those of the static path.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from jaxup import boundary, kernels
from jaxup._dynamic import Look, look_at
from jaxup._primitive import resample, resampler
from jaxup._symbolic import Step, is_symbolic
from jaxup._wide import wide


def resample_any(x: jax.Array, axes, specs) -> jax.Array:
    """`resample`, where sizes in the recipes may be symbolic."""
    known = [n for n, s in enumerate(specs) if not is_symbolic(s.in_size, s.out_size)]
    if len(known) == len(specs):
        return resample(x, axes, specs)
    x = resample(x, [axes[n] for n in known], [specs[n] for n in known])
    for n in sorted(set(range(len(specs))) - set(known)):
        x = look_at(x, axes[n], (look_from_spec(specs[n], x.dtype),))
    return x


def resampler_any(axes, specs):
    """`resample_any` of those axes, as a function to keep."""
    if any(is_symbolic(spec.in_size, spec.out_size) for spec in specs):
        return functools.partial(resample_any, axes=axes, specs=specs)
    return resampler(axes, specs)


def look_from_spec(spec, dtype) -> Look:
    """Where the outputs of a recipe look, as arrays of the program."""
    double = spec.precision == "float64" and dtype in (jnp.float64, jnp.complex128)
    base, coordinate = (_in_float64 if double else _in_two_parts)(spec)
    stretch = spec.stretch
    if not isinstance(stretch, Step):
        taps = spec.kernel.taps(stretch)
    else:
        stretch = stretch.evaluate().high.astype(coordinate.dtype)
        taps = _most_taps(spec)
    return Look(coordinate, spec.kernel, spec.boundary, spec.in_size, taps, stretch, base)


def _most_taps(spec):
    """The most taps when the stretch may be anything up to the whole picture for one output."""
    if isinstance(spec.kernel, kernels.Nearest):
        return 1
    if spec.boundary is boundary.renormalize:
        return spec.in_size
    width = 1 if isinstance(spec.kernel, kernels.Area) else spec.kernel.taps(1.0)
    return width * spec.in_size + 1


def _in_two_parts(spec):
    """In 48 bits, rounded as the recipe says."""
    index = wide(jnp.arange(spec.out_size, dtype=jnp.float32))
    step = spec.step.evaluate() if isinstance(spec.step, Step) else wide(float(spec.step))
    coordinate = spec.coordinates(index, wide(spec.in_size), wide(spec.out_size), step)
    if spec.precision == "float32":
        origin = 0.5 if spec.from_edge else 0.0
        coordinate = (coordinate + origin).rounded() - origin
    return coordinate.parts()


def _in_float64(spec):
    """With JAX's own float64."""
    index = jnp.arange(spec.out_size, dtype=jnp.float64)
    sizes = (jnp.asarray(n, jnp.float64) for n in (spec.in_size, spec.out_size))
    step = spec.step
    if isinstance(step, Step):
        step = step.evaluate()
        step = step.high.astype(jnp.float64) + step.low
    coordinate = spec.coordinates(index, *sizes, step)
    whole = jnp.floor(coordinate)
    return whole, coordinate - whole
