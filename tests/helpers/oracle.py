"""What every method must compute, as dense float64 matrices.

Written from the published rules (one loop over outputs, no use of jaxup), so that a mistake in the
package and one in here would have to agree to go unseen. Source of the rules: PyTorch 2.13's
``interpolate``, ``adaptive_avg_pool`` and antialiased resize; Keys 1981 for the cubic.
"""

import math
from typing import Literal

import numpy as np

ANTIALIASED_RADIUS = {"linear": 1, "cubic": 2, "lanczos3": 3}
PAD: dict[str, Literal["edge", "symmetric", "reflect", "wrap"]] = {
    "edge": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
    "wrap": "wrap",
}
"""numpy.pad's name of each boundary."""
FAMILY = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}


def triangle(d):
    return max(0.0, 1.0 - abs(d))


def keys(d, a):
    d = abs(d)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def lanczos3(d):
    if d == 0:
        return 1.0
    if abs(d) >= 3:
        return 0.0
    return 3 * math.sin(math.pi * d) * math.sin(math.pi * d / 3) / (math.pi * d) ** 2


def matrix(method, in_size, out_size, scale=None, *, align_corners=False, antialias=False):
    """The (out_size, in_size) matrix of one axis."""
    family = FAMILY.get(method, method)
    step = 1 / scale if scale else in_size / out_size
    if align_corners:
        step = (in_size - 1) / (out_size - 1) if out_size > 1 else 0.0
    dense = np.zeros((out_size, in_size))
    if in_size == out_size and (antialias or family in ("linear", "nearest", "area")):
        return np.eye(in_size)
    for i in range(out_size):
        if antialias:
            taps = _antialiased(family, i, step, in_size)
        elif family == "nearest":
            step32 = np.float32(0.5 if out_size == 2 * in_size else step)
            taps = [(min(int(np.floor(np.float32(i) * step32)), in_size - 1), 1.0)]
        elif family == "nearest-exact":
            place = (np.float32(i) + np.float32(0.5)) * np.float32(step)
            taps = [(min(int(np.floor(place)), in_size - 1), 1.0)]
        elif family == "area":
            first, end = i * in_size // out_size, -(-(i + 1) * in_size // out_size)
            taps = [(k, 1 / (end - first)) for k in range(first, end)]
        else:
            source = i * step if align_corners else (i + 0.5) * step - 0.5
            taps = _interpolated(family, source, in_size)
        for k, weight in taps:
            dense[i, k] += weight
    return dense


def _interpolated(family, source, in_size):
    last = in_size - 1
    if family == "linear":
        source = max(source, 0.0)
        k = min(math.floor(source), last)
        fraction = min(max(source - k, 0.0), 1.0)
        return [(k, 1 - fraction), (min(k + 1, last), fraction)]
    base = math.floor(source)
    if family == "cubic":
        return [
            (min(max(base + j, 0), last), keys(source - base - j, -0.75)) for j in (-1, 0, 1, 2)
        ]
    inside = [k for k in range(base - 2, base + 4) if 0 <= k <= last]
    return _normalized(inside, [lanczos3(k - source) for k in inside])


def _antialiased(family, i, step, in_size):
    stretch = max(step, 1.0)
    support = ANTIALIASED_RADIUS[family] * stretch
    centre = step * (i + 0.5)
    first = max(int(centre - support + 0.5), 0)
    end = min(int(centre + support + 0.5), in_size)
    weigh = {"linear": triangle, "cubic": lambda d: keys(d, -0.5), "lanczos3": lanczos3}[family]
    pixels = range(first, end)
    return _normalized(pixels, [weigh((k - centre + 0.5) / stretch) for k in pixels])


def _normalized(pixels, weights):
    total = sum(weights)
    return [(k, weight / total) for k, weight in zip(pixels, weights, strict=True)]


def along(x, axis, dense):
    """``dense`` applied along one axis."""
    return np.moveaxis(np.tensordot(dense, x, (1, axis)), 0, axis)


def upsample(x, method, axes, out_sizes, scales=None, **options):
    """The dense matrices applied one axis after the other, in float64 or complex128."""
    x = np.asarray(x, np.result_type(x, np.float64))
    for n, (axis, out_size) in enumerate(zip(axes, out_sizes, strict=True)):
        scale = scales[n] if scales else None
        x = along(x, axis, matrix(method, x.shape[axis], out_size, scale, **options))
    return x


def interpolated(x, coordinate, fn, radius, edges, fill=0.0, kernel_scale=1.0):
    """A row of samples read at any coordinates: the definition, one output at a time.

    The row is padded by 40 samples on each side.
    """
    n = len(x)
    if edges in PAD:
        padded = np.pad(np.float64(x), 40, mode=PAD[edges])
    else:
        padded = np.pad(np.float64(x), 40, constant_values=fill)
    reach = radius * kernel_scale
    y = []
    for c in coordinate:
        k = np.arange(np.floor(c - reach) + 1, np.floor(c + reach) + 1)
        w = fn((k - c) / kernel_scale)
        w = w / w.sum()
        if edges == "renormalize":
            w = w * ((k >= 0) & (k < n))
            w = w / w.sum()
        y.append(w @ padded[k.astype(int) + 40])
    return np.array(y)


def overlaps(before, after, period=None):
    """The (outputs, inputs) matrix of means over cells, from edges that may rise or fall.

    With a period, input cells lie once more a turn, and two, to either side.
    """
    dense = np.zeros((len(after) - 1, len(before) - 1))
    for i in range(len(after) - 1):
        low, high = sorted(after[i : i + 2])
        for k in range(len(before) - 1):
            for turn in (-2, -1, 0, 1, 2) if period else (0,):
                start, end = (edge + turn * (period or 0) for edge in sorted(before[k : k + 2]))
                dense[i, k] += max(0.0, min(end, high) - max(start, low)) / (high - low)
    return dense
