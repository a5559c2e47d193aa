"""jaxup.export.onnx: files that jax2onnx writes, as ONNX Runtime computes them."""

from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup

jax2onnx = pytest.importorskip("jax2onnx")
onnxruntime = pytest.importorskip("onnxruntime")

jaxup.export.onnx.register()

SYMBOLS = {"B": 2, "C": 3}


def written(function, shape, **options):
    """A model of one input, and what its nodes are."""
    model = jax2onnx.to_onnx(function, [shape], **options)
    return model, Counter(node.op_type for node in model.graph.node)


def run(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def draw(shape):
    return np.random.default_rng(0).random([SYMBOLS.get(n) or n for n in shape], np.float32)


def agrees(function, model, shape, atol=1e-5):
    jax.clear_caches()  # jax2onnx traces with functions of its own, and leaves them there
    x = draw(shape)
    np.testing.assert_allclose(run(model, x), function(jnp.asarray(x)), rtol=0, atol=atol)


# What a model calls, the shape it has there, and the node that the file gets for it.
MODELS = {
    "U-Net decoder": (
        lambda x: jaxup.upsample(x, 2, "bilinear", align_corners=True),
        ("B", 32, 32, 16),
        "Resize",
    ),
    "diffusion up-block": (lambda x: jaxup.upsample(x, 2, "nearest"), ("B", 16, 16, 32), "Resize"),
    "super-resolution x2": (lambda x: jaxup.upsample(x, 2, "bicubic"), ("B", 64, 64, 3), "Resize"),
    "super-resolution x3": (lambda x: jaxup.upsample(x, 3, "bicubic"), (1, 48, 52, 3), "Resize"),
    "super-resolution x4, channels first": (
        lambda x: jaxup.upsample(x, 4, "bicubic", data_format="channels_first"),
        ("B", 3, 32, 40),
        "Resize",
    ),
    "feature pyramid": (
        lambda x: jaxup.upsample(x, size=(49, 67), method="nearest"),
        ("B", 25, 34, 16),
        "Gather",
    ),
    "segmentation head": (
        lambda x: jaxup.upsample(x, size=(128, 160), method="bilinear"),
        ("B", 16, 20, 21),
        "Resize",
    ),
    "position embeddings": (
        lambda x: jaxup.resize_position_embedding(x, (14, 14), (10, 20)),
        (1, 197, 32),
        "Resize",
    ),
    "antialiased thumbnail": (
        lambda x: jaxup.resize(x, (60, 80), "cubic"),
        (1, 200, 300, 3),
        "Resize",
    ),
    "signals": (lambda x: jaxup.upsample(x, 2, "linear", axes=1), ("B", 100, 8), "Resize"),
    "volumes": (lambda x: jaxup.upsample(x, 2, "trilinear"), ("B", 6, 10, 12, 4), "Resize"),
    "vmapped crops": (
        jax.vmap(lambda x: jaxup.upsample(x, 2, "bilinear", axes=(0, 1))),
        ("B", 17, 18, 5),
        "Resize",
    ),
    "thumbnail by lanczos3": (
        lambda x: jaxup.resize(x, (60, 80), "lanczos3"),
        ("B", 96, 120, 3),
        "MatMul",
    ),
    "spline": (lambda x: jaxup.resize(x, (30, 30), "bspline3"), (1, 18, 19, 3), "MatMul"),
    "a window of a periodic field": (
        lambda x: jaxup.resize(x, (16, 24), "cubic", boundary="wrap"),
        ("B", 8, 12, 3),
        "MatMul",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models_give_the_same_values(name):
    function, shape, kind = MODELS[name]
    model, nodes = written(function, shape)
    assert nodes[kind] >= 1
    assert set(nodes) <= {kind, "Transpose", "Reshape", "Slice", "Concat", "Identity"}
    agrees(function, model, shape)


# jax2onnx's own jnp.where says float64 while it is traced, and writes float32.
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64")
@pytest.mark.parametrize("name", MODELS)
def test_as_lax_needs_no_plugin(name):
    function, shape, _ = MODELS[name]
    with jaxup.as_lax():
        model, nodes = written(function, shape)
    assert nodes["Resize"] == nodes["MatMul"] == 0
    agrees(function, model, shape)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64")
def test_traced_geometry_is_written_as_lax():
    def function(x):
        scale, translation = jnp.array([1.3, 1.2]), jnp.array([0.1, 0.2])
        return jaxup.scale_and_translate(x, (9, 10), scale, translation, axes=(0, 1))

    with jaxup.as_lax():
        model, _ = written(function, (8, 8, 3))
    agrees(function, model, (8, 8, 3))


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (lambda x: jaxup.upsample(x, 2, "bilinear"), {"Resize": 1}),
        (lambda x: jaxup.resize(x, (4, 16), "cubic"), {"Resize": 2}),  # one of them antialiased
        (lambda x: jaxup.resize(x, (16, 16), "linear", boundary="constant"), {"MatMul": 2}),
        (lambda x: jaxup.upsample(x, 1.3, "bilinear"), {"MatMul": 2}),  # the scale is not 10 / 8
        (lambda x: jaxup.upsample(x, (2, 1.5), "nearest"), {"Resize": 1, "Gather": 1}),
        (lambda x: jaxup.resize(x, (4, 8), "area"), {"Resize": 1}),  # it is linear, halfway
        (lambda x: jaxup.upsample(x, size=(1, 1), method="nearest"), {"Gather": 2}),
    ],
)  # fmt: skip
def test_which_nodes_an_axis_becomes(function, kinds):
    model, nodes = written(function, (1, 8, 8, 3))
    assert {kind: nodes[kind] for kind in ("Resize", "Gather", "MatMul") if nodes[kind]} == kinds
    agrees(function, model, (1, 8, 8, 3))


@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic"])
def test_sizes_at_random(method):
    """Scales are stored in float32: the sizes that ONNX Runtime makes of them have to be these."""
    rng = np.random.default_rng(len(method))
    for _ in range(12):
        height, width = (int(n) for n in rng.integers(1, 60, 2))
        size = tuple(int(n) for n in rng.integers(1, 120, 2))
        option = rng.choice(["align_corners", "antialias", ""] if method != "nearest" else [""])
        options = {option: True} if option else {}

        def function(x, size=size, options=options):
            return jaxup.upsample(x, size=size, method=method, **options)

        shape = (1, height, width, 2)
        agrees(function, written(function, shape)[0], shape)


def test_gradients_are_written_too():
    function = jax.grad(lambda x: (jaxup.upsample(x, 2, "bilinear") ** 2).sum())
    model, nodes = written(function, ("B", 8, 8, 3))
    assert (nodes["Resize"], nodes["MatMul"]) == (1, 2)
    agrees(function, model, ("B", 8, 8, 3))


def test_an_older_opset_and_two_symbols_are_products():
    def function(x):
        return jaxup.upsample(x, 2, "bilinear")

    for shape, options in [((1, 8, 8, 3), {"opset": 17}), (("B", 8, 8, "C"), {})]:
        model, nodes = written(function, shape, **options)
        assert (nodes["Resize"], nodes["MatMul"]) == (0, 2)
        agrees(function, model, shape)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_floats_are_computed_in_float32(dtype):
    def function(x):
        return jaxup.upsample(x.astype(dtype), 2, "bicubic").astype(jnp.float32)

    model, nodes = written(function, (1, 8, 8, 3))
    assert nodes["Resize"] == 1
    agrees(function, model, (1, 8, 8, 3), atol=2 * float(jnp.finfo(dtype).eps))


def test_integers_are_gathered():
    def function(x):
        return jaxup.upsample((x * 255).astype(jnp.uint8), 2, "nearest")

    model, nodes = written(function, (1, 8, 8, 3))
    assert nodes["Gather"] == 2
    agrees(function, model, (1, 8, 8, 3), atol=0)


def test_float64_is_a_product():
    def function(x):
        return jaxup.upsample(x, 2, "bicubic")

    with jax.enable_x64(True):
        model, nodes = written(function, (1, 8, 8, 3), enable_double_precision=True)
        assert nodes["MatMul"] == 2
        x = draw((1, 8, 8, 3)).astype(np.float64)
        np.testing.assert_allclose(run(model, x), function(jnp.asarray(x)), rtol=0, atol=1e-14)


def test_complex_arrays_are_refused():
    with pytest.raises(NotImplementedError, match=r"expected a real array, got complex64"):
        written(lambda x: jaxup.upsample(x + 1j, 2, "bilinear").real, (1, 8, 8, 3))


def test_large_pictures_differ_by_the_rounding_of_coordinates():
    """docs/export.md states the number."""

    def function(x):
        return jaxup.upsample(x, 3, "bicubic")

    model, nodes = written(function, (1, 512, 512, 1))
    assert nodes["Resize"] == 1
    agrees(function, model, (1, 512, 512, 1), atol=1e-4)
