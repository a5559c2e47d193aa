"""Keyword arguments that a function does not have, and its own names for what they mean.

A function takes them as ``**unknown``: 0.1 of the 7 µs that a small `jaxup.upsample` takes outside
jit. A wrapper around the function took 0.2 to 0.4.
"""

from __future__ import annotations

import difflib
import inspect
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Class = TypeVar("_Class", bound=type)

_MEANINGS = {
    "x": " (the array)",
    "table": " (the array)",
    "method": " (how to interpolate)",
    "scale": " (a factor, or one per spatial axis)",
    "factor": " (an int, or one per spatial axis)",
    "order": " (of the channels: 'torch' or 'tensorflow')",
    "size": " (in pixels, of the spatial axes alone)",
    "out_size": " (in pixels)",
    "new_grid": " (rows and columns)",
    "grid": " (rows and columns of the table as it is)",
    "patches": " ((row, column) of every token)",
    "axes": " (the spatial axes)",
    "data_format": " (where the channels are)",
    "coordinates": " (where to sample)",
    "boundary": " (what lies outside)",
    "fill_value": " (the number outside)",
    "translation": " (in output pixels)",
    "antialias": " (a bool)",
    "keep_aspect": " ('not_larger' or 'not_smaller')",
    "rounding": " (of nearest)",
    "box": " (a (low, high) pair per spatial axis, in pixels)",
    "where": " (a boolean array of the pixels that count)",
    "dtype": " (of the result)",
    "boxes": " (for each a (low, high) pair per spatial axis, in pixels)",
    "box_indices": " (the image of each box)",
    "prefix": " (how many rows come before the grid)",
}

# A function has one of these or several, which then share what the name means elsewhere.
_SIZES = ("size", "out_size", "new_grid")
_ELSEWHERE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("image", "images", "img", "input", "inputs", "array", "X"), ("x", "table")),
    **dict.fromkeys(("pos_embed", "posemb", "embedding"), ("table",)),
    **dict.fromkeys(("interpolation", "resample", "resampling", "order", "filter"), ("method",)),
    **dict.fromkeys(("interp", "interpolator", "interpolation_mode", "kernel"), ("method",)),
    "mode": ("method", "boundary", "order"),
    **dict.fromkeys(("scale_factor", "scale_factors", "scales", "zoom"), ("scale", "factor")),
    **dict.fromkeys(("upscale_factor", "downscale_factor", "block_size"), ("scale", "factor")),
    **dict.fromkeys(("scale", "factor"), ("scale", "factor")),
    **dict.fromkeys(("shape", "output_shape", "out_shape", "new_shape", "target_shape"), _SIZES),
    **dict.fromkeys(("size", "output_size", "out_size", "new_size", "target_size"), _SIZES),
    **dict.fromkeys(("dsize", "sizes", "image_size", "crop_size"), _SIZES),
    "old_size": ("grid",),
    "num_prefix_tokens": ("prefix",),
    **dict.fromkeys(("axis", "dim", "dims", "spatial_dims", "spatial_axes"), ("axes",)),
    **dict.fromkeys(("layout", "channels_last", "channels_first"), ("data_format",)),
    **dict.fromkeys(("channel_axis", "multichannel", "input_data_format"), ("data_format",)),
    **dict.fromkeys(("half_pixel_centers", "align_corners"), ("coordinates",)),
    "coordinate_transformation_mode": ("coordinates",),
    **dict.fromkeys(("grid", "points", "coords"), ("coordinates", "patches")),
    "patch_coord": ("patches",),
    "spatial_shapes": ("new_grid",),
    **dict.fromkeys(("padding_mode", "border_mode", "borderMode"), ("boundary",)),
    **dict.fromkeys(("cval", "constant_values", "extrapolation_value"), ("fill_value",)),
    **dict.fromkeys(("shift", "offset", "translate"), ("translation",)),
    **dict.fromkeys(("anti_aliasing", "anti_alias", "antialiasing"), ("antialias",)),
    "preserve_aspect_ratio": ("keep_aspect",),
    "keep_aspect_ratio_policy": ("keep_aspect",),
    "nearest_mode": ("rounding",),
    **dict.fromkeys(("crop", "rois", "bboxes"), ("box", "boxes")),
    **dict.fromkeys(("box_ind", "batch_indices"), ("box_indices",)),
    **dict.fromkeys(("mask", "valid", "skipna"), ("where",)),
    **dict.fromkeys(("out_dtype", "output_dtype", "preserve_range"), ("dtype",)),
}


def named(function: _Function) -> _Function:
    """Leave ``**unknown`` out of the signature that `inspect.signature` and help show."""
    signature = inspect.signature(function)
    known = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    vars(function)["__signature__"] = signature.replace(parameters=known)
    return function


def unknown_keyword(function: Callable[..., Any], unknown: Mapping[str, object]) -> TypeError:
    """Return the error for keyword arguments that a `named` function of jaxup does not have."""
    parameters = list(inspect.signature(function).parameters)
    return TypeError(_message(f"jaxup.{function.__name__}", parameters, unknown))


def refuses_unknown(layer: _Class) -> _Class:
    """Let the making of a layer say what `unknown_keyword` says.

    Frameworks read the signature of ``__init__`` and call it in their own ways, but ``__new__``
    first, with all arguments. A subclass with its own ``__init__`` is left alone.
    """
    construct: Any = layer.__init__
    create: Any = layer.__new__
    parameters = list(inspect.signature(construct).parameters)[1:]
    name = f"{layer.__module__}.{layer.__name__}"

    def __new__(cls: Any, *arguments: Any, **options: Any) -> Any:
        unknown = {key: value for key, value in options.items() if key not in parameters}
        if unknown and cls.__init__ is construct:
            raise TypeError(_message(name, parameters, unknown))
        return create(cls) if create is object.__new__ else create(cls, *arguments, **options)

    vars(__new__)["__signature__"] = inspect.signature(construct)  # a class shows that of __new__
    layer.__new__ = __new__
    return layer


def _message(name: str, parameters: Iterable[str], unknown: Mapping[str, object]) -> str:
    got = ", ".join(f"{key}={reprlib.repr(value)}" for key, value in unknown.items())
    advice = " ".join(_advice(key, list(parameters)) for key in unknown)
    return f"{name}: expected arguments by their names in jaxup, got {got}. {advice}"


def _advice(key: str, parameters: list[str]) -> str:
    meant = [name for name in _ELSEWHERE.get(key, ()) if name in parameters]
    meant = meant or difflib.get_close_matches(key.lower(), parameters, 1)
    if not meant:
        return f"The arguments are {', '.join(parameters)}."
    written = " or ".join(f"{name}={_MEANINGS.get(name, '')}" for name in meant)
    return f"For {key}= write {written}."
