"""The grids of a table of positions: as it is, and as it is wanted, known or traced."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jaxup._arguments.axes import one_per_axis
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import check_static, checked_size, static_numbers
from jaxup._arguments.torch_methods import Method, axis_spec
from jaxup._numbers.step import Step
from jaxup._recipe.axis import TracedAxis


def static_pair(call: Call, option: str, value: Any, advice: str | None = None) -> tuple[int, int]:
    """Return rows and columns, each at least 1."""
    check_static(call, option, value, advice or f"Make {option} static: it decides a shape.")
    call = call._replace(typed=(("size", option),))
    size = static_numbers(call, size=value)["size"]
    rows, columns = one_per_axis(call, "size", size, ("rows", "columns"))
    return checked_size(call, rows), checked_size(call, columns)


def integers(call: Call, option: str, value: Any, what: str) -> jax.Array:
    """Return an array of integers, traced or not."""
    try:
        array: Any = jnp.asarray(value)
    except (TypeError, ValueError, OverflowError) as error:
        rule, advice = f"{option} to be {what}", "Pass integers, traced or not."
        raise call.type_error(rule, shown(value), advice) from error
    if not jnp.issubdtype(array.dtype, jnp.integer):
        advice = f"Pass {what} as integers."
        raise call.type_error(f"{option} in whole patches", f"dtype {array.dtype}", advice)
    return array


def check_grid_range(call: Call, new_grid: jax.Array, largest: tuple[int, int] | None) -> None:
    """Check a new grid that is known."""
    if isinstance(new_grid, Tracer):
        return
    known: Any = np.asarray(new_grid)
    if (known < 1).any() or (largest is not None and (known > np.array(largest)).any()):
        upper = "" if largest is None else f" to max_grid={largest}"
        rule = f"a new_grid from 1{upper}" if largest else "a new_grid of 1 or more"
        advice = "max_grid is the largest grid there will be." if largest else "Count patches."
        raise call.value_error(rule, f"new_grid={known.tolist()}", advice)


def check_offset(call: Call, offset: Any, align_corners: bool) -> None:
    number = call.real("offset", offset, "Pass 0.0 or 0.1.")
    if not 0 <= number < 1 or (offset and align_corners):
        rule = "an offset from 0 to below 1, and 0 with align_corners"
        advice = "Use 0.0, or 0.1 for DINOv2's first checkpoints."
        raise call.value_error(rule, f"offset={offset}, align_corners={align_corners}", advice)


def check_rows(call: Call, grid: tuple[int, int], prefix: int) -> None:
    """Check that the table has the rows that its grid and its prefix stand for."""
    rows = prefix + grid[0] * grid[1]
    if len(call.shape) < 2 or prefix < 0 or call.shape[-2] != rows:
        raise call.value_error(
            f"a table of shape (..., {shown(rows)}, channels) for prefix={shown(prefix)} and"
            f" grid={grid}",
            f"shape {call.shape}",
            "Say how many tokens come before the grid with prefix=, and its rows and columns with"
            " grid=.",
        )


def traced_axis(rule: Method, in_size: int, out_size: Any, size: Any, offset: float) -> TracedAxis:
    """Return the recipe of an axis that the program gives a size.

    Args:
      out_size: how many outputs are computed.
      size: the integer scalar that decides where they lie.
      offset: added to the size in the scale.
    """
    if rule.aligns_corners:
        step = Step(in_size - 1, size - 1, single=True)
    else:
        step = Step(in_size, size.astype("float32") + offset if offset else size, single=True)
    spec = axis_spec(rule, in_size, out_size, step, exact=False)
    assert isinstance(spec, TracedAxis)
    return spec
