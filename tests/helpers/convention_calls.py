"""The ready-made calls of docs/conventions.md, as a reader would paste them."""

import re
import types

import pytest

from tests.helpers.paths import ROOT

DOCUMENT = ROOT / "docs" / "conventions.md"


def calls():
    """A module of every function in the document."""
    if not DOCUMENT.exists():
        pytest.skip("needs docs/conventions.md")
    module = types.ModuleType("conventions")
    for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL):
        exec(compile(block, str(DOCUMENT), "exec"), module.__dict__)
    return module
