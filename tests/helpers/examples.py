"""The examples, as modules."""

import importlib.util

from tests.helpers.paths import ROOT


def load(name):
    file = ROOT / "examples" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
