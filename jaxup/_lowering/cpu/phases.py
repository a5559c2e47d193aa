"""Which axes a CPU computes in phases (`jaxup._lowering.polyphase`), and not by a gather.

A gather reads one number per index in a narrow axis; phases read slices. But phases take longer

* if the axis is wide, or has many taps, and is more than one sum of slices: bspline3 x2 of
  1x3x256x256 takes 2.5 times as long by phases, in one process;
* if few elements break into many runs, each of which is loops of its own: the transpose of linear
  x1.685 of 8x96x4 takes 4 times as long by phases, 91 random cells along one axis twice as long in
  the geometric mean;
* if there are many phases in pixels of several elements: cubic x1.25, in five, takes twice a
  gather's time.
"""

from __future__ import annotations

from jaxup._lowering import gather, polyphase
from jaxup._lowering.plan import is_wide
from jaxup._recipe.banded import Banded

MAX_PHASES = 4  # of pixels of several elements
SEGMENTS = 5  # of rows in phases: a run, and two at each border
MIN_SEGMENT = 2**12  # elements written, for each further segment


def fit(operator: Banded, inside: float, read: float) -> bool:
    """Return whether phases fit an axis, and take no longer than a gather.

    Args:
      inside: elements side by side inside the axis.
      read: elements of the array.
    """
    if not polyphase.fits(operator):
        return False
    if is_wide(inside) or operator.taps > gather.UNROLLED_TAPS:
        return polyphase.slices(operator)
    written = read / operator.in_size * operator.out_size
    if written < MIN_SEGMENT * (polyphase.segments(operator) - SEGMENTS):
        return False
    return inside <= 1 or polyphase.phases(operator) <= MAX_PHASES
