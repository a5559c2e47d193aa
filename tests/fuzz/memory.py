"""Large calls, compiled and not run: what they hold at most."""

from __future__ import annotations

import dataclasses
import functools
import math
import tracemalloc
from typing import Any

import jax
import jax.numpy as jnp
from hypothesis import strategies as st

from tests.fuzz.drawn import Draw, Numbers, Points

ALWAYS = 64 * 2**20  # bytes
SHAPES = (
    *(
        (1, 1024, 1024, 3),
        (1, 3, 1024, 1024),
        (8, 128, 128, 64),
        (8, 64, 128, 128),
        (64, 64, 64, 64),
    ),
    *(
        (2, 96, 96, 96, 4),
        (1, 4096, 513, 1),
        (1, 7, 50_021, 8),
        (3, 1, 300_000, 1),
        (16, 8, 2, 4096),
    ),
)
FLOATS = ("float32", "float32", "bfloat16", "float16", "complex64")


@dataclasses.dataclass(frozen=True)
class Large:
    """A call, and whether it or its gradient is compiled."""

    draw: Draw
    direction: str

    def __str__(self) -> str:
        return f"{self.draw}, {self.direction}"


@st.composite
def large_calls(draw: Any) -> Large:
    shape = draw(st.sampled_from(SHAPES))
    rank = len(shape)
    first = draw(st.integers(0, rank - 2))
    count = draw(st.integers(1, min(2, rank - 1 - first)))
    axes = tuple(range(first, first + count))
    scale = draw(st.sampled_from([2, 1.5, 0.5, 3, 0.3, 1.1]))
    out = tuple(max(1, int(shape[axis] * scale)) for axis in axes)
    while math.prod(out) * math.prod(n for a, n in enumerate(shape) if a not in axes) > 2**26:
        out = tuple(max(1, n // 2) for n in out)
    function = draw(st.sampled_from(["upsample", "upsample", "resize", "moved", "sample", "torch"]))
    method = draw(st.sampled_from(["nearest", "linear", "cubic", "lanczos3"]))
    antialias = method != "nearest" and draw(st.booleans())
    options: dict[str, Any] = {"size": out, "method": method, "axes": axes, "antialias": antialias}
    name = "jaxup.upsample"
    if function == "resize":
        name = "jaxup.resize"
        options["boundary"] = draw(st.sampled_from(["renormalize", "edge", "mirror"]))
    elif function == "moved":
        name = "jaxup.scale_and_translate"
        options |= {"scale": Numbers([m / shape[a] for a, m in zip(axes, out, strict=True)])}
        options["antialias"] = False
    elif function == "sample":
        name = "jaxup.sample"
        points = [[n / 2 + 0.25] * 9 for n in out]
        options = {"coordinates": Points(points), "method": "linear", "axes": axes}
    elif function == "torch" and rank == 4:
        axes, name = (2, 3), "jaxup.compat.torch.interpolate"
        options = {"size": (shape[2] * 2, max(1, shape[3] // 2)), "mode": "bilinear"}
        if math.prod(shape) > 2**24:
            options["size"] = (shape[2], max(1, shape[3] // 2))
    x = "input" if name.endswith("interpolate") else "x"
    dtype = draw(st.sampled_from(FLOATS[:4] if x == "input" else FLOATS))
    call = Draw(name, x, shape, dtype, 0, options)
    return Large(call, draw(st.sampled_from(["forward", "forward", "backward"])))


def holds_little(drawn: Large) -> None:
    """At most the input, 2.5 times the larger of the results, and 64 MiB.

    Where the program computes the coordinates, arrays of 16 bits are held in float32 besides, and
    count as those do.
    """
    draw, direction = drawn.draw, drawn.direction
    x = draw.abstract()
    out = jax.eval_shape(draw, x)
    if direction == "forward":
        compiled = jax.jit(draw).lower(x).compile()
    else:
        compiled = jax.jit(functools.partial(_back, draw)).lower(x, out).compile()
    memory = compiled.memory_analysis()
    assert memory is not None
    held = memory.temp_size_in_bytes + memory.output_size_in_bytes + memory.argument_size_in_bytes
    least = 4 if draw.is_traced else 1
    given, result = _bytes(x, least), _bytes(out, least)
    if direction == "backward":
        given, result = result, max(given, result)
    allowed = given + 2.5 * result + ALWAYS
    assert held <= allowed, (
        f"{direction} holds {held / 2**20:.0f} MiB, for an input of {given / 2**20:.0f} and"
        f" a result of {result / 2**20:.0f}"
    )


@st.composite
def long_calls(draw: Any) -> Draw:
    """Calls of which an axis has no pixel, a thousand, or 2**24."""
    long = draw(st.sampled_from([0, 1000, 2**24]))
    shape, axes = draw(
        st.sampled_from([((long,), (0,)), ((2, long, 3), (1,)), ((long, 5, 1), (1,))])
    )
    method = draw(st.sampled_from(["nearest", "linear", "cubic", "lanczos3"]))
    known = {"method": method, "axes": axes}
    name = draw(st.sampled_from(["upsample", "resize", "scale_and_translate", "sample"]))
    size = draw(st.sampled_from([1, 3, 1000]))
    traced = Numbers([1.5])
    options: dict[str, dict[str, Any]] = {
        "upsample": {"scale": draw(st.sampled_from([2, 0.5])), **known},
        "resize": {"size": size, "antialias": False, **known},
        "scale_and_translate": {"size": size, "scale": traced, "antialias": False, **known},
        "sample": {"coordinates": Points([[0.5, 2.0, -1.0]]), **known},
    }
    return Draw(f"jaxup.{name}", "x", shape, "float32", 0, options[name])


def shape_is_cheap(draw: Draw) -> None:
    """The shape comes without the memory of the pixels; an axis of none, or of too many weights, is
    refused.
    """
    tracemalloc.start()
    try:
        out = jax.eval_shape(draw, draw.abstract())
        (_, peak), axes = tracemalloc.get_traced_memory(), draw.options["axes"]
        assert peak < ALWAYS, f"{peak / 2**20:.0f} MiB for a shape"
        assert 0 not in [draw.shape[axis] for axis in axes], "an axis without pixels is taken"
        kept = [n for axis, n in enumerate(draw.shape) if axis not in axes]
        assert [n for axis, n in enumerate(out.shape) if axis not in axes] == kept
    except ValueError as error:
        text = str(error)
        assert text.startswith(f"{draw.function}: expected "), text
        assert 0 in draw.shape or "expected at most 134217728 weights" in text, f"refused: {text}"
    finally:
        tracemalloc.stop()


def _back(draw: Draw, x: Any, cotangent: Any) -> Any:
    return jax.vjp(draw, x)[1](cotangent)[0]


def _bytes(x: Any, least: int = 1) -> int:
    """The bytes of an array, each of whose numbers counts as so many at least."""
    return math.prod(x.shape) * max(least, jnp.dtype(x.dtype).itemsize)
