"""docs/limits.md: its tables measured again, its own sentences held, and each said to be held."""

import functools
import multiprocessing
import os
import pickle
import re
import subprocess
import sys
import threading
import tomllib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup
from jaxup import boundary, coordinates, kernels
from tests.helpers import limits, oracle
from tests.helpers.cases import numbers
from tests.helpers.paths import ROOT

X = numbers((1, 9, 11, 2))
EPS = float(np.finfo(np.float32).eps)
CALLS = {
    "nearest": functools.partial(jaxup.upsample, scale=2),
    "bilinear": functools.partial(jaxup.upsample, scale=2, method="bilinear"),
    "bicubic": functools.partial(jaxup.upsample, scale=1.5, method="bicubic"),
    "antialias": functools.partial(jaxup.upsample, scale=0.5, method="bilinear", antialias=True),
    "bspline2": functools.partial(jaxup.resize, size=7, method="bspline2", axes=1),
    "constant": functools.partial(
        jaxup.resize, size=13, method="lanczos3", axes=1, boundary="constant", fill_value=0.5
    ),
}


# The page


def test_every_sentence_has_a_test():
    """A point of a list, or the line before a table, ends with the tests that hold it."""
    page = limits.PAGE.read_text()
    points = re.findall(r"^- .*?(?=^- |^$)", page, re.M | re.S)
    assert len(points) > 20
    assert [point for point in points if not re.search(r"\]\(\.\./tests/", point)] == []
    for name, file in re.findall(r"\[(\w+)\]\(\.\./(tests/[^)]+)\)", page):
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M), name


# Sizes


def test_an_axis_has_up_to_two_to_the_27_weights():
    linear = functools.partial(jaxup.upsample, method="linear", axes=0)
    for in_size, out_size, others in ((2**25, 2**26, 4), (4, 8, 2**37)):
        x = jax.ShapeDtypeStruct((in_size, others), "float32")
        y = jax.eval_shape(functools.partial(linear, size=out_size), x)
        assert y.shape == (out_size, others)
    long = jax.ShapeDtypeStruct((2**26,), "float32")
    with pytest.raises(ValueError, match=rf"at most {2**27} weights along axis 0"):
        jax.eval_shape(functools.partial(linear, scale=2), long)
    with pytest.raises(ValueError, match=rf"at most {2**31 - 1} pixels per axis"):
        jax.eval_shape(functools.partial(linear, size=2**31), long)
    with pytest.raises(ValueError, match="at least 1 pixel"):
        linear(np.ones((0, 2), np.float32), size=4)


# Memory and precision


@pytest.mark.one_jax  # another XLA was seen to take up to a fifth more
def test_memory_is_at_most_what_the_page_says():
    """Up to a tenth, in which small changes of XLA differ."""
    said, measured = limits.on_the_page(limits.MEMORY), limits.memory()
    assert said.keys() == measured.keys()
    for name, row in measured.items():
        for column, number in row.items():
            assert number <= 1.1 * said[name][column] + 0.05, (name, column)


def test_errors_are_those_on_the_page():
    """Up to what another CPU and another version of XLA make of the sums."""
    said, measured = limits.on_the_page(limits.PRECISION), limits.precision()
    assert said.keys() == measured.keys()
    for name, row in measured.items():
        for column, number in row.items():
            assert number <= 1.5 * said[name][column] + 0.5, (name, column, number)
            assert said[name][column] <= 1.5 * number + 0.5, (name, column, number)


# Determinism


@pytest.mark.parametrize("name", CALLS)
def test_bits_are_the_same_again_and_under_jit(name):
    f = CALLS[name]
    first = np.asarray(f(X))
    np.testing.assert_array_equal(f(X), first)
    jax.clear_caches()
    np.testing.assert_array_equal(jax.jit(f)(X), first)


def test_traced_numbers_give_the_same_bits_again_and_nearly_those_of_constants():
    def f(x, scale):
        return jaxup.scale_and_translate(x, 13, scale, 0.2, "cubic", axes=1)

    scale = jnp.float32(1.3)
    first = np.asarray(f(X, scale))
    np.testing.assert_array_equal(f(X, scale), first)
    constant = jax.jit(lambda x: f(x, scale))(X)
    np.testing.assert_allclose(constant, first, rtol=0, atol=16 * EPS * np.abs(first).max())


@pytest.mark.parametrize("name", ["bicubic", "bspline2"])
def test_gradients_outside_jit_are_those_of_a_whole_program(name):
    gradient = jax.grad(lambda x: (CALLS[name](x) ** 2).sum())
    whole = np.asarray(jax.jit(gradient)(X))
    np.testing.assert_allclose(gradient(X), whole, rtol=0, atol=16 * EPS * np.abs(whole).max())


