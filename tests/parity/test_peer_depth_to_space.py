"""`jaxup.pixel_shuffle` in either order against ONNX's DepthToSpace and its inverse."""

import numpy as np
import pytest

from jaxup import pixel_shuffle, pixel_unshuffle

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")

TYPE = onnx.TensorProto.FLOAT


def run(operator, x, factor, **attributes):
    helper = onnx.helper
    node = helper.make_node(operator, ["x"], ["y"], blocksize=factor, **attributes)
    x_info = helper.make_tensor_value_info("x", TYPE, x.shape)
    y_info = helper.make_tensor_value_info("y", TYPE, None)
    graph = helper.make_graph([node], "blocks", [x_info], [y_info])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    return reference.ReferenceEvaluator(model).run(None, {"x": x})[0]


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize(("order", "mode"), [("torch", "CRD"), ("tensorflow", "DCR")])
def test_depth_to_space(factor, order, mode):
    x = np.arange(2 * 3 * factor**2 * 20, dtype=np.float32).reshape(2, -1, 4, 5)
    y = run("DepthToSpace", x, factor, mode=mode)
    first = pixel_shuffle(x, factor, order=order, data_format="NCHW")
    np.testing.assert_array_equal(first, y)
    last = pixel_shuffle(np.moveaxis(x, 1, -1), factor, order=order)
    np.testing.assert_array_equal(last, np.moveaxis(y, 1, -1))


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_space_to_depth(factor):
    """It has TensorFlow's order alone."""
    x = np.arange(2 * 3 * 20 * factor**2, dtype=np.float32).reshape(2, 3, 4 * factor, 5 * factor)
    y = run("SpaceToDepth", x, factor)
    ours = pixel_unshuffle(x, factor, order="tensorflow", data_format="NCHW")
    np.testing.assert_array_equal(ours, y)
