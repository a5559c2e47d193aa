"""`resize`: every knob against a definition written out, what it refuses, and transforms."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import jaxup
from jaxup import boundary, coordinates, kernels
from jaxup._arguments.methods import METHODS
from tests.helpers import oracle

X = np.random.default_rng(3).random(11).astype(np.float32)
EDGES = ("renormalize", "edge", "reflect", "mirror", "wrap", "constant")
COORDINATES = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "asymmetric",
    "align_corners",
)


@pytest.mark.parametrize("edges", EDGES)
def test_boundaries(edges):
    coordinate = (np.arange(27) + 0.5) * (11 / 27) - 0.5
    options: dict[str, Any] = {"axes": 0, "boundary": edges}
    if edges == "constant":
        options["fill_value"] = 0.3
    methods: tuple[tuple[Any, kernels.Kernel], ...] = (
        ("cubic", kernels.cubic()),
        ("lanczos5", kernels.lanczos(5)),
    )
    for method, kernel in methods:
        got = jaxup.resize(X, 27, method, **options)
        wanted = oracle.interpolated(X, coordinate, kernel.fn, kernel.radius, edges, 0.3)
        np.testing.assert_allclose(got, wanted, atol=2e-6)


def test_crop_and_resize_and_what_lies_beyond():
    options: dict[str, Any] = {
        "axes": 0,
        "coordinates": "crop_and_resize",
        "antialias": False,
        "boundary": "edge",
    }
    got = jaxup.resize(X, 7, "linear", roi=(1.0, 0.25), **options)
    np.testing.assert_allclose(got, np.interp(np.linspace(10, 2.5, 7), np.arange(11), X), atol=1e-6)
    got = jaxup.resize(X, 1, "linear", roi=(0.2, 0.4), **options)
    np.testing.assert_allclose(got, X[3:4], atol=1e-6)
    got = jaxup.resize(
        X, 6, "linear", roi=(-0.5, 2), fill_beyond="centers", fill_value=-9.0, **options
    )
    at = np.linspace(-5, 20, 6)
    np.testing.assert_allclose(
        got, np.where((at < 0) | (at > 10), -9, np.interp(at, np.arange(11), X)), atol=1e-6
    )
    got = jaxup.resize(X, 13, "linear", scale=1.0, axes=0, coordinates=lambda i, n, m, s: i - 1.0,
                       boundary="edge", fill_beyond="edges", fill_value=jnp.nan)  # fmt: skip
    np.testing.assert_array_equal(got, [np.nan, *X, np.nan])


def test_box_is_a_window_whose_surroundings_are_read():
    coordinate = 1.25 + (np.arange(9) + 0.5) * (6.5 / 9) - 0.5
    got = jaxup.resize(X, 9, "lanczos3", axes=0, box=(1.25, 7.75))
    wanted = oracle.interpolated(X, coordinate, kernels.lanczos(3).fn, 3, "renormalize")
    np.testing.assert_allclose(got, wanted, atol=2e-6)
    assert jaxup.resize(X, scale=2, axes=0, box=(1.25, 7.75)).shape == (13,)
    whole = jaxup.resize(X, 9, axes=0)
    np.testing.assert_array_equal(jaxup.resize(X, 9, axes=0, box=[[0, 11]]), whole)
    picture = jnp.zeros((20, 30, 3))
    assert jaxup.resize(picture, 8, box=((1, 9.5), (2, 8))).shape == (8, 8, 3)


@pytest.mark.parametrize("name", ["box", "hamming", "mitchell", "gaussian", "lanczos2", "linear"])
def test_antialias_widens(name):
    kernel = METHODS[name].kernel
    assert isinstance(kernel, kernels.Kernel)
    coordinate = (np.arange(4) + 0.5) * (11 / 4) - 0.5
    wanted = oracle.interpolated(
        X, coordinate, kernel.fn, kernel.radius, "reflect", kernel_scale=11 / 4
    )
    got = jaxup.resize(X, 4, name, axes=0, boundary="reflect")
    np.testing.assert_allclose(got, wanted, atol=2e-6)


def test_nearest_roundings():
    x = jnp.arange(6)
    roundings: dict[Any, list[int]] = {
        "floor": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
        "ceil": [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5],
        "round_prefer_floor": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
        "round_prefer_ceil": [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5],
    }
    for rounding, wanted in roundings.items():
        got = jaxup.resize(
            x, 12, "nearest", axes=0, coordinates="asymmetric", rounding=rounding, boundary="edge"
        )
        np.testing.assert_array_equal(got, wanted)


def test_keep_aspect():
    x = jnp.ones((2, 30, 40, 3))
    assert jaxup.resize(x, (20, 20), keep_aspect="not_larger").shape == (2, 15, 20, 3)
    assert jaxup.resize(x, (20, 20), keep_aspect="not_smaller").shape == (2, 20, 27, 3)
    box = ((0, 15), (0, 40))
    assert jaxup.resize(x, (20, 20), keep_aspect="not_larger", box=box).shape == (2, 8, 20, 3)


def test_axes_in_any_order_and_one_option_per_axis():
    x = np.random.default_rng(0).random((5, 3, 7), np.float32)
    got = jaxup.resize(
        x, (9, 4), "linear", axes=(2, 0), coordinates=("align_corners", "half_pixel"),
        boundary=("wrap", "edge"),
    )  # fmt: skip
    one = jaxup.resize(x, 9, "linear", axes=2, coordinates="align_corners", boundary="wrap")
    two = jaxup.resize(one, 4, "linear", axes=0, boundary="edge")
    np.testing.assert_allclose(got, two, atol=1e-6)


@pytest.mark.one_jax  # two recipes, both in NumPy
@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_bsplines_split_or_whole_are_one_kernel(order):
    with jax.enable_x64(True):
        x = np.random.default_rng(order).random(19)
        kernel = kernels.bspline(order)
        whole = kernels.Kernel(lambda d: kernel.fn(d), kernel.radius)  # not seen through
        sizes = {"size": 31}, {"size": 40, "scale": 0.4}, {"size": 12, "scale": 9.0}
        for n, edges in enumerate(("reflect", "mirror", "wrap", "edge", "constant")):
            options: Any = sizes[(n + order) % 3]  # the orders together have every pair
            arguments: dict[str, Any] = dict(axes=0, boundary=edges, antialias=False, **options)
            if edges == "constant":
                arguments["fill_value"] = 0.7
            split = jaxup.resize(x, method=kernel, **arguments)
            np.testing.assert_allclose(
                split, jaxup.resize(x, method=whole, **arguments), atol=2e-14
            )


def test_bsplines_pass_through_the_samples_and_reproduce_polynomials():
    with jax.enable_x64(True):
        x = np.random.default_rng(0).random(9)
        odd = jaxup.resize(x, 27, "bspline5", axes=0, boundary="reflect")
        np.testing.assert_allclose(odd[1::3], x, atol=1e-14)
        ramp = np.arange(200.0) ** 3
        y = jaxup.resize(ramp, 400, "bspline3", axes=0, boundary="mirror")[150:250]
        at = (np.arange(400) + 0.5) / 2 - 0.5
        np.testing.assert_allclose(y, at[150:250] ** 3, rtol=1e-12)


def test_constant_may_be_nan_and_stays_outside():
    y = jaxup.resize(X, 22, "linear", axes=0, boundary="constant", fill_value=jnp.nan)
    np.testing.assert_array_equal(np.isnan(y), np.arange(22) % 21 == 0)


def test_fill_of_several_axes_is_that_of_a_padded_picture():
    x = np.random.default_rng(0).random((6, 5, 2), np.float32)
    padded = np.pad(x, ((9, 9), (9, 9), (0, 0)), constant_values=0.4)
    got = jaxup.resize(x, (13, 4), "cubic", boundary="constant", fill_value=0.4)
    boxes = ((9, 15), (9, 14))
    np.testing.assert_allclose(got, jaxup.resize(padded, (13, 4), "cubic", box=boxes), atol=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "bool"])
def test_nearest_keeps_integers_and_their_fill(dtype):
    x = jnp.array([1, 0, 1]).astype(dtype)
    y = jaxup.resize(
        x, 5, "nearest", scale=1.0, axes=0, coordinates="half_pixel_symmetric",
        boundary="constant", fill_value=1,
    )  # fmt: skip
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, np.array([1, 1, 0, 1, 1]).astype(dtype))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "complex64"])
def test_other_dtypes(dtype):
    x = jnp.asarray(X).astype(dtype)
    for method in ("cubic", "bspline3"):
        y = jaxup.resize(x, 17, method, axes=0, boundary="mirror")
        assert y.dtype == dtype
        exact = jaxup.resize(x.astype("complex64"), 17, method, axes=0, boundary="mirror")
        np.testing.assert_allclose(y.astype("complex64"), exact, rtol=8e-3, atol=1e-4)


@pytest.mark.parametrize("options", [
    {"method": "bspline4", "boundary": "reflect"},
    {"method": "bspline3", "boundary": "edge", "size": 4},
    {"method": "hamming", "boundary": "wrap"},
    {"method": "cubic", "boundary": "constant", "fill_value": 0.5, "coordinates": "align_corners"},
], ids=lambda options: options["method"])  # fmt: skip
def test_transforms(options):
    def f(x):
        return jaxup.resize(x, **({"size": 16, "axes": -1} | options))

    x = jnp.asarray(X)
    check_grads(f, (x,), order=2, modes=["fwd", "rev"], atol=1e-2, rtol=1e-2)
    batch = jnp.stack([x, 2 * x])
    np.testing.assert_allclose(jax.vmap(f)(batch), jax.jit(f)(batch), atol=1e-6)
    gradient = jax.make_jaxpr(jax.grad(lambda x: f(x).sum()))(x)
    assert "scatter" not in str(gradient)


def test_identity_is_left_alone():
    x = jnp.asarray(X)
    for method in ("linear", "cubic", "lanczos3", "area", "nearest", "bspline3"):
        assert jaxup.resize(x, 11, method, axes=0) is x
    assert jaxup.resize(x, 11, "gaussian", axes=0) is not x  # it blurs
    assert not np.allclose(jaxup.resize(x, 11, "cubic", axes=0, box=(1, 9)), x)


def test_own_functions():
    def shifted(index, in_size, out_size, step):
        return index + 2.0

    got = jaxup.resize(
        X, 5, "linear", axes=0, coordinates=shifted, boundary=boundary.wrap, antialias=False
    )
    np.testing.assert_array_equal(got, X[2:7])
    got = jaxup.resize(
        X, 22, kernels.Area(fractional=False), axes=0, coordinates=coordinates.half_pixel
    )
    np.testing.assert_array_equal(got, np.repeat(X, 2))


REFUSED = {
    "nothing": ({}, "a size, a scale, or both, got neither"),
    "method": ({"size": 4, "method": "cubik"}, "a known method, got 'cubik'"),
    "coordinates": (
        {"size": 4, "coordinates": "halfpixel"},
        "a known coordinates, got 'halfpixel'",
    ),
    "boundary": ({"size": 4, "boundary": "warp"}, "a known boundary, got 'warp'"),
    "boundaries": (
        {"size": 4, "boundary": ("wrap", "renormalize")},
        r"one boundary, or 1 \(one per spatial axis\), got boundary=\('wrap', 'renormalize'\)",
    ),
    "rounding-name": (
        {"size": 4, "method": "nearest", "rounding": "round"},
        "a known rounding, got 'round'",
    ),
    "rounding": ({"size": 4, "rounding": "floor"}, "rounding only with method='nearest'"),
    "fill": (
        {"size": 4, "fill_value": 1.0},
        "fill_value only with boundary='constant' or fill_bey",
    ),
    "fill-beyond": ({"size": 4, "fill_beyond": "center"}, "a known fill_beyond, got 'center'"),
    "fill-complex": (
        {"size": 4, "boundary": "constant", "fill_value": 1j},
        "a fill_value that dtype float32 can hold, got 1j",
    ),
    "keep-aspect-name": ({"size": 4, "keep_aspect": "fit"}, "a known keep_aspect, got 'fit'"),
    "keep-aspect": (
        {"scale": 2.0, "keep_aspect": "not_larger"},
        "a size and no scale for keep_aspect='not_larger', got size=None, scale=2.0",
    ),
    "align-corners": (
        {"size": 4, "scale": 2.0, "coordinates": "align_corners"},
        "either size or scale for coordinates='align_corners', got both",
    ),
    "area": (
        {"size": 4, "method": "area", "coordinates": "align_corners"},
        "coordinates of pixels that are areas for method='area', got coordinates='align_corners'",
    ),
    "precision": ({"size": 4, "precision": "float16"}, "a known precision, got 'float16'"),
    "box-outside": ({"size": 4, "box": (-1, 4)}, "a box with 0 <= low < high <= 11 on an axis of"),
    "box-empty": ({"size": 4, "box": (4, 4)}, "a box with 0 <= low < high <= 11"),
    "box-form": ({"size": 4, "box": (1, 2, 3)}, r"box to be one finite \(low, high\) pair per"),
    "box-count": ({"size": 4, "box": ((1, 2), (1, 2))}, r"1 pairs in box \(one per spatial axis\)"),
    "roi-form": (
        {"size": 4, "coordinates": "crop_and_resize", "roi": (0, 1, 2)},
        r"roi to be one finite \(start, end\) pair per spatial axis, got \(0, 1, 2\)",
    ),
    "roi-nan": (
        {"size": 4, "coordinates": "crop_and_resize", "roi": (0, float("nan"))},
        r"roi to be one finite \(start, end\) pair",
    ),
    "roi-missing": (
        {"size": 4, "coordinates": "crop_and_resize"},
        "a roi for coordinates='crop_and_resize', got none",
    ),
    "roi-alone": ({"size": 4, "roi": (0, 1)}, "roi only with coordinates='crop_and_resize', got"),
    "roi-and-box": (
        {"size": 4, "coordinates": "crop_and_resize", "roi": (0, 1), "box": (0, 4)},
        "roi, not box, for coordinates='crop_and_resize'",
    ),
    "scale": ({"size": 4, "scale": -1.0}, "a finite scale above 0, got scale=-1.0"),
    "size": ({"size": 0}, "an output of at least 1 pixel, got size=0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_refuses(name):
    options, text = REFUSED[name]
    with pytest.raises(
        ValueError, match=rf"^jaxup\.resize: expected {text}.* for input shape \(11,\)"
    ):
        jaxup.resize(X, axes=0, **options)


@pytest.mark.parametrize(
    ("option", "name", "nearest"),
    [
        ("method", "cubik", "cubic"),
        ("coordinates", "halfpixel", "half_pixel"),
        ("boundary", "warp", "wrap"),
    ],
)
def test_unknown_names_list_the_nearest_first(option, name, nearest):
    with pytest.raises(ValueError, match=f"Use one of '{nearest}', '"):
        jaxup.resize(X, axes=0, size=4, **{option: name})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"method": 3}, "method to be a name or a kernel from jaxup.kernels, got 3"),
        ({"antialias": 1}, "antialias to be a bool, got 1"),
        ({"coordinates": 3.0}, "coordinates to be a name or a function, got 3.0"),
        ({"boundary": 0.5}, "boundary to be a name or a function from jaxup.boundary, got 0.5"),
        ({"boundary": "constant", "fill_value": "x"}, "fill_value to be one number, got 'x'"),
    ],
)
def test_types_it_refuses(options, text):
    with pytest.raises(TypeError, match=rf"^jaxup\.resize: expected {text}"):
        jaxup.resize(X, 4, axes=0, **options)


def test_traced_geometry_and_integers_are_refused():
    with pytest.raises(TypeError, match=r"box to be known when the program is built.*scale_and_tr"):
        jax.jit(lambda b: jaxup.resize(X, 4, axes=0, box=(0.0, b)))(3.0)
    with pytest.raises(TypeError, match=r"a floating-point or complex array for method='cubic'"):
        jaxup.resize(jnp.arange(4), 8, axes=0)
    fill = {"boundary": "constant", "fill_value": 300}
    with pytest.raises(ValueError, match=r"a fill_value that dtype uint8 can hold, got 300"):
        jaxup.resize(jnp.arange(4).astype("uint8"), 8, "nearest", axes=0, **fill)


def test_every_pair_of_knobs_runs():
    """Names of each knob against names of each other, as recipes only; rows sum to 1."""
    for method, edges, coordinate in itertools.product(METHODS, EDGES[:5], COORDINATES):
        if method == "area" and not coordinate.startswith("half_pixel"):
            continue
        knobs: dict[str, Any] = {"method": method, "boundary": edges, "coordinates": coordinate}
        rank = METHODS[method].rank or 1
        shape = jax.ShapeDtypeStruct((11,) * rank, np.float32)
        jaxpr = jax.make_jaxpr(
            lambda x, r=rank, o=knobs: jaxup.resize(x, (7,) * r, axes=tuple(range(r)), **o)
        )(shape)
        (resample,) = (e for e in jaxpr.eqns if e.primitive.name == "resample")
        for spec in resample.params["specs"]:
            total = spec.build().weights.sum(axis=1)
            np.testing.assert_allclose(
                total, 1, atol=1e-9, err_msg=f"{method} {edges} {coordinate}"
            )
