"""Boxes of images, known or traced: their shape, their numbers, and which image each is of."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxup._arguments.arrays import are_numbers, as_array, is_traced
from jaxup._arguments.call import Call, shown
from jaxup._numbers.step import is_symbolic


def checked_boxes(call: Call, boxes: Any) -> jax.Array:
    """Return boxes of shape (n, d, 2), of finite numbers if they are known."""
    array = checked_array(call, "boxes", boxes, ("n", "d", 2))
    if not is_traced(boxes) and not np.isfinite(np.asarray(boxes, np.float64)).all():
        raise call.value_error("finite boxes", shown(boxes), "Pass positions in pixels.")
    return array


def checked_box_indices(call: Call, boxes: jax.Array, box_indices: Any) -> Any:
    """Return which image each box is of, as an index that `clipped_indices` completes."""
    rule = "box_indices of shape (n,), an integer per box"
    images = call.shape[0] if call.shape else 1
    plain = are_numbers(box_indices) and not is_symbolic(images)
    array: Any = np.asarray(box_indices) if plain else None  # JAX takes 20 us to read such a list
    if array is None or array.dtype == object:
        array = as_array(call.function, box_indices, "box_indices")
    if not jnp.issubdtype(array.dtype, jnp.integer) and 0 not in array.shape:
        advice = "Pass the number of each box's image: jnp.arange(n) if box n is of image n."
        raise call.type_error(rule, f"dtype {array.dtype}", advice)
    if array.shape != boxes.shape[:1]:
        advice = f"Pass as many as there are boxes, {boxes.shape[0]}."
        raise call.value_error(rule, f"shape {array.shape}", advice)
    if array.size and not is_symbolic(images) and not is_traced(box_indices):
        numbers = np.asarray(box_indices)  # a function of NumPy may trace what JAX holds
        least, most = int(numbers.min()), int(numbers.max())
        if not 0 <= least <= most < images:
            advice = f"There are {images} images, the first axis of {call.option('x')}."
            raise call.value_error(f"box_indices from 0 to {images - 1}", [least, most], advice)
    return array


def clipped_indices(indices: Any, images: Any) -> jax.Array:
    """Return indices of images as int32; one that only the program knows is clipped."""
    return jnp.clip(indices.astype("int32"), 0, images - 1)


def checked_array(call: Call, option: str, value: Any, shape: tuple[Any, ...]) -> jax.Array:
    """Return an array of real numbers, of a shape whose lengths are known or have a letter."""
    array = as_array(call.function, value, option)
    given = array.shape if len(array.shape) == len(shape) else (None,) * len(shape)
    wrong = any(isinstance(n, int) and n != m for n, m in zip(shape, given, strict=True))
    if wrong or 0 in given[1:]:
        form = f"({', '.join(map(str, shape))})"
        advice = f"Pass as many rows as there are boxes; for one box {option}[None]."
        raise call.value_error(f"{option} of shape {form}", f"shape {array.shape}", advice)
    check_real(call, **{option: array})
    return array


def check_real(call: Call, **arrays: jax.Array) -> None:
    """Check that arrays are of integers or floats."""
    for option, array in arrays.items():
        real = jnp.issubdtype(array.dtype, jnp.floating) or jnp.issubdtype(array.dtype, jnp.integer)
        if not real:
            advice = "Pass an array of floats."
            raise call.type_error(f"{option} to be real numbers", f"dtype {array.dtype}", advice)
