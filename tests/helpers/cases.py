"""The one table of cases, and the numbers that they share."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike

import jaxup


@dataclasses.dataclass(frozen=True)
class Case:
    """One call of `jaxup.upsample` on a channels-last array."""

    method: Any
    shape: tuple[int, ...]
    scale: float | tuple[float, ...] | None = None
    size: int | tuple[int, ...] | None = None
    align_corners: bool = False
    antialias: bool = False

    @property
    def id(self):
        written = [self.method, "x".join(map(str, self.shape))]
        for option in ("scale", "size"):
            value = getattr(self, option)
            if value is not None:
                value = value if isinstance(value, tuple) else (value,)
                written.append(option + "_".join(f"{v:g}" for v in value))
        written += [o for o in ("align_corners", "antialias") if getattr(self, o)]
        return "-".join(written)

    @property
    def axes(self):
        return tuple(range(1, len(self.shape) - 1))

    @property
    def options(self) -> dict[str, Any]:
        return {"align_corners": self.align_corners, "antialias": self.antialias}

    @property
    def scales(self):
        if self.scale is None:
            return None
        return self.scale if isinstance(self.scale, tuple) else (self.scale,) * len(self.axes)

    @property
    def out_sizes(self):
        if self.scales:
            return tuple(
                int(self.shape[a] * s) for a, s in zip(self.axes, self.scales, strict=True)
            )
        return self.size if isinstance(self.size, tuple) else (self.size,) * len(self.axes)

    def run(self, x):
        axes = self.axes if len(self.shape) == 3 else None  # a picture, if nothing said signals
        return jaxup.upsample(x, self.scale, self.method, size=self.size, axes=axes, **self.options)


def numbers(shape, dtype: DTypeLike = np.float32, seed=0) -> np.ndarray:
    """Numbers in [0, 1) that look random and are the same everywhere (exact in float32)."""
    k = np.arange(seed, seed + math.prod(shape), dtype=np.uint64)
    k = (k * np.uint64(2654435761) ^ (k >> np.uint64(3)) * np.uint64(40503)) % np.uint64(2**32)
    k = (k * np.uint64(2246822519) >> np.uint64(13)) % np.uint64(2**16)
    return (k.astype(np.float64) / 2**16).reshape(shape).astype(dtype)


def parametrized(cases):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases])


LINEAR = ("linear", "bilinear", "trilinear")
CUBIC = ("cubic", "bicubic")
RANK = {"bilinear": 2, "bicubic": 2, "trilinear": 3}

CASES = (
    # each method at each rank it has: an integer factor, an awkward one, per axis, a shrink
    Case("nearest", (2, 7, 3), scale=2),
    Case("nearest", (2, 5, 7, 3), scale=(3, 2)),
    Case("nearest", (2, 5, 7, 3), scale=1.7),
    Case("nearest", (1, 3, 4, 5, 2), size=(4, 3, 7)),
    Case("nearest-exact", (2, 7, 3), scale=2),
    Case("nearest-exact", (2, 5, 7, 3), size=(3, 16)),
    Case("nearest-exact", (1, 3, 4, 5, 2), scale=2.3),
    Case("linear", (2, 7, 3), scale=2),
    Case("linear", (2, 7, 3), size=1),
    Case("linear", (2, 1, 3), size=5),
    Case("linear", (3, 300, 1), size=411),
    Case("linear", (2, 7, 3), size=11, align_corners=True),
    Case("linear", (2, 5, 4, 3, 2), scale=(2, 1.5, 0.7)),
    Case("bilinear", (2, 5, 7, 3), scale=2),
    Case("bilinear", (2, 5, 7, 3), scale=(2.6, 0.5)),
    Case("bilinear", (2, 5, 7, 3), size=(5, 9)),
    Case("bilinear", (2, 5, 7, 3), size=(10, 1), align_corners=True),
    Case("bilinear", (2, 5, 7, 3), scale=1.7, align_corners=True),
    Case("bilinear", (2, 5, 7, 3), scale=1.1, align_corners=False),
    Case("bilinear", (2, 9, 12, 3), size=(4, 5), antialias=True),
    Case("bilinear", (2, 9, 12, 3), scale=(0.4, 1.6), antialias=True),
    Case("bilinear", (1, 200, 3, 1), size=(17, 5), antialias=True),
    Case("bilinear", (2, 9, 12, 3), size=(4, 15), antialias=True, align_corners=True),
    Case("trilinear", (1, 4, 3, 5, 2), scale=2),
    Case("trilinear", (1, 4, 3, 5, 2), size=(3, 7, 5)),
    Case("trilinear", (1, 4, 3, 5, 2), size=(7, 1, 4), align_corners=True),
    Case("cubic", (2, 7, 3), scale=2),
    Case("cubic", (2, 7, 3), scale=2.37),
    Case("cubic", (2, 5, 7, 3), scale=(1.7, 2)),
    Case("cubic", (2, 3, 4, 3, 2), scale=(2, 1.4, 0.8)),
    Case("cubic", (2, 1, 3), size=4),
    Case("cubic", (2, 9, 3), size=4, antialias=True),
    Case("bicubic", (2, 5, 7, 3), scale=2),
    Case("bicubic", (2, 5, 7, 3), scale=(2.6, 0.5)),
    Case("bicubic", (2, 5, 7, 3), size=(8, 5), align_corners=True),
    Case("bicubic", (2, 5, 7, 3), scale=1.1),
    Case("bicubic", (2, 9, 12, 3), size=(4, 5), antialias=True),
    Case("bicubic", (2, 9, 12, 3), size=(12, 30), antialias=True),
    Case("bicubic", (1, 150, 2, 1), size=(211, 3)),
    Case("area", (2, 7, 3), size=3),
    Case("area", (2, 5, 7, 3), scale=2),
    Case("area", (2, 8, 12, 3), scale=0.5),
    Case("area", (1, 7, 4, 5, 2), size=(3, 4, 9)),
    Case("lanczos3", (2, 9, 3), scale=2),
    Case("lanczos3", (2, 9, 12, 3), size=(4, 15), antialias=True),
    Case("lanczos3", (2, 9, 12, 3), scale=(2, 1.3), align_corners=True),
)
"""Every method at every rank: integer, awkward and per-axis factors, shrinks, sizes of 1."""
