"""Every option of every public function, with every kind of value that somebody might pass.

A call is refused by the names that the user typed, or it stands in `ACCEPTED` with the reason. The
calls are only traced, or refused before.
"""

import inspect
import re
from typing import Any

import jax
import numpy as np
import pytest

import jaxup
from jaxup.compat.torch import Upsample
from tests.functions.test_wrong_values import FUNCTIONS, WITH, Function, X

TRACED = jax.ShapeDtypeStruct((), np.float32)

VALUES: dict[str, Any] = {
    "None": None,
    "text": "text",
    "True": True,
    "0": 0,
    "-1": -1,
    "1.5": 1.5,
    "nan": float("nan"),
    "1j": 1j,
    "1e300": 1e300,
    "10**5000": 10**5000,
    "empty": (),
    "seven": (1,) * 7,
    "ragged": [[1], [1, 2]],
    "rank 6": np.ones((1,) * 6),
    "texts": np.array(["text"]),
    "objects": np.array([None, None]),
    "object": object(),
    "lambda": lambda: None,
    "traced": TRACED,
}


def upsample_layer(**options: Any) -> jax.Array:
    return Upsample(**options)(X)


def explained(**options: Any) -> Any:
    options = {"function": jaxup.upsample} | options
    return jaxup.explain(options.pop("function"), X, 2, **options)


# The class and the function that it calls, and a function of a function.
UPSAMPLE = Function("jaxup.compat.torch.", upsample_layer, {"scale_factor": 2.0})
UPSAMPLE.wrong = {option: [] for option in inspect.signature(Upsample).parameters}
EXPLAIN = Function("jaxup.explain", explained, {})
EXPLAIN.wrong = {"function": [], "platform": []}

EVERY = (*FUNCTIONS, UPSAMPLE, EXPLAIN)

# (functions, options, values), as expressions that match whole names: why.
NUMBERS = r"0|-1|1\.5|1e300"
ACCEPTED = {
    ("jaxup.(upsample|resize|sample|scale_and_.*|crop_and_.*)", "x", "rank 6"): "any batch axes",
    ("jaxup.sample", "coordinates", "ragged|rank 6"): "arrays of shapes that broadcast",
    (r"(?!.*rotate).*", "axes|fill_value|fill_beyond|box|max_grid|where", "None"): "the default",
    (".*", "max_shrink|platform", "None"): "the default",
    ("jaxup.(upsample|resize)", "dtype", "None"): "the default",
    (".*gaussian", "radius", "None"): "the default",
    ("jaxup.resize", "rounding|roi", "None"): "the default",
    ("jaxup.resize", "scale", "None"): "a size alone is enough",
    ("jaxup.upsample", "axes", "0|-1"): "one axis",
    ("jaxup.(upsample|resize)", "where", "True"): "all pixels count",
    (r"(?!.*jax_image).*", "scale|scale_factor", r"1\.5"): "a scale",
    ("jaxup.resize", "scale", "1e300"): "beside a size, a scale decides coordinates alone",
    ("jaxup.scale_and_translate", "scale|translation", f"{NUMBERS}|traced"): "any real number",
    ("jaxup.scale_and_translate", "scale", "None"): "the scale that fits",
    (".*", "max_shrink", r"1\.5|1e300"): "a greatest shrink",
    (".*embedding", "offset", "0"): "no offset",
    (".*upfirdn", "x", "rank 6"): "any batch axes",
    (".*upfirdn", "taps", "seven"): "seven taps",
    (".*upfirdn", "padding", "0|-1"): "no padding, or less than none",
    (".*upfirdn", "gain", NUMBERS): "any factor",
    (".*upfirdn", "flip_filter", "True"): "a bool",
    (".*upfirdn", "axes", "0|-1"): "one axis",
    (r"(?!.*torch\.$).*", "align.*|antialias|prefilter|fractional", "True"): "a bool",
    (r".*compat\..*", "(exclude|preserve|recompute).*", "True"): "a bool",
    (r".*compat\..*", "antialias|preserve_aspect_ratio|exclude_outside", "0"): "as in its library",
    (r".*compat\.torch.*", "recompute_scale_factor", "0"): "as in PyTorch",
    (r".*compat\.torch.*", "scale_factor", "True"): "as in PyTorch, where it is 1",
    (r".*compat\.torch.*", "align_.*|recompute.*|antialias", "None"): "as in PyTorch",
    (r".*compat\.torch\.(interpolate)?", "size", "None"): "as in PyTorch, beside a scale_factor",
    (r".*compat\.jax_image.*", "precision", ".*"): "there for the signature's sake",
    (r".*compat\.onnx.*", "cubic_coeff_a", NUMBERS): "any slope",
    (
        r".*compat\.(onnx|tensorflow).*",
        "extrapolation_value",
        r"0|-1|1\.5|nan",
    ): "any number of the array's",
    (r".*kernels\.(cubic|mitchell)", ".*", NUMBERS): "any cubic",
    (r".*kernels\..*", "radius|sigma", r"1\.5|1e300"): "above 0; what is too wide, calls refuse",
    (r".*kernels\.Nearest", "tolerance", "0"): "none",
    (r".*kernels\.Kernel|.*coordinates.*", "fn|convention", "lambda"): "tried when it is used",
    (r".*coordinates.*", "start|end|low|high|margin|origin", f"{NUMBERS}|traced"): "any place",
    ("jaxup.crop_and_resize", "box_indices", "None"): "the default: one image",
    (".*roi_align", "spatial_scale", r"0|-1|1\.5"): "any scale",
    (".*roi_align", "sampling_ratio", "0|-1"): "as torchvision's default",
    (".*sample_position_embedding", "new_grid", "0|-1"): "no patch is inside",
    ("jaxup.icnr", "factor", "seven"): "seven axes",
    ("jaxup.icnr", "initializer", "None|lambda"): "the default; tried when it is used",
    ("jaxup.icnr", "axis", r"0|-1|10\*\*5000"): "looked up when there are weights",
    (".*(scipy.(zoom|shift|rotate)|pillow.*)", "image|input", "rank 6"): "an array of any axes",
    (".*scipy.(zoom|shift|affine_transform)", "input", "seven"): "an array of any axes",
    (".*pillow.*", "resample", "None|0"): "as in Pillow",
    (".*pillow.*", "reducing_gap", "None"): "as in Pillow",
    (".*opencv.*", "fx|fy", r"1\.5"): "a factor",
    (".*opencv.*", "interpolation|flags|borderMode", "0"): "a constant of OpenCV's",
    (".*opencv.*", "borderValue", f"{NUMBERS}|empty|traced"): "a number, or one per channel",
    (".*scipy.*", "zoom", r"1\.5"): "a factor",
    (".*scipy.*", "cval", f"{NUMBERS}|traced|nan|True"): "a number",
    (".*scipy.*", "shift|offset", f"{NUMBERS}|traced"): "a number",
    (".*scipy.*", "angle", NUMBERS): "a number",
    (".*scipy.*", "output|output_shape", "None"): "the default",
    (".*scipy.*", "order", "0"): "nearest",
    (".*scipy.*", "coordinates", "ragged"): "arrays of shapes that broadcast",
    (".*scipy.*", "prefilter|grid_mode|reshape", "0|True"): "a bool, as SciPy reads it",
    ("jaxup.explain", "platform", "text"): "JAX's plugins have names of their own",
    ("jaxup.explain", "function", "lambda"): "its own error",
}


