"""What PyTorch's ``interpolate`` accepts: one check per rule, in PyTorch's order."""

from __future__ import annotations

import dataclasses
import math
import sys
from typing import Any

import numpy as np

from jaxup._arguments.call import Call, quoted, shown
from jaxup._arguments.sizes import check_not_symbolic, check_output, check_static
from jaxup._arguments.torch_methods import METHODS

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_FLOATS_AND_BYTES = (*_FLOATS, "uint8")
_ANTIALIASED = ("float32", "float64", "uint8")


@dataclasses.dataclass(frozen=True)
class Mode:
    """What PyTorch accepts for a mode, and the method of `jaxup.upsample` that it stands for."""

    method: str
    ranks: tuple[int, ...]
    dtypes: tuple[str, ...] = _FLOATS
    antialiases: bool = False


MODES = {
    "nearest": Mode("nearest", (3, 4, 5), _FLOATS_AND_BYTES),
    "nearest-exact": Mode("nearest-exact", (3, 4, 5), _FLOATS_AND_BYTES),
    "linear": Mode("linear", (3,)),
    "bilinear": Mode("linear", (4,), _FLOATS_AND_BYTES, antialiases=True),
    "trilinear": Mode("linear", (5,)),
    "bicubic": Mode("cubic", (4,), _FLOATS_AND_BYTES, antialiases=True),
    "area": Mode("area", (3, 4, 5)),
    "lanczos": Mode("lanczos3", (4,), (), antialiases=True),
}


def check_all_static(call: Call, **options: Any) -> None:
    """TypeError for options, ValueError for spatial sizes unknown when the program is built."""
    check_not_symbolic(call, tuple(call.shape[2:]))
    for option, value in options.items():
        advice = f"Make {option} static (jax.jit(..., static_argnames={option!r}))."
        check_static(call, option, value, advice)


def check_align_corners_allowed(call: Call, mode: Any, align_corners: Any) -> None:
    """ValueError for align_corners, even False, with a mode that has no use for it."""
    if align_corners is None or not isinstance(mode, str):
        return
    if mode in MODES and not METHODS[MODES[mode].method].allows_align_corners:
        rule = "align_corners only with linear, bilinear, bicubic and trilinear"
        advice = "Leave it out (None); PyTorch refuses even False."
        raise call.value_error(
            rule, f"align_corners={quoted(align_corners)} with mode={mode!r}", advice
        )


def target(
    call: Call, size: Any, scale_factor: Any, recompute_scale_factor: Any, mode: Any
) -> tuple[tuple[int, ...], tuple[float, ...] | None]:
    """Return output sizes, and the scales that decide the coordinates (None if the sizes do)."""
    if (size is None) == (scale_factor is None):
        given = f"size={shown(size)} and scale_factor={shown(scale_factor)}"
        given = "neither" if size is None else given
        raise call.value_error("exactly one of size and scale_factor", given, "Pass one.")
    in_sizes = call.shape[2:]
    if size is not None:
        rule = "size to be an int or a tuple or list of ints"
        advice = "Pass whole pixels as size, or a factor as scale_factor."
        sizes = _one_per_axis(call, "size", size)
        sizes = tuple(call.integer(rule, n, advice) for n in sizes)
        if recompute_scale_factor is not None and (
            np.ndim(recompute_scale_factor) or recompute_scale_factor
        ):
            rule = "recompute_scale_factor only together with scale_factor"
            advice = "Drop recompute_scale_factor: a size already decides the coordinates."
            raise call.value_error(rule, f"size={shown(size)}", advice)
        return sizes, None
    scales = _one_per_axis(call, "scale_factor", scale_factor)
    for scale in scales:
        _check_scale(call, scale)
    if recompute_scale_factor or (
        isinstance(mode, str) and mode == "area"
    ):  # in the scale's own precision, as Python multiplies
        return tuple(int(n * s) for n, s in zip(in_sizes, scales, strict=True)), None
    scales = tuple(float(scale) for scale in scales)
    return tuple(int(float(n) * s) for n, s in zip(in_sizes, scales, strict=True)), scales


