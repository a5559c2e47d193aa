"""The ready-made calls of docs/from-*.md, as a reader would paste them."""

import re
import types

import pytest

from tests.helpers.paths import ROOT

PAGES = [ROOT / "docs" / f"from-{name}.md" for name in ("pillow-opencv", "scipy")]


def calls():
    """A module of every function in the pages."""
    module = types.ModuleType("conventions")
    for page in PAGES:
        if not page.exists():
            pytest.skip(f"needs docs/{page.name}")
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
            if "\ndef " in block:
                exec(compile(block, str(page), "exec"), module.__dict__)
    return module
