"""Draws of ``dtype=`` and ``where=``: calls of `upsample` and `resize` with an option more."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from tests.fuzz.drawn import FLOATS, WHOLE, Draw, Mask, Wanted, product
from tests.fuzz.own import KERNELS, resizes, upsamples

NEVER_BELOW_0 = (
    *("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "area", "box", "gaussian"),
    "hamming",
)
REAL = ("float32", "float16", "bfloat16", "float64")


@st.composite
def conversions(draw: Any) -> Draw:
    call: Draw = draw(upsamples() | resizes())
    dtype = draw(st.sampled_from([*FLOATS, *WHOLE, "uint8", "uint8", "int8"]))
    if dtype.startswith("complex"):
        result = draw(st.sampled_from(["complex64", "complex128"]))
    elif dtype in WHOLE:  # of which some are too large for float16
        result = draw(st.sampled_from(["float32", "bfloat16", "float64", *WHOLE, dtype, dtype]))
    else:
        result = draw(st.sampled_from([*REAL, "float8_e5m2", "uint8", "int8", "int32", "bool"]))
    options = call.options | {"dtype": result}
    slack = max(call.slack, 1e-4) if call.function == "jaxup.upsample" else call.slack
    return dataclasses.replace(call, dtype=dtype, options=options, slack=slack)


@st.composite
def maskings(draw: Any) -> Draw:
    call: Draw = draw(upsamples() | resizes() | conversions())
    assert call.matrices is not None
    axes, rank = sorted(call.matrices), len(call.shape)
    sizes = tuple(call.shape[axis] for axis in axes)
    shape = tuple(draw(st.sampled_from([n, n, 1])) for n in call.shape)
    if draw(st.booleans()):
        shape = sizes
    elif shape[0] == 1:
        shape = shape[draw(st.integers(0, 1)) :]
    against = (1,) * (rank - len(shape)) + shape
    if shape == sizes:
        against = tuple(n if axis in axes else 1 for axis, n in enumerate(call.shape))
    density = draw(st.sampled_from([0.0, 0.2, 0.5, 0.8, 0.8, 1.0]))
    mask = Mask((shape, draw(st.integers(0, 99)), density, against))
    options: dict[str, Any] = call.options | {"where": mask}
    inexact = jnp.issubdtype(options.get("dtype", call.dtype), jnp.inexact)
    if "fill_value" not in options and (not inexact or draw(st.booleans())):
        options["fill_value"] = draw(st.sampled_from([0, 1]))
    empty = options.get("fill_value", np.nan)
    method = next((n for n, kernel in KERNELS.items() if kernel == options["method"]), "")
    signed = (method or options["method"]) not in NEVER_BELOW_0
    least = 1 / 8 if signed else 1e-5

    def expected(x: np.ndarray) -> Wanted:
        kept = np.broadcast_to(mask.kept(), x.shape)
        total = product(np.where(kept, x, 0), call.matrices, call.fill)
        weight = product(kept * 1.0, call.matrices, call.fill if call.fill is None else 1)
        there = weight.values > least
        weights = np.where(there, weight.values, 1)
        values = np.where(there, total.values / weights, empty)
        close = abs(weight.values - least) < 1e-3
        if not signed:
            close = (weight.values > 1e-12) & (weight.values < 2e-5)
        gain = total.gain * weight.gain / weights
        return Wanted(values, total.unsure | close, gain, call.slack)

    return dataclasses.replace(call, options=options, rows=None, fill=None, expected=expected)
