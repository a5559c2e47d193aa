import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jaxup

PACKAGE = Path(jaxup.__file__).parent
OPTIONAL = ("PIL", "equinox", "flax", "haiku", "rich", "torch")


def modules_after(statement):
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("statement", ["import jaxup", "import jaxup.cli"])
def test_import_pulls_in_nothing_optional(statement):
    assert modules_after(statement).isdisjoint(OPTIONAL)


def test_source_uses_public_jax_only():
    private = re.compile(r"jax\._src|from jax import _|jaxlib\._")
    users = [path for path in PACKAGE.rglob("*.py") if private.search(path.read_text())]
    assert users == []


def test_version_is_the_installed_one():
    assert jaxup.__version__ == importlib.metadata.version("jaxup")


def test_package_says_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_public_names_exist():
    assert [name for name in jaxup.__all__ if not hasattr(jaxup, name)] == []
