"""The examples in the docstrings of every module."""

import doctest
import importlib
import pkgutil

import pytest

import jaxup

MODULES = ["jaxup"] + [
    module.name
    for module in pkgutil.walk_packages(jaxup.__path__, "jaxup.", onerror=lambda name: None)
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("jaxup"):
            raise
        pytest.skip(f"{name} needs {missing.name}")
    found = doctest.testmod(module, verbose=False)
    assert found.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    for function in (jaxup.upsample, jaxup.kernels.Kernel):
        assert any(test.examples for test in finder.find(function)), function