# NaN and Inf


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(
    ("method", "radius"), [("nearest", 1), ("linear", 1), ("cubic", 2), ("lanczos3", 3)]
)
def test_a_nan_reaches_what_its_kernel_reaches(method, radius, value):
    """Within ``radius`` pixels, and certainly where its weight is not 0."""
    x = np.ones((20, 1), np.float32)
    x[8] = value
    y = jaxup.upsample(x, 1.5, method, axes=0)[:, 0]
    centre = (np.arange(30) + 0.5) / 1.5 - 0.5
    assert (abs(centre - 8)[~np.isfinite(y)] <= radius).all()
    weights = oracle.matrix(method, 20, 30, 1.5)[:, 8]
    assert not np.isfinite(y[weights != 0]).any()


# Threads and processes


def test_eight_threads_call_compile_and_clear_caches():
    scales = (2, 1.5, 0.5, 3)
    calls = [functools.partial(jaxup.upsample, scale=s, axes=1, method="cubic") for s in scales]
    wanted = [np.asarray(f(X)) for f in calls]
    start = threading.Barrier(8)

    def work(thread):
        start.wait()
        for turn in range(4):
            which = (thread + turn) % 4
            if turn == thread % 4:
                jax.clear_caches()
            f = jax.jit(calls[which]) if turn % 2 else calls[which]
            np.testing.assert_array_equal(f(X), wanted[which])

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(work, range(8)))) == 8


STARTS_NO_BACKEND = """
import os, jax, jaxup, jaxup.compat.jax_image, jaxup.compat.torch
from jaxup import kernels

kernel = kernels.cubic(-0.6)
child = os.fork() if hasattr(os, "fork") else 0
jax.config.update("jax_num_cpu_devices", 3)  # an error once there is a backend
assert jax.device_count() == 3
assert abs(jaxup.upsample(jax.numpy.ones(4), 2, kernel, axes=0) - 1).max() < 1e-6
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_import_starts_no_backend_so_that_a_process_may_fork():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STARTS_NO_BACKEND],
        env=os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_a_spawned_process_computes_the_same_bits():
    """With a kernel and a boundary that travel there as pickles."""
    call = functools.partial(
        jaxup.resize, scale=1.5, method=kernels.cubic(-0.6), axes=1, boundary=boundary.mirror
    )
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(call, X).result(timeout=120)
    np.testing.assert_array_equal(there, call(X))


# Pickles


@pytest.mark.parametrize(
    "value",
    [
        kernels.linear,
        kernels.cubic(-0.6),
        kernels.mitchell(),
        kernels.lanczos(3),
        kernels.bspline(3),
        kernels.gaussian(0.6),
        kernels.Nearest("floor"),
        kernels.Area(),
        boundary.mirror,
        boundary.constant,
        coordinates.half_pixel,
        coordinates.Rounded(coordinates.align_corners, "float32"),
        coordinates.CropAndResize(0.1, 0.9),
        jaxup.upsample,
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),  # the same in every process
)
def test_values_pickle(value):
    assert pickle.loads(pickle.dumps(value)) == value


# Versions


def lowest(package):
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    if package == "python":
        return project["requires-python"].removeprefix(">=")
    (found,) = re.findall(rf"\b{package}>=([\d.]+)", " ".join(project["dependencies"]))
    return found


def test_the_page_names_the_lowest_versions():
    section = limits.PAGE.read_text().partition("## Versions\n")[2]
    said = dict(re.findall(r"^\| (\w+) \| ([\d.]+) \|$", section, re.M))
    assert said == {name: lowest(name.lower()) for name in ("Python", "JAX", "NumPy")}


def test_the_page_of_versions_has_every_combination():
    """With a last result in which nothing failed."""
    if not (ROOT / ".ci" / "matrix.py").is_file():
        pytest.skip("the matrix is not in the sdist")
    names = subprocess.check_output(
        [sys.executable, ROOT / ".ci" / "matrix.py", "--list"], text=True
    ).split()
    rows = re.findall(r"^\| (\d\.\S+) \|(.*)\|$", (ROOT / "docs" / "versions.md").read_text(), re.M)
    assert [name for name, _ in rows] == names
    for name, row in rows:
        python, used, _, tests, _ = (cell.strip() for cell in row.split("|"))
        assert python.startswith(name.partition("-")[0])
        assert re.fullmatch(r"\d+ passed(, \d+ \w+)*", tests)
        assert "failed" not in tests
        assert (used == lowest("jax")) == name.endswith("lowest")
