"""Checks of the numbers that a kernel is made of."""

from __future__ import annotations

import math
import numbers


def check_real(function: str, option: str, value: object, advice: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        rule = f"expected {option} to be a real number, got {value!r}"
        raise TypeError(f"jaxup.kernels.{function}: {rule}. {advice}")
    return float(value)


def check_finite(function: str, option: str, value: object, advice: str) -> None:
    if not math.isfinite(check_real(function, option, value, advice)):
        rule = f"expected {option} to be finite, got {value!r}"
        raise ValueError(f"jaxup.kernels.{function}: {rule}. {advice}")


def check_above_0(function: str, option: str, value: object, advice: str) -> None:
    if not 0 < check_real(function, option, value, advice) < math.inf:
        finite = "finite " if value == math.inf else ""
        rule = f"expected a {finite}{option} above 0, got {value!r}"
        raise ValueError(f"jaxup.kernels.{function}: {rule}. {advice}")
