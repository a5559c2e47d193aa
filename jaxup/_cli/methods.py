"""The methods of `jaxup.upsample` for pictures, said again so that no word waits for JAX.

A test holds the table against the library's own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class MethodRule:
    """Which options have a meaning with a method.

    Args:
      antialias: whether it can average what a shrink leaves out.
      align_corners: whether it can map the corner pixels onto each other.
    """

    antialias: bool
    align_corners: bool


_PICKS = MethodRule(antialias=False, align_corners=False)
_INTERPOLATES = MethodRule(antialias=True, align_corners=True)

METHODS = {
    "nearest": _PICKS,
    "nearest-exact": _PICKS,
    "linear": _INTERPOLATES,
    "bilinear": _INTERPOLATES,
    "cubic": _INTERPOLATES,
    "bicubic": _INTERPOLATES,
    "area": _PICKS,
    "lanczos3": _INTERPOLATES,
}