def _one_per_axis(call: Call, option: str, value: Any) -> tuple[Any, ...]:
    count = len(call.shape) - 2
    if not isinstance(value, list | tuple):
        return (value,) * count
    if len(value) != count:
        rule = f"one {option}, or {count} (one per axis after batch and channels)"
        advice = "Give every spatial axis its own, or one number for all."
        if len(value) > count:
            advice = "The order is (batch, channels, spatial axes): add what is missing."
        raise call.value_error(rule, f"{option}={value}", advice)
    return tuple(value)


def _check_scale(call: Call, scale: Any) -> None:
    if not isinstance(scale, int | float | np.integer | np.floating | np.bool_):
        rule = "scale_factor to be a number or a tuple or list of numbers"
        advice = "Pass floats; tuple(array.tolist()) makes them from an array."
        raise call.type_error(rule, f"{type(scale).__name__} {quoted(scale)}", advice)
    advice = "Check where the scale comes from."
    if not math.isfinite(call.as_float("scale_factor", scale, advice)):
        raise call.value_error("a finite scale_factor", f"scale_factor={scale}", advice)


def checked_mode(call: Call, mode: Any, align_corners: Any, antialias: bool) -> Mode:
    """Return the mode, if it exists and goes with the rank, align_corners and antialias."""
    rank = len(call.shape)
    known = isinstance(mode, str) and mode in MODES
    if antialias and not (known and MODES[mode].antialiases and rank == 4):
        expected = "antialias only with bilinear, bicubic and lanczos, and 4-D input"
        advice = "Drop antialias ('area' already averages); jaxup.upsample antialiases any rank."
        raise call.value_error(expected, f"mode={quoted(mode)} and {rank}-D input", advice)
    if not known:
        raise NotImplementedError(call.unknown_message("mode", mode, MODES))
    rule = MODES[mode]
    if rank not in rule.ranks:
        fitting = " or ".join(repr(name) for name, other in MODES.items() if rank in other.ranks)
        ranks = " or ".join(f"{n}-D" for n in rule.ranks)
        advice = (
            f"Use mode {fitting}, or add the missing axis."
            if fitting
            else "Add the missing axes, or use jaxup.upsample, which takes any rank."
        )
        rule_text = f"{ranks} input (batch, channels, spatial axes) for mode={mode!r}"
        raise NotImplementedError(call.message(rule_text, f"{rank}-D input", advice))
    if mode == "lanczos" and (align_corners or not antialias):
        raise call.value_error(
            "mode='lanczos' with antialias=True and without align_corners",
            f"antialias={antialias} and align_corners={align_corners!r}",
            "Set antialias=True and leave align_corners out; jaxup.upsample has no such limit.",
        )
    if not (align_corners is None or isinstance(align_corners, bool)):
        got = f"{type(align_corners).__name__} {quoted(align_corners)}"
        raise call.type_error("align_corners to be a bool", got, "Pass True or False.")
    return rule


def check_sizes(call: Call, out_sizes: tuple[int, ...], mode: str, option: str) -> None:
    """ValueError for axes without pixels; area may shrink to none, and do without channels."""
    area = mode == "area"
    _, channels, *in_sizes = call.shape
    if min(in_sizes) < 1 or (channels < 1 and not (area and len(in_sizes) < 3)):
        raise call.value_error(
            "channels and spatial axes of at least 1",
            f"mode={mode!r} and {channels} channels of size {tuple(in_sizes)}",
            "There is nothing to resample: check the input. Only the batch may be empty.",
        )
    if min(out_sizes) < (0 if area else 1) or max(out_sizes) > sys.maxsize:
        rule = f"a size or scale_factor for 1 to {sys.maxsize} pixels on every axis"
        advice = "Pass another one."
        got = f"the output size ({', '.join(map(shown, out_sizes))})"
        raise call.value_error(rule, got, advice)
    check_output(call, tuple(range(2, len(call.shape))), out_sizes, option)


def check_dtype(call: Call, dtype: Any, rule: Mode, antialias: bool, mode: str) -> None:
    """NotImplementedError for a dtype that PyTorch has no code for."""
    valid = _ANTIALIASED if antialias else rule.dtypes
    if dtype.name not in valid:
        rule_text = f"one of {', '.join(valid)} for mode={mode!r}" + " with antialias" * antialias
        advice = (
            "Convert the input to float32 and the result back; jaxup.upsample takes every floating"
            " dtype in every mode, and every integer in the nearest ones."
        )
        raise NotImplementedError(call.message(rule_text, f"dtype {dtype.name}", advice))
