"""What PyTorch's ``interpolate`` accepts: one check per rule, in PyTorch's order."""

from __future__ import annotations

import dataclasses
import math
import operator
import sys
from typing import Any

import numpy as np
from jax.core import Tracer

from jaxup._errors import message, unknown_name

FUNCTION = "jaxup.compat.torch.interpolate"

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_FLOATS_AND_BYTES = (*_FLOATS, "uint8")
_ANTIALIASED = ("float32", "float64", "uint8")


@dataclasses.dataclass(frozen=True)
class Mode:
    """What PyTorch accepts for a mode, and the method of `jaxup.upsample` that it stands for."""

    method: str
    ranks: tuple[int, ...]
    dtypes: tuple[str, ...] = _FLOATS
    antialiased_dtypes: tuple[str, ...] = ()
    aligns_corners: bool = True


MODES = {
    "nearest": Mode("nearest", (3, 4, 5), _FLOATS_AND_BYTES, aligns_corners=False),
    "nearest-exact": Mode("nearest-exact", (3, 4, 5), _FLOATS_AND_BYTES, aligns_corners=False),
    "linear": Mode("linear", (3,)),
    "bilinear": Mode("linear", (4,), _FLOATS_AND_BYTES, _ANTIALIASED),
    "trilinear": Mode("linear", (5,)),
    "bicubic": Mode("cubic", (4,), _FLOATS_AND_BYTES, _ANTIALIASED),
    "area": Mode("area", (3, 4, 5), aligns_corners=False),
    "lanczos": Mode("lanczos3", (4,), (), _ANTIALIASED),
}


def check_static(shape, **options) -> None:
    """TypeError for options, ValueError for spatial sizes unknown when the program is built."""
    if not all(isinstance(size, int) for size in shape[2:]):
        raise ValueError(
            message(
                FUNCTION,
                "spatial sizes that are known when the program is built",
                f"the symbolic sizes {tuple(shape[2:])}",
                shape,
                "Only batch and channels may be symbolic here; jaxup.upsample takes more.",
            )
        )
    for option, value in options.items():
        for entry in value if isinstance(value, list | tuple) else (value,):
            if isinstance(entry, Tracer):
                raise TypeError(
                    message(
                        FUNCTION,
                        f"{option} to be known when the program is built",
                        f"the traced value {entry}",
                        shape,
                        f"Make {option} static (jax.jit(..., static_argnames={option!r})).",
                    )
                )


def check_align_corners_allowed(mode, align_corners, shape) -> None:
    """ValueError for align_corners, even False, with a mode that has no use for it."""
    if align_corners is None or not isinstance(mode, str):
        return
    if mode in MODES and not MODES[mode].aligns_corners:
        raise ValueError(
            message(
                FUNCTION,
                "align_corners only with linear, bilinear, bicubic and trilinear",
                f"align_corners={align_corners!r} with mode={mode!r}",
                shape,
                "Leave it out (None); PyTorch refuses even False.",
            )
        )


def target(shape, size, scale_factor, recompute: bool):
    """Output sizes, and the scales that decide the coordinates (None where the sizes do)."""
    if (size is None) == (scale_factor is None):
        given = "neither" if size is None else f"size={size} and scale_factor={scale_factor}"
        raise ValueError(
            message(FUNCTION, "exactly one of size and scale_factor", given, shape, "Pass one.")
        )
    if size is not None:
        sizes = _one_per_axis("size", size, shape)
        return tuple(_whole_pixels(entry, shape) for entry in sizes), None
    scales = _one_per_axis("scale_factor", scale_factor, shape)
    for scale in scales:
        _check_scale(scale, shape)
    if recompute:  # in the scale's own precision, as Python multiplies
        return tuple(int(n * s) for n, s in zip(shape[2:], scales, strict=True)), None
    scales = tuple(float(scale) for scale in scales)
    return tuple(int(float(n) * s) for n, s in zip(shape[2:], scales, strict=True)), scales


def _one_per_axis(option, value, shape) -> tuple[Any, ...]:
    count = len(shape) - 2
    if not isinstance(value, list | tuple):
        return (value,) * count
    if len(value) != count:
        raise ValueError(
            message(
                FUNCTION,
                f"one {option}, or {count} (one per axis after batch and channels)",
                f"{option}={value}",
                shape,
                "Give every spatial axis its own, or one number for all.",
            )
        )
    return tuple(value)


def _whole_pixels(size, shape) -> int:
    try:
        if isinstance(size, bool):
            raise TypeError
        return operator.index(size)
    except TypeError:
        raise TypeError(
            message(
                FUNCTION,
                "size to be an int or a tuple or list of ints",
                f"{type(size).__name__} {size!r}",
                shape,
                "Pass whole pixels as size, or a factor as scale_factor.",
            )
        ) from None


