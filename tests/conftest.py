"""Marks tests: against PyTorch, and what `.ci/run` runs with which JAX and which code.

With JAXUP_REQUIRE_TORCH=1, skipping a test against PyTorch is a failure.
"""

import gc
import os

import pytest

TORCH_REQUIRED = os.environ.get("JAXUP_REQUIRE_TORCH") == "1"


# Weights come from NumPy, and core/ and functions/ compare what JAX makes of them with an oracle: a
# peer without JAX has nothing to add on another version, nor have pages, commands and benchmarks.
ONE_JAX = (
    "test_goldens",
    "test_interpolate_without_torch",
    "test_peer_onnx",
    "test_peer_onnxruntime",
    "test_peer_opencv",
    "test_peer_pillow",
    "test_peer_scipy",
    "test_peer_tensorflow",
    "test_benchmarks",
    "test_cli",
    "test_cli_files",
    "test_cli_compare",
    "test_cli_browser",
    "test_contributing",
    "test_docs",
    "test_examples",
    "test_gallery",
    "test_notebooks",
    "test_readme",
    "test_site",
)

# Bits, memory and programs, as users have them compiled. `.ci/run` compiles the other tests without
# what makes code fast; their values come of these same programs.
OPTIMISED = (
    "test_boundary",
    "test_cells",
    "test_coordinates",
    "test_dtype",
    "test_filters",
    "test_grid_sample",
    "test_kernels",
    "test_limits",
    "test_operator",
    "test_peer_pillow",
    "test_peer_tensorflow",
    "test_pixel_shuffle",
    "test_resize",
    "test_upsample",
)

# Folders whose other tests the whole of `.ci/run` has with the newest JAX alone: they call the most
# of JAX. The steps `tests` and `newest` by themselves have all that they can.
ON_NEWEST = ("core", "layers")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name.startswith("test_torch_"):
            item.add_marker(pytest.mark.torch_parity)
        if item.path.stem in ONE_JAX:
            item.add_marker(pytest.mark.one_jax)
        if item.path.stem in OPTIMISED:
            item.add_marker(pytest.mark.optimised)
        elsewhere = any(map(item.get_closest_marker, ("one_jax", "optimised")))
        if item.path.parent.name in ON_NEWEST and not elsewhere:
            item.add_marker(pytest.mark.on_newest)


@pytest.fixture(scope="module", autouse=True)
def collect_only_what_the_module_makes():
    """JAX's caches grow to millions of objects, which the collector would visit again and again."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _fail_if_skipped((yield), collector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return _fail_if_skipped((yield), item)


def _fail_if_skipped(report, node):
    expected_failure = hasattr(report, "wasxfail")
    in_suite = node.path.name.startswith("test_torch_")
    if TORCH_REQUIRED and in_suite and report.skipped and not expected_failure:
        report.outcome = "failed"
        report.longrepr = f"JAXUP_REQUIRE_TORCH=1, but skipped: {report.longrepr}"
    return report
