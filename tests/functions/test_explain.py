"""`explain`: its lines are the plan that is carried out, of any function that resamples."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup._lowering import lower
from jaxup.compat import torch

RGB = (1, 16, 24, 3)
CALLS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "rgb doubled": (RGB, {"scale": 2}),
    "rgb bilinear": (RGB, {"scale": 1.5, "method": "bilinear"}),
    "channels doubled": ((2, 16, 24, 64), {"scale": 2, "method": "bicubic"}),
    "planes": ((2, 3, 32, 40), {"scale": 2, "method": "bilinear", "data_format": "channels_first"}),
    "halved": (RGB, {"scale": 0.5, "method": "lanczos3", "antialias": True}),
}


@pytest.mark.parametrize("platform", ["cpu", "tpu", "cuda"])
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_its_lines_are_the_plan_carried_out(name, backward, platform, monkeypatch):
    shape, options = CALLS[name]
    carried_out: list[Any] = []

    class Recorded:
        """A platform's rules, whose plans are written down as they are asked for."""

        def __init__(self, rules):
            self.rules = rules

        def __getattr__(self, attribute):
            return getattr(self.rules, attribute)

        def passes(self, *arguments):
            plan = self.rules.passes(*arguments)
            operators = next(given for given in arguments if isinstance(given, dict))
            carried_out.extend(
                (strategy.__name__.rpartition(".")[2], operators[axis].in_size)
                for stages in plan
                for strategy, axes in stages
                for axis in axes
            )
            return plan

    def forward(x):
        return jaxup.upsample(x, **options)

    def gradient(x):
        return jax.grad(lambda x: (forward(x) ** 2).sum())(x)

    call = gradient if backward else forward
    x = jax.ShapeDtypeStruct(shape, np.float32)
    found = jaxup.explain(call, x, platform=platform)
    for rules in ("cpu", "tpu", "gpu"):
        monkeypatch.setattr(lower, rules, Recorded(getattr(lower, rules)))
    jax.jit(lambda x: call(x)).trace(x).lower(lowering_platforms=(platform,))
    assert [(axis.strategy, axis.pixels[0]) for axis in found.axes] == carried_out


def test_it_says_the_rules_and_the_bytes():
    x = jax.ShapeDtypeStruct((2, 10, 12, 64), jnp.bfloat16)
    found = jaxup.explain(
        jaxup.resize, x, (5, 12), "cubic", boundary="reflect", axes=(1, 2), platform="cuda"
    )
    (axis,) = found.axes
    assert (axis.axis, axis.pixels, axis.boundary) == (1, (10, 5), "reflect")
    assert (axis.coordinates, axis.kernel, axis.taps) == ("half_pixel", "Cubic(-0.5) x2", 8)
    assert (axis.read, axis.written) == (2 * 10 * 12 * 64 * 2, 2 * 5 * 12 * 64 * 2)
    header, line = str(found).splitlines()[1:]
    assert header.split() == [
        "pass", "axis", "pixels", "coordinates", "kernel", "boundary", "taps", "strategy",
        "bytes", "read", "bytes", "written",
    ]  # fmt: skip
    assert line.split() == [
        "1", "1", "10", "to", "5", "half_pixel", "Cubic(-0.5)", "x2", "reflect", "8", "gather",
        "30,720", "15,360",
    ]  # fmt: skip


def test_bytes_between_passes_are_those_of_float32():
    x = jax.ShapeDtypeStruct((2, 10, 12, 64), jnp.bfloat16)
    first, last = jaxup.explain(jaxup.upsample, x, 3, "lanczos3", platform="cuda").axes
    assert first.axis == 1  # the outer axis first
    assert first.written == last.read == 2 * 30 * 12 * 64 * 4
    assert last.written == 2 * 30 * 36 * 64 * 2
    assert (first.step, last.step) == (1, 2)


def test_any_function_that_resamples():
    x = np.ones((1, 8, 8, 3), np.float32)

    def model(x, scale):
        y = jax.lax.map(lambda one: jaxup.upsample(one, scale, "bilinear"), x)
        return torch.interpolate(y.transpose(0, 3, 1, 2), size=(4, 4), mode="area")

    found = jaxup.explain(model, x, scale=2)
    assert [axis.pixels for axis in found.axes] == [(8, 16), (8, 16), (16, 4), (16, 4)]
    assert [axis.step for axis in found.axes] == sorted(axis.step for axis in found.axes)


def test_splines_and_gradients_say_so():
    x = jnp.ones(9)
    rules = {"axes": 0, "boundary": "mirror", "platform": "cpu"}
    first, second = jaxup.explain(jaxup.resize, x, 20, "bspline3", **rules).axes
    assert first.kernel == "prefilter of bspline3"
    assert second.kernel == "Basis(3)"

    def loss(x):
        return jaxup.upsample(x, 2, "linear", axes=0).sum()

    (back,) = jaxup.explain(jax.grad(loss), x, platform="cpu").axes[1:]
    assert back.kernel == "transposed triangle"
    assert back.pixels == (18, 9)


def test_traced_coordinates_are_counted():
    found = jaxup.explain(jaxup.sample, jnp.ones((4, 4)), jnp.ones((2, 5)))
    assert found.axes == ()
    assert found.traced_gathers > 0
    assert "No axis" in str(found)
    assert f"{found.traced_gathers} gathers at coordinates" in str(found)


def test_errors_are_those_of_the_function():
    with pytest.raises(ValueError, match=r"^jaxup\.upsample: expected a finite scale above 0"):
        jaxup.explain(jaxup.upsample, jnp.ones(RGB), -1)


def test_every_dtype_and_platform_is_explained():
    for dtype, platform in itertools.product(("complex64", "uint8", "bool"), ("cpu", "tpu", "gpu")):
        x = jax.ShapeDtypeStruct(RGB, np.dtype(dtype))
        assert len(jaxup.explain(jaxup.upsample, x, 1.7, platform=platform).axes) == 2


def test_a_filter_of_ones_own():
    def blurred(x):
        return jaxup.filters.upfirdn(x, [0.25, 0.75, 0.75, 0.25], 2, padding=(2, 1), axes=0)

    (axis,) = jaxup.explain(blurred, jax.ShapeDtypeStruct((4,), "float32")).axes
    assert (axis.pixels, axis.coordinates, axis.kernel) == ((4, 8), "up 2, down 1", "filter of 4")


def test_weights_in_whole_numbers():
    picture = jax.ShapeDtypeStruct((1, 3, 8, 8), "uint8")
    options: dict[str, Any] = {"size": (4, 8), "mode": "bilinear", "antialias": True}
    explanation = jaxup.explain(torch.interpolate, picture, **options)
    assert [(axis.axis, axis.kernel) for axis in explanation.axes] == [(2, "triangle x2")]
