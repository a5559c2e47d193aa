"""Marks the tests against PyTorch; with JAXUP_REQUIRE_TORCH=1, skipping one is a failure."""

import os

import pytest

TORCH_REQUIRED = os.environ.get("JAXUP_REQUIRE_TORCH") == "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name.startswith("test_torch_"):
            item.add_marker(pytest.mark.torch_parity)


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
