"""`crop_and_resize`: values, derivatives, memory, and what it does at the edges of sense."""

import itertools
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads

import jaxup
from jaxup import crop_and_resize
from tests.helpers import oracle

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(size=(2, 11, 14, 3)).astype(np.float32)
BOXES = np.array(
    [
        [[0, 11], [0, 14]],  # a whole image
        [[1.3, 4.2], [2, 13.5]],  # one axis grows, the other shrinks
        [[9.3, 2.1], [5.5, 6]],  # flipped
        [[-4, 3.7], [10, 20.2]],  # beyond the edges
        [[5, 5], [12, 12.5]],  # of no extent
    ],
    np.float32,
)
INDICES = [0, 1, 1, 0, 1]
SIZE = (4, 5)
KERNELS = {
    "linear": (oracle.triangle, 1),
    "cubic": (lambda d: oracle.keys(d, -0.5), 2),
    "lanczos3": (oracle.lanczos3, 3),
}


def defined(image, box, method, boundary, antialias, fill):
    """A box by the docstring's formula, in float64, axis by axis."""
    weight, radius = KERNELS[method]
    fn = np.vectorize(weight, otypes=[float])
    y = np.float64(image)
    cover = np.ones(SIZE)
    for axis, ((low, high), out) in enumerate(zip(box.tolist(), SIZE, strict=True)):
        coordinate = low + (np.arange(out) + 0.5) * (high - low) / out - 0.5
        scale = max(1.0, abs(high - low) / out) if antialias else 1.0
        outside = (coordinate < -0.5) | (coordinate > image.shape[axis] - 0.5)

        def row(x, coordinate=coordinate, scale=scale, outside=outside):
            if boundary != "renormalize":
                return oracle.interpolated(x, coordinate, fn, radius, boundary, 0.0, scale)
            there = np.where(outside, 0, coordinate)
            read = oracle.interpolated(x, there, fn, radius, boundary, 0.0, scale)
            return np.where(outside, 0, read)

        y = np.apply_along_axis(row, axis, y)
        cover = cover * row(np.ones(image.shape[axis])).reshape([-1, 1] if axis == 0 else [1, -1])
    return y + fill * (1 - cover)[..., None] if boundary == "constant" else y


