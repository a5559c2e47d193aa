import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import pytest

import jaxup

PACKAGE = Path(jaxup.__file__).parent
OPTIONAL = ("PIL", "equinox", "flax", "haiku", "jax2onnx", "rich", "torch")


def modules_after(statement):
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("statement", ["import jaxup", "import jaxup.cli"])
def test_import_pulls_in_nothing_optional(statement):
    loaded = modules_after(statement)
    assert loaded.isdisjoint(OPTIONAL)
    assert not [
        name for name in loaded if name.startswith(("jaxup.compat", "jaxup.export", "jaxup.layers"))
    ]


def test_source_uses_public_jax_only():
    private = re.compile(r"jax\._src|from jax import _|jaxlib\._")
    users = [path for path in PACKAGE.rglob("*.py") if private.search(path.read_text())]
    assert users == []


# As CONTRIBUTING.md has it: a room imports from those that come after it.
ROOMS = (
    ("__main__", "cli", "_cli", "layers", "compat", "export", "filters", "typing"),
    ("_functions",),
    ("_arguments",),
    ("_masked",),
    ("_run",),
    ("_traced",),
    ("_primitive",),
    ("_lowering",),
    ("_recipe",),
    ("_numbers",),
    ("_labels",),
    ("_contexts",),
    ("coordinates", "kernels", "boundary"),
    ("_weights",),
)
FLOORS = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}


def rooms_imported(path):
    """The rooms that a file of the package imports, among them its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "jaxup":
            yield from (alias.name for alias in node.names if alias.name in FLOORS)
        elif isinstance(node, ast.ImportFrom) and node.module:
            package, _, rest = node.module.partition(".")
            if package == "jaxup":
                yield rest.partition(".")[0]


def test_rooms_import_only_from_rooms_below():
    upward = []
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if room == "__init__":
            continue
        for other in rooms_imported(path):
            if other != room and FLOORS[other] < FLOORS[room]:
                upward.append(f"{path.relative_to(PACKAGE)} imports {other}")
    assert upward == []


# Hides the metadata of an installed jaxup: what a bare checkout has is the source alone.
BARE_CHECKOUT = """
import importlib.metadata as metadata

from_name = metadata.Distribution.from_name

def hide_jaxup(name):
    if name == "jaxup":
        raise metadata.PackageNotFoundError(name)
    return from_name(name)

metadata.Distribution.from_name = hide_jaxup
try:
    raise SystemExit(f"not hidden: {metadata.version('jaxup')}")
except metadata.PackageNotFoundError:
    pass

import jaxup, jaxup.cli

print(jaxup.__file__)
jaxup.cli.main(["--version"])
"""


def test_bare_checkout_imports_and_knows_its_version(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "jaxup", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", BARE_CHECKOUT],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        str(tmp_path / "jaxup" / "__init__.py"),
        f"jaxup {jaxup.__version__}",
    ]


def test_package_says_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_public_names_exist():
    assert [name for name in jaxup.__all__ if not hasattr(jaxup, name)] == []


def test_import_waits_for_jax_until_a_name_is_asked_for():
    assert "jax" not in modules_after("import jaxup, jaxup.cli")
    assert "jax" in modules_after("from jaxup import upsample")


def test_names_are_listed_before_they_are_imported():
    program = "import jaxup; print(*set(jaxup.__all__) - set(dir(jaxup)), jaxup.nearest)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    error = "AttributeError: module 'jaxup' has no attribute 'nearest'"
    assert done.stderr.splitlines()[-1] == error


FIRST_USE_UNDER_TRANSFORMATIONS = """
import jax, jax.numpy as jnp, jaxup

def loss(x):
    return jaxup.upsample(x, 2, "bilinear").sum()

x = jnp.ones((1, 8, 8, 3))
with jax.checking_leaks():
    jax.jit(jax.grad(loss))(x)
print(loss(x))
"""


def test_a_name_may_be_imported_within_a_trace():
    done = subprocess.run(
        [sys.executable, "-c", FIRST_USE_UNDER_TRANSFORMATIONS], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("768.0\n", "")


def test_submodules_are_attributes_imported_when_asked_for():
    pytest.importorskip("equinox")
    loaded = modules_after("import jaxup; jaxup.compat.torch; jaxup.layers.equinox.Upsample")
    assert {"jaxup.compat.torch", "jaxup.layers.equinox"} <= loaded
    others = {"jaxup.compat.onnx", "jaxup.layers.nnx", "jaxup.layers.linen", "torch", "flax"}
    assert loaded.isdisjoint(others)


def test_what_is_not_there_is_told():
    with pytest.raises(AttributeError, match=r"^module 'jaxup' has no attribute 'upsampel'$"):
        jaxup.upsampel  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(
        AttributeError, match=r"are jax_image, onnx, opencv, .*, torch, torchvision\.$"
    ):
        jaxup.compat.pytorch  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError, match=r"'tensorrt'\. Its module is onnx\.$"):
        jaxup.export.tensorrt  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError, match=r"modules are nnx, linen, haiku, equinox\.$"):
        jaxup.layers.flax  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ImportError, match=r"Write from jaxup\.layers\.nnx import Upsample, or lin"):
        from jaxup.layers import Upsample  # noqa: F401  # pyright: ignore[reportAttributeAccessIssue]


def files_entered(call):
    """The files of the package that a call enters from another one, in order."""
    entered, open_files = [], []

    def follow(frame, event, _):
        path = Path(frame.f_code.co_filename)
        if event == "call":
            inside = PACKAGE in path.parents
            if inside and path != next(filter(None, reversed(open_files)), None):
                entered.append(path.relative_to(PACKAGE).as_posix())
            open_files.append(path if inside else None)
        elif event == "return" and open_files:
            open_files.pop()

    sys.setprofile(follow)
    try:
        call()
    finally:
        sys.setprofile(None)
    return entered


def test_a_call_that_is_not_planned_yet_has_a_short_path():
    def traced(shape):
        x = jax.ShapeDtypeStruct(shape, "float32")
        return jax.eval_shape(lambda x: jaxup.upsample(x, 2, "bilinear"), x)

    traced((1, 3, 5, 2))  # imports
    entered = files_entered(lambda: traced((1, 7, 11, 2)))
    assert entered[0] == "_functions/upsample.py"
    assert "_primitive.py" in entered
    assert len(entered) <= 20, entered
    assert max(map(entered.count, entered)) <= 2, entered
