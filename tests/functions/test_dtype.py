"""``dtype=`` of `upsample` and `resize`: integers as numbers, and results of another type."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import jaxup
from tests.helpers import oracle

RNG = np.random.default_rng(0)
SHAPE = (2, 9, 12, 3)
PICTURE = RNG.integers(0, 256, SHAPE, dtype=np.uint8)
INTEGERS = ("int4", "uint4", "int8", "uint8", "int16", "uint16", "int32", "uint32", "bool")
FLOATS = ("float8_e4m3fn", "float16", "bfloat16", "float32")
CASES: dict[str, tuple[str, float, dict[str, Any]]] = {
    "bilinear": ("bilinear", 2, {}),
    "bilinear x1.5": ("bilinear", 1.5, {}),
    "bicubic": ("bicubic", 2, {}),
    "corners": ("bicubic", 1.7, {"align_corners": True}),
    "antialiased": ("bicubic", 0.4, {"antialias": True}),
    "area": ("area", 0.5, {}),
    "lanczos3": ("lanczos3", 3, {}),
    "nearest": ("nearest", 1.5, {}),
}
COMPLEX = jnp.ones((1, 4, 4, 1), "complex64")


def limits(dtype) -> tuple[int, int]:
    return (0, 1) if dtype == "bool" else (int(jnp.iinfo(dtype).min), int(jnp.iinfo(dtype).max))


def integers(dtype, shape=SHAPE) -> np.ndarray:
    """Return numbers of the whole range, near its ends most of all."""
    low, high = limits(dtype)
    kind = np.int64 if dtype in ("bool", "int4", "uint4") else dtype
    drawn = RNG.integers(low, high, shape, kind, endpoint=True)
    edge = np.array([low, high], drawn.dtype)[RNG.integers(0, 2, shape)]
    return np.where(RNG.random(shape) < 0.6, edge, drawn).astype(jnp.dtype(dtype))


def exact(x: np.ndarray, name: str) -> np.ndarray:
    method, scale, options = CASES[name]
    sizes = [int(n * scale) for n in x.shape[1:3]]
    return oracle.upsample(x.astype(np.float64), method, (1, 2), sizes, (scale,) * 2, **options)


def upsampled(x, name: str, dtype, **more) -> jax.Array:
    method: Any
    method, scale, options = CASES[name]
    return jaxup.upsample(x, scale, method, dtype=dtype, **options, **more)


def assert_rounded(got, wanted: np.ndarray, dtype, error: float):
    """Check every value, half to even and clipped; within ``error`` of a tie either neighbour."""
    assert got.dtype == dtype
    got = np.asarray(got).astype(np.float64)
    clipped = np.clip(np.rint(wanted), *limits(dtype))
    near_tie = abs(abs(wanted - np.floor(wanted)) - 0.5) < error
    np.testing.assert_allclose(got[~near_tie], clipped[~near_tie], rtol=0, atol=error // 1)
    assert (abs(got - np.clip(wanted, *limits(dtype))) <= 0.5 + error).all()


@pytest.mark.parametrize(
    ("dtype", "name"),
    [("uint8", name) for name in CASES]
    + [(dtype, name) for dtype in INTEGERS for name in ("antialiased", "bicubic", "nearest")],
)
def test_integers_are_rounded_and_clipped(dtype, name):
    x = integers(dtype)
    error = 3e-6 * max(abs(n) for n in limits(dtype))  # of float32 sums
    assert_rounded(upsampled(jnp.asarray(x), name, dtype), exact(x, name), dtype, max(error, 1e-4))


@pytest.mark.parametrize("dtype", ["int32", "uint32", "int64", "uint64"])
def test_wide_integers_add_up_in_float64_where_jax_has_it(dtype):
    x = integers(dtype)
    with jax.enable_x64(True):
        got = upsampled(jnp.asarray(x), "bicubic", dtype)
        assert_rounded(got, exact(x, "bicubic"), dtype, 1e-14 * limits(dtype)[1] + 1e-4)
        assert upsampled(jnp.asarray(x), "bicubic", "float32").dtype == "float32"


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["bicubic", "antialiased", "nearest"])
def test_a_picture_becomes_floats(name, dtype):
    got, wanted = upsampled(PICTURE, name, dtype), exact(PICTURE, name)
    assert got.dtype == dtype
    tolerance = 1e-6 + float(jnp.finfo(dtype).eps) / 2  # one rounding
    np.testing.assert_allclose(got.astype("float32"), wanted, rtol=tolerance, atol=1e-3)


def test_ties_go_to_the_even_number():
    x = jnp.array([0, 1, 1, 2, 2, 3, 253, 254, 254, 255], jnp.uint8)
    got = jaxup.upsample(x, 0.5, "area", axes=0, dtype="uint8")
    assert got.tolist() == [0, 2, 2, 254, 254]
    signed = jnp.array([-1, 0, -2, -1, -3, -2], jnp.int8)
    got = jaxup.resize(signed, 3, "box", axes=0, dtype="int8")
    assert got.tolist() == [0, -2, -2]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_beyond_the_range_lie_the_limits(dtype):
    low, high = limits(dtype)
    x = jnp.array([-jnp.inf, -1e12, low, high, 1e12, jnp.inf, jnp.nan], jnp.float32)
    got = jaxup.upsample(x, 1, "linear", axes=0, dtype=dtype)
    again = jaxup.upsample(x, 2, "nearest", axes=0, dtype=dtype)[::2]
    wanted = [low, low, low, high, high, high, low]
    assert np.asarray(got).astype(object).tolist() == wanted
    assert np.asarray(again).astype(object).tolist() == wanted


def test_copies_stay_exact():
    x = jnp.array([2**31 - 1, -(2**31), 2**24 + 1], jnp.int32)
    assert jaxup.upsample(x, 1, axes=0, dtype="int32").tolist() == x.tolist()
    assert jaxup.resize(x, 6, "nearest", axes=0, dtype="int32")[::2].tolist() == x.tolist()
    assert jaxup.upsample(x, 2, axes=0, dtype="uint8")[::2].tolist() == [255, 0, 255]
    assert jaxup.upsample(x, 2, axes=0, dtype="int16")[::2].tolist() == [32767, -32768, 32767]


def test_floats_are_rounded_once():
    x = RNG.standard_normal(SHAPE).astype(np.float32)
    wanted = upsampled(x, "bicubic", None)
    got = upsampled(x, "bicubic", "bfloat16")
    assert (got == wanted.astype("bfloat16")).all()
    narrow = jnp.asarray(x, "bfloat16")
    wide = upsampled(narrow, "bicubic", "float32")
    assert (wide == upsampled(narrow.astype("float32"), "bicubic", None)).all()
    with jax.enable_x64(True):
        double = upsampled(jnp.asarray(x), "bicubic", "float64")
        np.testing.assert_allclose(double, exact(x, "bicubic"), rtol=0, atol=1e-13)
    assert upsampled(x, "bicubic", "complex64").dtype == "complex64"
    assert (upsampled(x, "bicubic", float) == wanted).all()  # as JAX has float64


def test_an_array_that_stays_changes_its_type():
    assert jaxup.upsample(PICTURE, 1, dtype="float32").dtype == "float32"
    assert jaxup.resize(PICTURE / 255, (9, 12), dtype="int8").dtype == "int8"


@pytest.mark.parametrize("dtype", ["uint8", "float32", "bfloat16"])
def test_resize_by_every_path(dtype):
    """Splines filter first, a fill comes last, and symbolic sizes are traced."""
    x = jnp.asarray(PICTURE, "float32")
    calls: dict[str, dict[str, Any]] = {
        "spline": {"method": "bspline3", "boundary": "mirror"},
        "fill": {"method": "cubic", "boundary": "constant", "fill_value": 200},
        "beyond": {"method": "nearest", "fill_value": 7, "fill_beyond": "edges"},
    }
    for options in calls.values():
        options |= {"coordinates": "crop_and_resize", "roi": ((-0.3, 0.8), (0.0, 0.9))}
        got = jaxup.resize(PICTURE, (14, 7), **options, dtype=dtype)
        wanted = jaxup.resize(x, (14, 7), **options)
        if dtype == "uint8":
            assert_rounded(got, np.asarray(wanted, np.float64), dtype, 1e-3)
        else:
            assert got.dtype == dtype
            rtol = {"float32": 1e-5, "bfloat16": 0.004}[dtype]
            np.testing.assert_allclose(got.astype("float32"), wanted, rtol=rtol, atol=1e-3)


def test_the_fill_is_one_of_the_results():
    options: dict[str, Any] = {"axes": 0, "boundary": "constant"}
    options |= {"coordinates": "crop_and_resize", "roi": (-2.0, 1.0)}
    x = jnp.array([10, 20], jnp.uint8)
    got = jaxup.resize(x, 4, "linear", fill_value=0.5, dtype="float32", **options)
    assert got.tolist() == [0.5, 0.5, 10, 20]
    with pytest.raises(ValueError, match=r"a fill_value that dtype uint8 can hold, got 0\.5"):
        jaxup.resize(x, 4, "linear", fill_value=0.5, dtype="uint8", **options)


def test_symbolic_sizes():
    shape = export.symbolic_shape("b, h, w, 3")
    for dtype in ("uint8", "float32"):
        f = jax.jit(lambda x, dtype=dtype: jaxup.upsample(x, 2, "bicubic", dtype=dtype))
        exported = export.export(f)(jax.ShapeDtypeStruct(shape, jnp.uint8))
        got = export.deserialize(exported.serialize()).call(PICTURE)
        assert got.dtype == dtype
        np.testing.assert_allclose(np.asarray(got, float), np.asarray(f(PICTURE), float), atol=1e-3)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "bfloat16"])
def test_transformations(dtype):
    def f(x):
        return upsampled(x, "bicubic", dtype)

    wanted = f(PICTURE)
    assert (jax.jit(f)(PICTURE) == wanted).all()
    assert (jax.vmap(f)(PICTURE[:, None])[:, 0] == wanted).all()
    exported = export.export(jax.jit(f))(jax.ShapeDtypeStruct(SHAPE, jnp.uint8))
    assert (exported.call(PICTURE) == wanted).all()
    with jaxup.as_lax():
        got = f(PICTURE).astype("float32")
    np.testing.assert_allclose(got, wanted.astype("float32"), atol=1e-3)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        assert (f(jnp.asarray(PICTURE)) == wanted).all()
    primal, tangent = jax.jvp(f, (PICTURE,), (np.zeros(SHAPE, jax.dtypes.float0),))
    assert (primal == wanted).all()
    assert tangent.dtype == (jax.dtypes.float0 if dtype == "uint8" else dtype)


def test_gradients_have_the_array_s_type():
    x, c = (jnp.asarray(RNG.standard_normal(s), "float32") for s in (SHAPE, (2, 18, 24, 3)))

    def loss(x, dtype):
        return jnp.vdot(upsampled(x, "bicubic", dtype).astype("float32"), c)

    wanted = jax.grad(loss)(x, None)
    for given, dtype in ((x, "bfloat16"), (x.astype("bfloat16"), "float32")):
        got = jax.grad(loss)(given, dtype)
        assert got.dtype == given.dtype
        np.testing.assert_allclose(got.astype("float32"), wanted, rtol=0.01, atol=0.02)
    assert not jax.grad(loss)(x, "uint8").any()
    complex_loss = jax.grad(lambda x: upsampled(x, "bicubic", "complex64").real.sum())
    np.testing.assert_allclose(complex_loss(x).sum(), c.size, rtol=1e-5)


@pytest.mark.parametrize("result", ["uint8", "float32"])
@pytest.mark.parametrize("name", ["antialiased", "bilinear x1.5", "area"])
@pytest.mark.parametrize("form", ["channels_last", "channels_first"])
def test_the_picture_is_not_written_out_as_floats(form, name, result):
    """What the program keeps is the array between the axes, none of the picture's size in float32;
    and an operation reads the picture as the bytes that it is."""
    shape = (1, 256, 256, 3) if form == "channels_last" else (1, 3, 256, 256)
    f = jax.jit(lambda x: upsampled(x, name, result, data_format=form))
    program = f.lower(jax.ShapeDtypeStruct(shape, jnp.uint8)).compile()
    entry = str(program.as_text()).partition("ENTRY")[2]
    written = f"f32[{','.join(map(str, shape))}]"
    assert "u8[" in entry
    assert written not in entry
    memory: Any = program.memory_analysis()
    out_size = f.eval_shape(jax.ShapeDtypeStruct(shape, jnp.uint8)).size
    half = math.prod(shape) // 2  # of a shrink, more lies between the axes than in the result
    assert memory.temp_size_in_bytes <= 4 * max(out_size, half)


def test_without_a_dtype_the_program_is_the_same():
    x = jax.ShapeDtypeStruct(SHAPE, jnp.float32)
    plain, named = (
        jax.make_jaxpr(lambda x, dtype=dtype: upsampled(x, "bicubic", dtype))(x)
        for dtype in (None, jnp.float32)
    )
    assert str(plain) == str(named)
    assert plain.eqns[0].primitive.name == "resample"
    assert set(plain.eqns[0].params) == {"axes", "specs", "nan_local"}


FILLS = (  # of the array, of the result, and a number that only the result may hold
    ("float16", "float32", 1e6),
    ("float8_e5m2", "float16", 3),
    ("uint8", "int32", 300),
    ("int32", "int4", 7),
    ("bool", "uint8", 9),
    ("uint8", "bool", 0),
)


@pytest.mark.parametrize("method", ["nearest", "linear"])
@pytest.mark.parametrize(("dtype", "result", "value"), FILLS)
def test_fill_value_is_of_the_result(dtype, result, value, method):
    x = jnp.ones(3).astype(dtype)
    options = {"method": method, "axes": 0, "dtype": result, "fill_value": value}
    with jax.numpy_dtype_promotion("strict"):
        y = jaxup.resize(x, 5, scale=1, boundary="constant", **options)
        masked = jaxup.upsample(x, size=3, where=jnp.array([True, True, False]), **options)
    assert (y.dtype, masked.dtype) == (result, result)
    np.testing.assert_array_equal(y.astype(float), [1, 1, 1, value, value])
    np.testing.assert_array_equal(masked.astype(float), [1, 1, value])


@pytest.mark.parametrize("function", [jaxup.upsample, jaxup.resize])
@pytest.mark.parametrize(
    "dtype", ["uint9", "U", object, "datetime64[s]", [1], 7, jax.dtypes.prng_key]
)
def test_a_wrong_dtype_is_named(function, dtype):
    rule = rf"^jaxup\.{function.__name__}: expected dtype to be a type of numbers, got .* Pass one"
    with pytest.raises(TypeError, match=rule):
        function(PICTURE, size=(4, 4), dtype=dtype)


@pytest.mark.parametrize("function", [jaxup.upsample, jaxup.resize])
def test_an_imaginary_part_is_not_dropped(function):
    rule = "expected a complex dtype for dtype complex64, got 'float32' .* Take the part"
    with pytest.raises(TypeError, match=rule):
        function(COMPLEX, size=(2, 2), dtype="float32")
    keys = jax.random.split(jax.random.key(0), (4, 4, 1))
    with pytest.raises(TypeError, match="expected an array of numbers, got dtype key<fry>"):
        function(keys, size=(2, 2), dtype="float32")


def test_names_from_elsewhere():
    with pytest.raises(TypeError, match=r"For out_dtype= write dtype= \(of the result\)"):
        jaxup.upsample(PICTURE, 2, out_dtype="uint8")  # pyright: ignore[reportArgumentType]