def _check_scale(scale, shape) -> None:
    if not isinstance(scale, int | float | np.integer | np.floating | np.bool_):
        raise TypeError(
            message(
                FUNCTION,
                "scale_factor to be a number or a tuple or list of numbers",
                f"{type(scale).__name__} {scale!r}",
                shape,
                "Pass floats; tuple(array.tolist()) makes them from an array.",
            )
        )
    if not math.isfinite(scale):
        raise ValueError(
            message(
                FUNCTION,
                "a finite scale_factor",
                f"scale_factor={scale}",
                shape,
                "Check where the scale comes from.",
            )
        )


def check_recompute(recompute_scale_factor, size, shape) -> None:
    """ValueError for recompute_scale_factor where no scale was given."""
    if recompute_scale_factor and size is not None:
        raise ValueError(
            message(
                FUNCTION,
                "recompute_scale_factor only together with scale_factor",
                f"size={size}",
                shape,
                "Drop recompute_scale_factor: a size already decides the coordinates.",
            )
        )


def checked_mode(mode, align_corners, antialias: bool, shape) -> Mode:
    """The mode, if it exists and goes with the rank, align_corners and antialias."""
    rank = len(shape)
    known = isinstance(mode, str) and mode in MODES
    if antialias and not (known and MODES[mode].antialiased_dtypes and rank == 4):
        raise ValueError(
            message(
                FUNCTION,
                "antialias only with bilinear, bicubic and lanczos, and 4-D input",
                f"mode={mode!r} and {rank}-D input",
                shape,
                "Drop antialias ('area' already averages); jaxup.upsample antialiases any rank.",
            )
        )
    if not known:
        raise NotImplementedError(unknown_name(FUNCTION, "mode", mode, MODES, shape))
    rule = MODES[mode]
    if rank not in rule.ranks:
        fitting = [name for name, other in MODES.items() if rank in other.ranks]
        raise NotImplementedError(
            message(
                FUNCTION,
                f"{' or '.join(f'{n}-D' for n in rule.ranks)} input (batch, channels, spatial"
                f" axes) for mode={mode!r}",
                f"{rank}-D input",
                shape,
                f"Use mode {' or '.join(map(repr, fitting))}, or add the missing axis."
                if fitting
                else "Add the missing axes, or use jaxup.upsample, which takes any rank.",
            )
        )
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError(
            message(
                FUNCTION,
                "mode='lanczos' with antialias=True and without align_corners",
                f"antialias={antialias} and align_corners={align_corners!r}",
                shape,
                "Set antialias=True and leave align_corners out; jaxup.upsample has no such limit.",
            )
        )
    if not (align_corners is None or isinstance(align_corners, bool)):
        raise TypeError(
            message(
                FUNCTION,
                "align_corners to be a bool",
                f"{type(align_corners).__name__} {align_corners!r}",
                shape,
                "Pass True or False.",
            )
        )
    return rule


def check_sizes(shape, out_sizes, mode) -> None:
    """ValueError for axes without pixels; area may shrink to none, and do without channels."""
    area = mode == "area"
    if min(shape[2:]) < 1 or (shape[1] < 1 and not (area and len(shape) < 5)):
        raise ValueError(
            message(
                FUNCTION,
                "channels and spatial axes of at least 1",
                f"mode={mode!r} and {shape[1]} channels of size {tuple(shape[2:])}",
                shape,
                "There is nothing to resample: check the input. Only the batch may be empty.",
            )
        )
    if min(out_sizes) < (0 if area else 1) or max(out_sizes) > sys.maxsize:
        raise ValueError(
            message(
                FUNCTION,
                f"an output of 1 to {sys.maxsize} pixels on every axis",
                f"the output size {out_sizes}",
                shape,
                "Pass another size or scale_factor.",
            )
        )


def check_dtype(dtype, rule: Mode, antialias: bool, mode, shape) -> None:
    """NotImplementedError for a dtype that PyTorch has no code for."""
    valid = rule.antialiased_dtypes if antialias else rule.dtypes
    if dtype.name not in valid:
        raise NotImplementedError(
            message(
                FUNCTION,
                f"one of {', '.join(valid)} for mode={mode!r}" + " with antialias" * antialias,
                f"dtype {dtype.name}",
                shape,
                "Convert the input to float32 and the result back; jaxup.upsample takes every"
                " floating dtype in every mode, and every integer in the nearest ones.",
            )
        )
