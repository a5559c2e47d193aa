"""What a call may ask for: weights, taps and results in proportion to its arrays, or refused."""

from __future__ import annotations

import math
from typing import Any

from jaxup._arguments.call import Call, shown
from jaxup._recipe.axis import AxisSpec, TracedAxis
from jaxup._recipe.overlaps import Overlaps
from jaxup.kernels import AnyKernel

WEIGHTS_PER_PIXEL = 256  # the cardinal spline of order 5 has 100
FEW_WEIGHTS, MOST_WEIGHTS = 2**22, 2**27  # 64 MiB, 2 GiB with their indices
MOST_TAPS = 2**22
MOST_PIXELS = 2**40  # of a result, 4 TiB in float32: over hundreds of devices an array may be that


def check_weights(call: Call, axis: int, spec: AxisSpec | TracedAxis | Overlaps) -> None:
    """Check that the weights of an axis are in proportion to its pixels, and few enough to keep."""
    if isinstance(spec, TracedAxis):
        check_taps(call, spec.kernel)
        return
    cells = isinstance(spec, Overlaps)
    taps = spec.taps if cells else _taps(spec.kernel, spec.kernel_scale)
    in_size, out_size = spec.in_size, spec.out_size
    most = min(max(FEW_WEIGHTS, WEIGHTS_PER_PIXEL * (in_size + out_size)), MOST_WEIGHTS)
    if taps * out_size > most:
        raise call.value_error(
            f"at most {most} weights along axis {axis}, for {in_size} pixels that become"
            f" {out_size}",
            f"{taps:.3g} for each output",
            "Use cells whose widths differ less, or fewer of them."
            if cells
            else f"Use a {call.option('scale')} nearer to the sizes' own, a"
            f" {call.option('method')} of a smaller radius, or a smaller {call.option('size')}.",
        )


def check_taps(call: Call, kernel: AnyKernel, axes: int = 1) -> None:
    """Check that an output reads few pixels along so many axes; a program reads them in turns."""
    taps = _taps(kernel, 1.0)
    if taps > MOST_TAPS ** (1 / axes):
        rule = f"a {call.option('method')} that reads at most {MOST_TAPS} pixels for an output"
        got = f"{taps:.3g} along {f'each of {axes} axes' if axes > 1 else 'an axis'}"
        raise call.value_error(rule, got, "Use a kernel of a smaller radius.")


def _taps(kernel: AnyKernel, kernel_scale: float) -> float:
    try:
        return kernel.taps(kernel_scale)
    except OverflowError:
        return math.inf


def check_output(
    call: Call, axes: tuple[int, ...], out_sizes: tuple[Any, ...], option: str
) -> None:
    """Check that a result larger than the array, of known sizes, fits into any machine's memory."""
    shape = list(call.shape)
    for axis, size in zip(axes, out_sizes, strict=True):
        shape[axis] = size
    if not all(isinstance(n, int) for n in (*shape, *call.shape)):
        return
    if math.prod(shape) > max(MOST_PIXELS, math.prod(call.shape)):
        name = call.option(option)
        rule = f"a {name} for a result of at most 2**40 numbers"
        advice = f"Pass a smaller {name}."
        raise call.value_error(rule, f"shape ({', '.join(map(shown, shape))})", advice)
