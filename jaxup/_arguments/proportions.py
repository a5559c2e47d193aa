"""What a call may ask for: weights and taps in proportion to its arrays, or refused."""

from __future__ import annotations

import math
from collections.abc import Mapping

from jaxup._arguments.call import Call
from jaxup._recipe.axis import AxisSpec, TracedAxis
from jaxup._recipe.overlaps import Overlaps
from jaxup.kernels import AnyKernel

WEIGHTS_PER_PIXEL = 256  # the cardinal spline of order 5 has 100
FEW_WEIGHTS, MOST_WEIGHTS = 2**22, 2**27  # 64 MiB, 2 GiB with their indices
MOST_TAPS = 2**22


def check_weights(call: Call, specs: Mapping[int, AxisSpec | TracedAxis | Overlaps]) -> None:
    """Check that the weights of axes are in proportion to their pixels, and few enough to keep."""
    for axis, spec in specs.items():
        if isinstance(spec, TracedAxis):
            check_taps(call, spec.kernel)
            continue
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
                f" {call.option('method')} of a smaller radius, or a smaller"
                f" {call.option('size')}.",
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
