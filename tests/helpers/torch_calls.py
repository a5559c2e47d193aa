"""Calls of PyTorch's ``interpolate`` that it refuses, and unusual ones that it takes."""

import dataclasses
from typing import Any

import numpy as np

# The numbers of spatial axes that each mode takes.
RANKS = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "trilinear": (3,),
    "bicubic": (2,),
    "area": (1, 2, 3),
    "lanczos": (2,),
}


@dataclasses.dataclass(frozen=True)
class Refused:
    """A call, and the class of error: ValueError stands for PyTorch's RuntimeError too."""

    id: str
    error: type[Exception]
    options: dict[str, Any]
    shape: tuple[int, ...] = (1, 3, 5, 6)
    dtype: str = "float32"


def _refused():
    for mode in ("nearest", "nearest-exact", "area"):
        for value in (True, False):
            options = {"size": 3, "mode": mode, "align_corners": value}
            yield Refused(f"{mode}-align_corners_{value}", ValueError, options)
    yield Refused("both", ValueError, {"size": 3, "scale_factor": 2})
    yield Refused("neither", ValueError, {})
    for mode, shape in (
        ("nearest", (1, 3, 5, 6)),
        ("linear", (1, 3, 5)),
        ("bilinear", (1, 3, 5, 6)),
    ):
        for length in (0, 4):
            options = {"size": (3,) * length, "mode": mode}
            yield Refused(f"{mode}-{length}_sizes", ValueError, options, shape)
            options = {"scale_factor": (2.0,) * length, "mode": mode}
            yield Refused(f"{mode}-{length}_scales", ValueError, options, shape)
    for value in (3.0, True, "3", np.array([3, 4]), np.float32(3), np.bool_(True), range(3, 5)):
        yield Refused(f"size_{value!r}", TypeError, {"size": value})
    for value in ((3.0, 4), ("3", 4), (None, 4), (True, 4)):
        yield Refused(f"size_{value!r}", TypeError, {"size": value})
    for value in (np.array([2.0, 2.0]), np.array(2.0), "2", 2 + 0j, range(2, 4)):
        yield Refused(f"scale_{value!r}", TypeError, {"scale_factor": value})
    for value in ((None, 2), ("2", 2), (np.array(2.0), 2)):
        yield Refused(f"scale_{value!r}", TypeError, {"scale_factor": value})
    for value in (True, 1, "yes"):
        options = {"size": 3, "recompute_scale_factor": value}
        yield Refused(f"recompute_{value}-size", ValueError, options)
    for mode, shape in (
        ("nearest", (1, 3, 5, 6)),
        ("area", (1, 3, 5, 6)),
        ("linear", (1, 3, 5)),
        ("trilinear", (1, 3, 4, 5, 6)),
        ("bilinear", (3, 5, 6)),
        ("bicubic", (1, 3, 4, 5, 6)),
        ("sinc", (1, 3, 5, 6)),
    ):
        options = {"size": 3, "mode": mode, "antialias": True}
        yield Refused(f"{mode}-antialias-{len(shape)}d", ValueError, options, shape)
    yield Refused("lanczos", ValueError, {"size": 3, "mode": "lanczos"})
    for value in (True, 1):
        options = {"size": 3, "mode": "lanczos", "antialias": True, "align_corners": value}
        yield Refused(f"lanczos-align_corners_{value}", ValueError, options)
    shapes = ((6,), (5, 6), (3, 5, 6), (1, 3, 5, 6), (1, 3, 4, 5, 6), (1, 1, 3, 4, 5, 6))
    ranks = {"linear": (3,), "bilinear": (4,), "trilinear": (5,), "bicubic": (4,), "lanczos": (4,)}
    for mode in ("nearest", "nearest-exact", "area", *ranks):
        for shape in shapes:
            if len(shape) not in ranks.get(mode, (3, 4, 5)):
                options = {"size": 3, "mode": mode}
                yield Refused(f"{mode}-{len(shape)}d", NotImplementedError, options, shape)
    for mode in ("bilinaer", "lanczos3", "cubic", "", None, 3, ["nearest"]):
        yield Refused(f"mode_{mode}", NotImplementedError, {"size": 3, "mode": mode})
    for value in (1, 0, "no", np.bool_(True)):
        options = {"size": 3, "mode": "bilinear", "align_corners": value}
        yield Refused(f"align_corners_{value!r}", TypeError, options)
    for mode, shape in (
        ("nearest", (1, 3, 5)),
        ("nearest-exact", (1, 3, 5, 6)),
        ("bilinear", (1, 3, 5, 6)),
        ("bicubic", (1, 3, 5, 6)),
        ("trilinear", (1, 3, 4, 5, 6)),
    ):
        for value in (0, -1):
            yield Refused(f"{mode}-size_{value}", ValueError, {"size": value, "mode": mode}, shape)
        for value in (0.0, -0.0, -1.0, -0.1, 0.01, float("nan"), float("inf"), 1e30):
            options = {"scale_factor": value, "mode": mode}
            yield Refused(f"{mode}-scale_{value}", ValueError, options, shape)
        no_channels, no_pixels = (1, 0, *shape[2:]), (1, 3, 0, *shape[3:])
        yield Refused(f"{mode}-no_channels", ValueError, {"size": 3, "mode": mode}, no_channels)
        yield Refused(f"{mode}-no_pixels", ValueError, {"size": 3, "mode": mode}, no_pixels)
    yield Refused("area-size_-1", ValueError, {"size": -1, "mode": "area"})
    yield Refused("area-scale_-1", ValueError, {"scale_factor": -1.0, "mode": "area"})
    yield Refused("area-scale_nan", ValueError, {"scale_factor": float("nan"), "mode": "area"})
    for shape in ((1, 3, 0), (1, 3, 0, 6), (0, 3, 0, 6), (1, 0, 4, 5, 6)):
        yield Refused(f"area-{shape}", ValueError, {"size": 3, "mode": "area"}, shape)
    for mode in ("bilinear", "bicubic", "lanczos"):
        options = {"size": 3, "mode": mode, "antialias": True}
        yield Refused(f"{mode}-antialias-no_channels", ValueError, options, (1, 0, 5, 6))
        for dtype in ("float16", "bfloat16", "int32", "bool", "complex64"):
            name = f"{mode}-antialias-{dtype}"
            yield Refused(name, NotImplementedError, options, dtype=dtype)
    for mode, shape in (
        ("nearest", (1, 3, 5)),
        ("nearest-exact", (1, 3, 4, 5, 6)),
        ("linear", (1, 3, 5)),
        ("bilinear", (1, 3, 5, 6)),
        ("bicubic", (1, 3, 5, 6)),
        ("trilinear", (1, 3, 4, 5, 6)),
        ("area", (1, 3, 5, 6)),
    ):
        dtypes = ["int8", "int16", "int32", "uint16", "bool", "complex64"]
        if mode in ("linear", "trilinear", "area"):
            dtypes.append("uint8")
        for dtype in dtypes:
            options = {"size": 3, "mode": mode}
            yield Refused(f"{mode}-{dtype}", NotImplementedError, options, shape, dtype)