@pytest.mark.optimised
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize(
    ("method", "boundary"),
    [("linear", "renormalize"), ("cubic", "reflect"), ("lanczos3", "constant"), ("cubic", "edge")],
)
def test_values(method, boundary, antialias):
    """Boxes that share images, and as many boxes as images: two programs."""
    options = {"boundary": boundary, "antialias": antialias, "max_shrink": 4.0}
    fill = 2.0 if boundary == "constant" else 0.0
    if fill:
        options["fill_value"] = fill

    @jax.jit
    def found(x, boxes, indices):
        few = jnp.array([1, 3])
        return (
            crop_and_resize(x, boxes, SIZE, method, box_indices=indices, **options),
            crop_and_resize(x, boxes[few], SIZE, method, box_indices=indices[few], **options),
        )

    every, two = found(IMAGES, BOXES, jnp.array(INDICES))
    assert every.shape == (5, 4, 5, 3)
    for n, (box, image) in enumerate(zip(BOXES, INDICES, strict=True)):
        wanted = defined(IMAGES[image], box, method, boundary, antialias, fill)
        np.testing.assert_allclose(every[n], wanted, atol=5e-6, err_msg=str(n))
        if n in (1, 3):
            np.testing.assert_allclose(two[n // 2], wanted, atol=5e-6, err_msg=str(n))


@pytest.mark.parametrize("method", ["nearest", "area", "bspline3", "linear"])
def test_known_boxes_are_those_of_resize(method):
    boxes, axes = BOXES[:2].astype(float), (0, 1)
    x = IMAGES[0] if method != "nearest" else (IMAGES[0] * 99).astype(np.uint8)
    boundary = "mirror" if method == "bspline3" else "renormalize"
    every = crop_and_resize(x, boxes, SIZE, method, boundary=boundary)
    one = crop_and_resize(x, boxes[:1], SIZE, method, boundary=boundary)
    assert every.dtype == x.dtype
    for n, box in enumerate(boxes):
        wanted = jaxup.resize(x, SIZE, method, axes=axes, box=box.tolist(), boundary=boundary)
        np.testing.assert_allclose(every[n], wanted, atol=5e-6)
        if n == 0:
            np.testing.assert_allclose(one[0], wanted, atol=5e-6)


def test_an_image_with_batch_and_channel_axes():
    """Every box is read from the whole array; axes and formats say which are spatial."""
    boxes = BOXES[:3]
    every = crop_and_resize(IMAGES, boxes, SIZE)
    assert every.shape == (3, 2, 4, 5, 3)
    first = crop_and_resize(np.moveaxis(IMAGES, -1, 1), boxes, SIZE, data_format="channels_first")
    np.testing.assert_allclose(jnp.moveaxis(first, 2, -1), every, atol=1e-6)
    plain = crop_and_resize(IMAGES[1, ..., 0], boxes, SIZE)
    np.testing.assert_allclose(plain, every[:, 1, ..., 0], atol=1e-6)
    swapped = crop_and_resize(IMAGES, boxes[:, ::-1], SIZE[::-1], axes=(2, 1))
    np.testing.assert_allclose(swapped, every, atol=1e-6)
    of_each = crop_and_resize(
        np.moveaxis(IMAGES, -1, 1), boxes, SIZE, box_indices=[1, 0, 1], axes=(2, 3)
    )
    np.testing.assert_allclose(of_each[1], jnp.moveaxis(every[1, 0], -1, 0), atol=1e-6)


def test_one_axis_and_three():
    line = IMAGES[0, :, 0, 0]
    y = crop_and_resize(line, BOXES[:, :1], 4, "cubic")
    np.testing.assert_allclose(y[0], jaxup.resize(line, 4, "cubic", axes=0), atol=1e-6)
    volume = RNG.uniform(size=(4, 5, 6)).astype(np.float32)
    boxes = np.array([[[0, 4], [1, 4.5], [2, 6]], [[0.5, 3], [0, 5], [1, 2]]])
    y = crop_and_resize(volume, boxes, (3, 2, 4), "cubic")
    for box, each in zip(boxes, y, strict=True):
        wanted = jaxup.resize(volume, (3, 2, 4), "cubic", axes=(0, 1, 2), box=box.tolist())
        np.testing.assert_allclose(each, wanted, atol=5e-6)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("method", "antialias"), [("cubic", True), ("lanczos3", False)])
def test_derivatives(count, method, antialias):
    """In the image and in the boxes, forward and backward; one box, and several."""
    with jax.enable_x64():
        x = jnp.asarray(RNG.uniform(size=(5, 6)))
        boxes = jnp.array([[[0.3, 4.1], [1.2, 5.9]], [[3.2, 1.3], [-1.7, 4.4]], [[1, 2.1], [2, 8]]])

        def f(x, boxes):
            return crop_and_resize(x, boxes, (2, 3), method, antialias=antialias)

        check_grads(jax.jit(f), (x, boxes[:count]), order=1, modes=("fwd", "rev"))


def test_second_derivatives():
    """Of several boxes along one axis; scale_and_translate's test has those of antialiasing."""
    with jax.enable_x64():
        x, boxes = jnp.asarray(RNG.uniform(size=5)), jnp.array([[[0.3, 4.1]], [[3.2, 1.3]]])
        f = jax.jit(lambda x, boxes: crop_and_resize(x, boxes, 2, "cubic", antialias=False))
        check_grads(f, (x, boxes), order=2, modes=("fwd", "rev"))


@pytest.mark.parametrize("in_axes", [(0, None, None), (None, 0, 0), (0, 0, None), (None, None, 0)])
def test_vmap_of_values_and_gradients(in_axes):
    """More images, more boxes, or both: the batch of a program with several boxes."""

    def f(x, boxes, indices):
        y = crop_and_resize(x, boxes, 3, box_indices=indices)
        return (y**2).sum(), y

    both = jax.jit(jax.vmap(jax.value_and_grad(f, (0, 1), has_aux=True), in_axes))
    inputs = IMAGES[:, None], BOXES[None, :3] + np.array([0.1, 0.7]).reshape(2, 1, 1, 1), None
    indices = np.zeros((2, 3), int)
    given = [
        each if axis == 0 else each[0]
        for each, axis in zip((*inputs[:2], indices), in_axes, strict=True)
    ]
    (_, values), gradients = both(*[jnp.asarray(each) for each in given])
    for n in range(2):
        one = [
            jnp.asarray(each[n] if axis == 0 else each)
            for each, axis in zip(given, in_axes, strict=True)
        ]
        (_, value), gradient = jax.value_and_grad(f, (0, 1), has_aux=True)(*one)
        np.testing.assert_allclose(values[n], value, atol=1e-5)
        for got, wanted in zip(gradients, gradient, strict=True):
            np.testing.assert_allclose(got[n], wanted, atol=2e-4)


def test_export_with_any_number_of_boxes():
    n, b = export.symbolic_shape("n, b")
    shapes = [(b, 11, 14, 3), (n, 2, 2), (n,)]
    dtypes = ["float32", "float32", "int32"]
    program = export.export(
        jax.jit(lambda x, boxes, indices: crop_and_resize(x, boxes, SIZE, box_indices=indices))
    )(*map(jax.ShapeDtypeStruct, shapes, dtypes))
    for count in (1, 5):
        given = IMAGES, BOXES[:count], np.array(INDICES[:count], np.int32)
        wanted = crop_and_resize(*given[:2], SIZE, box_indices=given[2])
        np.testing.assert_allclose(program.call(*given), wanted, atol=1e-5)


def test_within_as_lax():
    def f(x, boxes):
        return crop_and_resize(x, boxes, SIZE, "linear", max_shrink=4.0)

    with jaxup.as_lax():
        program = str(jax.make_jaxpr(f)(IMAGES[0], BOXES))
        y = f(IMAGES[0], BOXES)
    assert "window" not in program
    assert "band" not in program
    np.testing.assert_allclose(y, f(IMAGES[0], BOXES), atol=1e-5)


@pytest.mark.optimised
def test_memory_is_that_of_the_result():
    """A hundred boxes have no hundred images, and no picture's width for each box's row."""
    x, boxes = jnp.zeros((1, 512, 512, 4)), jnp.zeros((100, 2, 2))
    given = x, boxes, jnp.zeros(100, "int32")
    for antialias in (False, True):

        def f(x, boxes, indices, antialias=antialias):
            return crop_and_resize(x, boxes, 16, box_indices=indices, antialias=antialias)

        analysis = jax.jit(f).lower(*given).compile().memory_analysis()
        assert analysis is not None
        assert analysis.temp_size_in_bytes < 3 * 100 * 16 * 16 * 4 * 4


@pytest.mark.parametrize("count", [1, 5])
def test_the_forward_scatters_nothing(count):
    text = jax.jit(lambda x, boxes: crop_and_resize(x, boxes, SIZE)).lower(IMAGES[0], BOXES[:count])
    assert "scatter" not in text.as_text()


@pytest.mark.parametrize("count", [1, 5])
def test_nan_stays_where_it_is_read(count):
    x = np.ones((8, 8, 1), np.float32)
    x[2, 3] = np.nan
    box = np.tile(np.array([[[0, 8.0], [0, 8]]]), (count, 1, 1))
    y = crop_and_resize(x, jnp.asarray(box), 16, "linear")[-1, :, :, 0]
    wanted = np.zeros((16, 16), bool)
    wanted[3:7, 5:9] = True
    assert (np.isnan(y) == wanted).all()


def test_a_nan_or_infinite_box_reads_nothing_and_harms_no_other():
    boxes = jnp.asarray(BOXES).at[1, 0, 0].set(jnp.nan).at[2, 1, 1].set(jnp.inf)
    y = jax.jit(lambda b: crop_and_resize(IMAGES[0], b, SIZE))(boxes)
    assert (y[1] == 0).all()
    assert jnp.isfinite(y).all()
    wanted = crop_and_resize(IMAGES[0], BOXES, SIZE)
    np.testing.assert_allclose(y[jnp.array([0, 3, 4])], wanted[jnp.array([0, 3, 4])], atol=1e-6)


@pytest.mark.optimised
@pytest.mark.parametrize("method", ["linear", "area", "nearest"])
def test_extreme_boxes_give_no_nan(method):
    places = [0.0, 1e-30, 5.0, -1e30, 1e30]
    pairs = jnp.array(list(itertools.product(places, places)))
    boxes = jnp.stack([pairs, pairs], 1)

    def f(x, boxes):
        return crop_and_resize(x, boxes, 2, method).sum()

    value, gradients = jax.jit(jax.value_and_grad(f, (0, 1)))(IMAGES[0], boxes)
    assert jnp.isfinite(value)
    assert all(jnp.isfinite(each).all() for each in gradients)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_floats_accumulate_in_float32(dtype):
    x = jnp.asarray(IMAGES).astype(dtype)
    for count in (1, 5):
        y = crop_and_resize(x, BOXES[:count], SIZE, "cubic")
        wanted = crop_and_resize(x.astype("float32"), BOXES[:count], SIZE, "cubic")
        assert y.dtype == dtype
        eps = float(jnp.finfo(dtype).eps)
        np.testing.assert_allclose(y.astype("float32"), wanted, rtol=0, atol=1.5 * eps)


def test_no_boxes():
    y = crop_and_resize(IMAGES, np.zeros((0, 2, 2)), SIZE, box_indices=[])
    assert y.shape == (0, 4, 5, 3)
    gradient = jax.grad(lambda x: crop_and_resize(x, np.zeros((0, 2, 2)), SIZE).sum())(IMAGES)
    assert (gradient == 0).all()
    with jaxup.as_lax():
        assert crop_and_resize(IMAGES, np.zeros((0, 2, 2)), SIZE).shape == (0, 2, 4, 5, 3)


def test_traced_indices_are_clipped():
    given = IMAGES, BOXES[:3], SIZE
    y = jax.jit(lambda n: crop_and_resize(*given, box_indices=n))(jnp.array([-3, 1, 7]))
    wanted = crop_and_resize(*given, box_indices=[0, 1, 1])
    np.testing.assert_allclose(y, wanted, atol=1e-6)


X = np.zeros((2, 8, 9, 3), np.float32)
PAIRS = np.zeros((4, 2, 2), np.float32)
ERRORS = [
    (ValueError, r"boxes of shape \(n, d, 2\), got shape \(2, 2\).*boxes\[None\]", X, PAIRS[0], {}),
    (TypeError, "array, got str .*as boxes", X, "all", {}),
    (TypeError, "boxes to be real numbers, got dtype bool", X, PAIRS > 0, {}),
    (ValueError, "finite boxes, got", X, PAIRS + np.nan, {}),
    (ValueError, "box_indices of shape .n,., an integer per box, got shape", X, PAIRS,
     {"box_indices": [1]}),
    (TypeError, "box_indices of shape .n,., an integer per box, got dtype float", X, PAIRS,
     {"box_indices": np.zeros(4)}),
    (ValueError, "box_indices from 0 to 1, got .0, 2..*2 images, the first axis of x", X, PAIRS,
     {"box_indices": [0, 1, 2, 0]}),
    (ValueError, "an axis of images, the first, beside the spatial ones", X, PAIRS,
     {"box_indices": [0] * 4, "axes": (0, 1)}),
    (ValueError, "3 or more axes", X[0, 0, 0], PAIRS, {}),
    (ValueError, "3 axes for boxes of 3 pairs", X, np.zeros((1, 3, 2)), {"axes": (1, 2)}),
    (TypeError, "floating-point", X.astype(int), PAIRS, {}),
    (ValueError, "an output of at least 1 pixel, got size=0", X, PAIRS, {"size": 0}),
    (TypeError, "For extrapolation_value= write fill_value=", X, PAIRS,
     {"extrapolation_value": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "text", "x", "boxes", "options"), ERRORS)
def test_errors(error, text, x, boxes, options):
    with pytest.raises(error, match=rf"^jaxup\.crop_and_resize: expected .*{text}"):
        crop_and_resize(x, boxes, **{"size": 4} | options)


def test_known_boxes_need_no_max_shrink_within_jit():
    def f(x):
        return crop_and_resize(x, BOXES, SIZE, boundary="edge", box_indices=INDICES)

    wanted = crop_and_resize(
        IMAGES, jnp.asarray(BOXES), SIZE, boundary="edge", box_indices=INDICES, max_shrink=4
    )
    np.testing.assert_allclose(jax.jit(f)(IMAGES), wanted, atol=1e-6)


def test_max_shrink_may_be_any_real_number():
    options: Any = {"boundary": "edge", "method": "cubic"}
    wanted = crop_and_resize(X, PAIRS, 4, max_shrink=1.5, **options)
    found = crop_and_resize(X, PAIRS, 4, **options | {"max_shrink": Fraction(3, 2)})
    np.testing.assert_array_equal(found, wanted)


def test_indices_of_images_may_be_constants_of_a_program():
    known = jnp.array(INDICES)
    wanted = crop_and_resize(IMAGES, BOXES, SIZE, box_indices=known)
    found = jax.jit(lambda x: crop_and_resize(x, BOXES, SIZE, box_indices=known))(IMAGES)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    outside = jnp.array([0, 9])
    with pytest.raises(ValueError, match=r"expected box_indices from 0 to \d+, got \[0, 9\]"):
        jax.jit(lambda x: crop_and_resize(x, BOXES[:2], SIZE, box_indices=outside))(IMAGES)


def test_traced_boxes_and_a_boundary_ask_for_max_shrink():
    f = jax.jit(lambda boxes: crop_and_resize(X, boxes, 4, boundary="edge"))
    with pytest.raises(ValueError, match=r"expected max_shrink for traced boxes.*antialias=False"):
        f(PAIRS)
