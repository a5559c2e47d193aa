"""compat.onnx against onnx's reference implementation of Resize-19."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from jaxup.compat import onnx as compat

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")

MODES = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
)
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


def run(X, roi=None, scales=None, sizes=None, **attributes):
    """What the reference makes of a model of that one node."""
    inputs = {"X": X, "roi": roi, "scales": scales, "sizes": sizes}
    given = {name: np.asarray(value) for name, value in inputs.items() if value is not None}
    names = [name if name in given else "" for name in inputs]
    helper = onnx.helper
    node = helper.make_node("Resize", names, ["Y"], **attributes)
    graph = helper.make_graph(
        [node],
        "resize",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
            )
            for name, value in given.items()
        ],
        [helper.make_tensor_value_info("Y", helper.np_dtype_to_tensor_dtype(X.dtype), None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    return reference.ReferenceEvaluator(model).run(None, given)[0]


def draw(rng, mode, kernel):
    axes = [[1, 2], [2, 1], [2]][rng.integers(3)]
    count = len(axes)
    attributes = {
        "axes": axes,
        "mode": kernel,
        "coordinate_transformation_mode": mode,
        "exclude_outside": int(rng.integers(2)),
    }
    if kernel == "nearest":
        attributes["nearest_mode"] = ROUNDINGS[rng.integers(4)]
    else:
        attributes["antialias"] = int(rng.integers(2))
    if kernel == "cubic":
        attributes["cubic_coeff_a"] = float(rng.choice([-0.75, -0.5]))
    inputs = {}
    if mode == "tf_crop_and_resize":
        roi = np.concatenate([rng.uniform(-0.1, 0.4, count), rng.uniform(0.6, 1.2, count)])
        inputs["roi"] = roi.astype(np.float32)
        attributes["extrapolation_value"] = 7.5
    if rng.integers(2):
        inputs["scales"] = rng.choice([0.5, 0.6, 0.8, 1.37, 1.5, 2, 3], count).astype(np.float32)
    else:
        inputs["sizes"] = rng.integers(1, 20, count)
        attributes["keep_aspect_ratio_policy"] = str(
            rng.choice(["stretch", "not_larger", "not_smaller"])
        )
    return inputs, attributes


def reference_slips(shape, out_shape, inputs, attributes):
    """Outputs whose coordinate the reference misreads: just off a whole number. See the docs."""
    slips = np.zeros(out_shape, bool)
    if attributes["coordinate_transformation_mode"] != "half_pixel_symmetric":
        return slips
    for n, axis in enumerate(attributes["axes"]):
        size, out = shape[axis], out_shape[axis]
        scale = float(inputs["scales"][n]) if "scales" in inputs else None
        if scale is None:
            ratios = inputs["sizes"] / np.array([shape[a] for a in attributes["axes"]])
            policy = {"stretch": ratios[n], "not_larger": ratios.min(), "not_smaller": ratios.max()}
            scale = policy[attributes["keep_aspect_ratio_policy"]]
        offset = size / 2 * (1 - out / (scale * size))
        c = offset + (np.arange(out) + 0.5) / scale - 0.5
        off = abs(c - np.round(c))
        column = [1] * len(shape)
        column[axis] = out
        slips = slips | ((off > 0) & (off < 1e-9)).reshape(column)
    return slips


@pytest.mark.parametrize("kernel", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("mode", MODES)
def test_attributes_at_random(mode, kernel):
    rng = np.random.default_rng([MODES.index(mode), len(kernel)])
    for _ in range(6):
        X = rng.random((2, *map(int, rng.integers(3, 12, 2))), np.float32)
        inputs, attributes = draw(rng, mode, kernel)
        wanted = run(X, **inputs, **attributes)
        if mode in ("pytorch_half_pixel", "tf_crop_and_resize") and 1 in wanted.shape:
            continue  # the reference is not what is specified there; see below
        got = compat.resize(X, **inputs, **attributes)
        assert got.shape == wanted.shape, (inputs, attributes)
        slips = reference_slips(X.shape, wanted.shape, inputs, attributes)
        np.testing.assert_allclose(
            np.where(slips, 0, got), np.where(slips, 0, wanted), atol=1e-5, rtol=0,
            err_msg=f"{X.shape} {inputs} {attributes}",
        )  # fmt: skip


def test_defaults_are_nearest_round_prefer_floor_on_all_axes():
    X = np.random.default_rng(0).random((1, 1, 5, 7), np.float32)
    scales = np.array([1, 1, 1.5, 0.6], np.float32)
    np.testing.assert_array_equal(compat.resize(X, None, scales), run(X, scales=scales))


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize(
    "inputs",
    [
        {"sizes": np.array([3, 1]), "keep_aspect_ratio_policy": "not_larger"},
        {"sizes": np.array([0, 1])},
        {"scales": np.array([0.001, 1], np.float32)},
    ],
)
def test_results_without_pixels(mode, inputs):
    X = np.ones((100, 2), np.float32)
    wanted = run(X, mode=mode, **inputs)
    assert 0 in wanted.shape
    assert compat.resize(X, mode=mode, **inputs).shape == wanted.shape


def test_an_axis_that_keeps_its_length_is_resampled_as_the_reference_does():
    """docs/conventions.md: ONNX Runtime copies it."""
    X = np.arange(5, dtype=np.float32)
    by_scale = {"scales": np.array([1.19], np.float32), "mode": "linear"}
    region = {
        "roi": np.array([0.2, 0.7], np.float32),
        "sizes": np.array([5]),
        "mode": "linear",
        "coordinate_transformation_mode": "tf_crop_and_resize",
    }
    for options in (by_scale, region):
        got = compat.resize(X, **options)
        np.testing.assert_allclose(got, run(X, **options), rtol=0, atol=1e-5)
        assert got.shape == X.shape
        assert abs(got - X).max() > 0.1


def test_an_empty_batch():
    X = np.ones((0, 4), np.float32)
    scales = np.array([1, 2], np.float32)
    assert compat.resize(X, scales=scales).shape == run(X, scales=scales).shape == (0, 8)


def test_a_published_vector():
    X = jnp.array([1.0, 2.0, 3.0, 4.0])
    got = compat.resize(
        X, scales=[0.6], mode="linear", coordinate_transformation_mode="align_corners"
    )
    np.testing.assert_allclose(got, [1, 3.142857], atol=1e-6)


def test_integers_are_rounded_and_saturated():
    X = np.random.default_rng(0).integers(0, 256, (6, 7)).astype(np.uint8)
    for kernel in ("nearest", "cubic"):
        arguments = {"sizes": np.array([9, 12]), "mode": kernel}
        np.testing.assert_array_equal(compat.resize(X, **arguments), run(X, **arguments))


def test_a_single_output_of_pytorch_half_pixel_looks_at_0_as_specified():
    X = jnp.array([1.0, 5.0, 2.0])
    mode: dict[str, Any] = {"mode": "cubic", "coordinate_transformation_mode": "pytorch_half_pixel"}
    np.testing.assert_allclose(compat.resize(X, sizes=[1], **mode), [1.0], atol=1e-6)
    wrong = run(np.asarray(X), sizes=np.array([1]), **mode)
    assert abs(wrong[0] - 1) > 0.1  # when this fails, the reference is mended


def test_a_single_output_of_tf_crop_and_resize_looks_at_the_middle_as_specified():
    X = np.arange(7, dtype=np.float32)
    arguments = {
        "roi": np.array([0.5, 1.0], np.float32),
        "mode": "linear",
        "coordinate_transformation_mode": "tf_crop_and_resize",
    }
    for inputs in ({"sizes": np.array([1])}, {"scales": np.array([1 / 7], np.float32)}):
        np.testing.assert_allclose(compat.resize(X, **inputs, **arguments), [4.5], atol=1e-5)


def test_the_reference_is_a_pixel_off_just_above_a_whole_number():
    X = np.arange(11, dtype=np.float32)
    arguments = {
        "scales": np.array([0.5], np.float32),
        "mode": "linear",
        "coordinate_transformation_mode": "half_pixel_symmetric",
    }
    wanted = [1, 3, 5, 7, 9]  # offset 1/2, so 1/2 + 2 i + 1/2, of a ramp
    np.testing.assert_allclose(compat.resize(X, **arguments), wanted, atol=1e-6)
    assert run(X, **arguments)[0] < 1e-6  # when this fails, the reference is mended


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "exactly one of scales and sizes, got neither"),
        ({"sizes": [2], "scales": [2.0]}, "exactly one of scales and sizes, got both"),
        ({"sizes": [2, 2]}, r"1 sizes \(one per axis in axes, or of X\), got sizes=\(2, 2\)"),
        ({"sizes": [2], "mode": "cubc"}, "a known mode, got 'cubc'"),
        ({"sizes": [2], "nearest_mode": "round"}, "a known nearest_mode, got 'round'"),
        (
            {"sizes": [2], "coordinate_transformation_mode": "tf_crop_and_resize"},
            r"a flat roi of 1 starts and 1 ends for 'tf_crop_and_resize', got none",
        ),
        (
            {
                "sizes": [2],
                "roi": [0.1, 0.2, 0.3],
                "coordinate_transformation_mode": "tf_crop_and_resize",
            },
            r"a flat roi of 1 starts and 1 ends for 'tf_crop_and_resize', got \[0.1, 0.2, 0.3\]",
        ),
        ({"sizes": [2], "antialias": 1}, "antialias only with mode 'linear' or 'cubic'"),
    ],
)
def test_what_it_refuses(arguments, text):
    with pytest.raises(ValueError, match=r"^jaxup.compat.onnx.resize: expected " + text):
        compat.resize(jnp.ones(4), **arguments)
