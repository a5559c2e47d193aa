"""Reshapes of one axis at a time: an array on an explicit mesh takes no reshape that does more."""

from __future__ import annotations

import math


def split(x, axis: int, sizes):
    """One axis as several."""
    return x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :])


def merge(x, axis: int, count: int = 2):
    """Several axes, from this one on, as one."""
    merged = math.prod(x.shape[axis : axis + count])
    return x.reshape(*x.shape[:axis], merged, *x.shape[axis + count :])