def reasons(name: str, option: str, value: str) -> list[tuple[str, str, str]]:
    """The entries of ACCEPTED for a call."""
    given = name, option, value
    return [p for p in ACCEPTED if all(map(re.fullmatch, p, given))]


def outcome(function: Function, option: str, value: str) -> Exception | None:
    """What a call raises, or None."""
    arguments = function.right | WITH.get((function.name, option), {})

    def call(given: Any) -> None:
        function.function(**arguments | {option: given})

    try:
        if value == "traced":
            jax.eval_shape(call, TRACED)
        else:
            jax.eval_shape(lambda: call(VALUES[value]))
    except Exception as error:
        return error
    return None


def complaints(function: Function, option: str, value: str) -> list[str]:
    """What is wrong with the answer to a call."""
    error = outcome(function, option, value)
    if reasons(function.name, option, value):
        return [] if error is None or function is EXPLAIN else [f"raises {error!r}"]
    if error is None:
        return ["is taken"]
    said = str(error)
    found = {
        "raises another error": isinstance(error, ValueError | TypeError | NotImplementedError),
        "names another function": said.startswith(function.name),
        "does not name the option": re.search(rf"\b{option}\b", said),
        "has several lines": "\n" not in said,
        "is too long": len(said) < 900,
    }
    return [f"{what}: {said[:200]}" for what, right in found.items() if not right]


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # JAX's own, of 1e300, in 0.8
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("function", EVERY, ids=lambda function: function.name)
def test_any_value(function):
    wrong = {
        (option, value): found
        for option in function.wrong
        for value in VALUES
        if (found := complaints(function, option, value))
    }
    assert not wrong, "\n".join(f"{call}: {found}" for call, found in wrong.items())


def test_the_calls_are_many_and_every_entry_of_the_list_is_needed():
    calls = [(f.name, option, value) for f in EVERY for option in f.wrong for value in VALUES]
    assert len(calls) > 2000
    used = {entry for call in calls for entry in reasons(*call)}
    assert used == ACCEPTED.keys()
    assert len(ACCEPTED) < 70
