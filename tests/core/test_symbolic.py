"""Symbolic spatial sizes: one exported program gives what the static path gives at every size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import jaxup
from jaxup import kernels
from jaxup._arguments.call import Call
from jaxup._arguments.sizes import Geometry
from jaxup._arguments.symbolic_size import out_size_from_scale
from jaxup._arguments.torch_methods import METHODS, resample_of
from jaxup._recipe.axis import AxisSpec, TracedAxis
from jaxup._traced.points import points_of
from jaxup._traced.rows import tap_rows
from jaxup.compat import jax_image as compat_jax_image
from jaxup.compat import onnx as compat_onnx
from jaxup.compat import tensorflow as compat_tensorflow

RNG = np.random.default_rng(0)
CALL = Call("jaxup.upsample", (8,))


def exported(f, *shapes, **options):
    """``f`` exported with these symbolic shapes, float32."""
    scope = export.SymbolicScope()
    args = [jax.ShapeDtypeStruct(export.symbolic_shape(s, scope=scope), np.float32) for s in shapes]
    return export.export(jax.jit(f), **options)(*args)


def picture(*shape):
    return RNG.uniform(size=shape).astype(np.float32)


BY_SCALE = [
    ("nearest", {"scale": 2}),
    ("nearest", {"scale": (1.7, 0.3)}),
    ("bilinear", {"scale": (1.5, 2)}),
    ("bicubic", {"scale": 2, "align_corners": True}),
    ("bilinear", {"scale": (0.3, 0.5), "antialias": True}),
    ("bicubic", {"scale": 0.3, "antialias": True, "align_corners": True}),
    ("bicubic", {"scale": (1, 1.01), "antialias": True}),  # equal sizes stay as they are
    ("area", {"scale": (0.5, 3)}),
]


@pytest.mark.parametrize(("method", "options"), BY_SCALE, ids=str)
def test_one_program_upsamples_every_size_by_a_scale(method, options):
    def f(x):
        return jaxup.upsample(x, method=method, axes=(1, 2), **options)

    program = exported(f, "b, h, w, 3")
    for shape in ((1, 4, 4, 3), (2, 37, 11, 3)):
        x = picture(*shape)
        expected = f(x)
        assert program.call(x).shape == expected.shape
        # cubic weights in float32, 1.4e-6 apart where LLVM fuses no multiplication with an addition
        np.testing.assert_allclose(program.call(x), expected, rtol=0, atol=2e-6)


def by_size(f):
    """``f(x, size)`` with the size that of another array, so that it is symbolic too."""
    return lambda x, like: f(x, like.shape)


@pytest.mark.parametrize(
    ("f", "atol"),
    [
        (lambda x, size: jaxup.upsample(x, method="nearest-exact", size=size), 0),
        (lambda x, size: jaxup.upsample(x, method="linear", size=size, align_corners=True), 1e-6),
        (lambda x, size: jaxup.upsample(x, method="area", size=size), 1e-6),
        (lambda x, size: jaxup.resize(x, size, "lanczos3"), 1e-6),
        (lambda x, size: jaxup.resize(x, size, "cubic", boundary="reflect"), 1e-6),
        (  # the cardinal spline: 50 float32 weights, where the static path has a prefilter
            lambda x, size: jaxup.resize(
                x, size, "bspline3", boundary="constant", fill_value=2.0, antialias=False
            ),
            1e-5,
        ),
        (
            lambda x, size: jaxup.resize(
                x, size, "linear", coordinates="half_pixel_symmetric", scale=1.3, boundary="edge"
            ),
            1e-6,
        ),
    ],
    ids=["exact", "corners", "area", "lanczos", "reflect", "spline", "symmetric"],
)
def test_one_program_serves_every_pair_of_sizes(f, atol):
    program = exported(by_size(f), "h, w, 2", "u, v")
    for shape, size in (((1, 9, 2), (5, 1)), ((23, 50, 2), (41, 17))):
        x = picture(*shape)
        expected = f(x, size)
        result = program.call(x, np.zeros(size, np.float32))
        np.testing.assert_allclose(result, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("scale", [0.7, (1.5, 0.5)])
def test_one_program_scales_and_translates_every_picture(scale):
    """It asked whether the symbolic size is smaller than the result's."""

    def f(x):
        return jaxup.scale_and_translate(x, (7, 5), scale, (0.3, -1.2))

    program = exported(f, "h, w, 2")
    for shape in ((4, 9, 2), (12, 3, 2)):
        x = picture(*shape)
        np.testing.assert_allclose(program.call(x), f(x), rtol=0, atol=1e-5)


def geometry(in_size, out_size, scale):
    return Geometry((0,), (in_size,), (out_size,), None if scale is None else (scale,))