REFUSED = tuple(_refused())

ACCEPTED = {
    # id: (shape, options)
    "list_of_sizes": ((1, 3, 5, 6), {"size": [3, 4]}),
    "one_size_for_three_axes": ((1, 3, 4, 5, 6), {"size": 3}),
    "tuple_of_one": ((1, 3, 5), {"size": (7,), "mode": "linear"}),
    "numpy_size": ((1, 3, 5, 6), {"size": np.int64(3), "mode": "bilinear"}),
    "numpy_sizes": ((1, 3, 5, 6), {"size": (np.int32(3), 4), "mode": "bicubic"}),
    "size_in_an_array": ((1, 3, 5, 6), {"size": np.array(3)}),
    "int_scale": ((1, 3, 5, 6), {"scale_factor": 2, "mode": "bicubic"}),
    "list_of_scales": ((1, 3, 5, 6), {"scale_factor": [2, 1.5], "mode": "bilinear"}),
    "tuple_of_one_scale": ((1, 3, 5), {"scale_factor": (1.7,), "mode": "linear"}),
    "numpy_scale": ((1, 3, 5, 6), {"scale_factor": np.float32(1.7), "mode": "bilinear"}),
    "numpy_scales": ((1, 3, 5, 6), {"scale_factor": (np.float64(1.7), np.int64(2))}),
    "bool_scale": ((1, 3, 5, 6), {"scale_factor": True, "mode": "bicubic"}),
    "truncated_size": ((1, 1, 100), {"scale_factor": 0.29, "mode": "linear"}),
    "float32_scale_recomputed": (
        (1, 1, 100),
        {"scale_factor": np.float32(0.29), "recompute_scale_factor": True, "mode": "linear"},
    ),
    "truthy_recompute": (
        (1, 3, 5, 6),
        {"scale_factor": 1.7, "recompute_scale_factor": 1, "mode": "bilinear"},
    ),
    "recompute_false_with_size": ((1, 3, 5, 6), {"size": 3, "recompute_scale_factor": False}),
    "truthy_antialias": ((1, 3, 5, 6), {"size": 3, "mode": "bilinear", "antialias": 1}),
    "antialias_none": ((1, 3, 5, 6), {"size": 3, "mode": "bilinear", "antialias": None}),
    "lanczos_align_corners_false": (
        (1, 3, 5, 6),
        {"size": 4, "mode": "lanczos", "antialias": True, "align_corners": False},
    ),
    "empty_batch": ((0, 3, 5, 6), {"size": 3, "mode": "bicubic"}),
    "empty_batch_antialias": ((0, 3, 5, 6), {"size": 3, "mode": "lanczos", "antialias": True}),
    "empty_batch_area": ((0, 3, 4, 5, 6), {"size": 3, "mode": "area"}),
    "area_to_nothing": ((1, 3, 5, 6), {"size": (3, 0), "mode": "area"}),
    "area_scale_to_nothing": ((1, 3, 5, 6), {"scale_factor": -0.1, "mode": "area"}),
    "area_without_channels": ((1, 0, 5, 6), {"size": 3, "mode": "area"}),
}
"""What looks wrong, and is right."""