@pytest.mark.parametrize("scale", [None, 1.7, 0.3, 2.37], ids=str)
def test_rows_are_the_static_ones_to_thousands_of_pixels(scale):
    rules = {name: METHODS[name] for name in ("nearest", "nearest-exact", "linear", "cubic")}

    def rows(x, like):
        out_size = like.shape[0] if scale is None else int_scaled(x.shape[0])
        found = {}
        for name, rule in rules.items():
            plan = resample_of(CALL, rule, geometry(x.shape[0], out_size, scale), x.dtype, name)
            (spec,) = plan.specs
            assert isinstance(spec, TracedAxis)
            found[name] = tap_rows(points_of(spec, x.dtype))
        return found

    def int_scaled(n):
        return out_size_from_scale(Call("test", ()), n, scale)

    program = exported(rows, "n", "m")
    for in_size, out_size in ((1, 7), (8, 12), (1000, 2370), (333, 1000), (4097, 1023)):
        out_size = out_size if scale is None else int(in_size * scale)
        if out_size < 1:
            continue
        found = program.call(np.zeros(in_size, np.float32), np.zeros(out_size, np.float32))
        for name, rule in rules.items():
            plan = resample_of(CALL, rule, geometry(in_size, out_size, scale), np.float32, name)
            if not plan.specs:  # an equal size, which is left alone
                continue
            (spec,) = plan.specs
            assert isinstance(spec, AxisSpec)
            indices, weights = (np.asarray(part).T for part in found[name])
            x = RNG.uniform(size=in_size)
            static = spec.build()
            expected = (static.weights * np.append(x, 0)[static.indices]).sum(1)
            result = (weights * np.append(x, 0)[indices]).sum(1)
            np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6, err_msg=name)
            if isinstance(rule.kernel, kernels.Nearest):
                np.testing.assert_array_equal(indices, static.indices, err_msg=name)


def test_gradient_of_an_exported_program():
    def f(x, like):
        return jaxup.upsample(x, method="bilinear", size=like.shape, antialias=True, axes=(0, 1))

    program = export.deserialize(exported(f, "h, w", "u, v").serialize(vjp_order=1))
    x, like = picture(9, 6), np.zeros((4, 11), np.float32)
    cotangent = picture(4, 11)
    result = jax.vjp(lambda x: program.call(x, like), x)[1](cotangent)[0]
    expected = jax.vjp(lambda x: f(x, like), x)[1](cotangent)[0]
    np.testing.assert_allclose(result, expected, rtol=0, atol=2e-6)


def test_known_axes_stay_known():
    x = picture(2, 5, 8, 3)
    program = exported(lambda x: jaxup.upsample(x, 2, "bilinear"), "b, h, 8, 3")
    assert program.out_avals[0].shape[2:] == (16, 3)
    np.testing.assert_allclose(program.call(x), jaxup.upsample(x, 2, "bilinear"), atol=1e-6)


def test_one_program_for_several_platforms():
    program = exported(
        lambda x: jaxup.upsample(x, 2, "bicubic"), "h, w, 1", platforms=("cpu", "cuda", "tpu")
    )
    x = picture(3, 4, 1)
    np.testing.assert_allclose(program.call(x), jaxup.upsample(x, 2, "bicubic"), atol=1e-6)


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (
            lambda x: jaxup.upsample(x, 0.29, axes=1),
            r"expected a scale that is a fraction p/q .* for the symbolic size w, got scale=0.29",
        ),
        (
            lambda x: jaxup.resize(x, (4, 4), box=((0, 2), (0, 2))),
            r"expected spatial axes of a known size, got box=",
        ),
        (
            lambda x: jaxup.resize(x, (4, 4), coordinates="pytorch_half_pixel"),
            r"expected spatial axes of a known size, got coordinates='pytorch_half_pixel'",
        ),
        (
            lambda x: jaxup.resize(x, (4, 4), keep_aspect="not_larger"),
            r"expected spatial axes of a known size, got keep_aspect='not_larger'",
        ),
        (
            lambda x: compat_jax_image.resize(x, (4, 4, 3), "linear"),
            r"jax_image.resize: expected spatial sizes of image that are known when the program",
        ),
        (
            lambda x: compat_tensorflow.resize(x, (4, 4)),
            r"tensorflow.resize: expected spatial sizes of images that are known when the program",
        ),
        (
            lambda x: compat_onnx.resize(
                x,
                scales=(2, 2),
                axes=(0, 1),
                coordinate_transformation_mode="align_corners",
            ),
            r"onnx.resize: expected spatial sizes of X that are known when the program",
        ),
    ],
    ids=["scale", "box", "convention", "aspect", "jax_image", "tensorflow", "onnx"],
)
def test_what_symbolic_sizes_cannot_decide_is_refused(f, text):
    with pytest.raises(ValueError, match=text):
        exported(f, "h, w, 3")


def test_rational_scales_have_the_size_of_float64():
    def sizes(x):
        found = [out_size_from_scale(Call("test", ()), x.shape[0], scale) for scale in scales]
        return [jnp.asarray(size) for size in found]

    scales = (2, 1.5, 0.25, 1 / 3, 1.7, 4 / 3, 0.1)
    program = exported(sizes, "h")
    for n in (1, 30, 99, 1000):
        result = program.call(np.zeros(n, np.float32))
        assert [int(size) for size in result] == [int(n * scale) for scale in scales]
