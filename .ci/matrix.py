#!/usr/bin/env python3
"""Runs a part of the tests with old and new Pythons, JAXs and NumPys, and writes docs/versions.md.

    .ci/matrix.py             every combination
    .ci/matrix.py NAME ...    some of them; the page keeps what it says of the others
    .ci/matrix.py --list      their names

Their environments (.venv-matrix-NAME) hold what jaxup and its tests need, and no extra.
"""

import argparse
import datetime
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "versions.md"
START, END = "<!-- table -->\n", "<!-- end of the table -->\n"
with (ROOT / "pyproject.toml").open("rb") as _file:
    _NEEDS = tomllib.load(_file)["project"]["dependencies"]
LOWEST = tuple(need.replace(">=", "==") for need in _NEEDS if need.startswith("jax"))
# Python, and what pip is asked for. NumPy 2.0 has no wheel for Python 3.13.
COMBINATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "3.11-lowest": ("3.11", (*LOWEST, "numpy==2.0.*")),
    "3.11-newest": ("3.11", ("jax", "numpy")),
    "3.12-lowest": ("3.12", (*LOWEST, "numpy==2.0.*")),
    "3.12-newest": ("3.12", ("jax", "numpy")),
    "3.13-newest": ("3.13", ("jax", "numpy")),
}
TOOLS = ("flatbuffers", "hypothesis", "pytest", "scipy")
# Programs of known and of traced geometry, in every dtype and under every transformation.
TESTS = (
    "tests/core/test_transforms.py",
    "tests/functions/test_upsample.py",
    "tests/functions/test_position_embedding.py",
    "tests/functions/test_pixel_shuffle.py",
)
PLAIN_CODE = "--xla_backend_optimization_level=0"  # LLVM's optimisations are the same for all
DESCRIBE = """
import platform, jax, numpy
print(platform.python_version(), jax.__version__, numpy.__version__, sep=" | ")
"""


def find_python(version: str) -> str:
    """A Python of that version that starts: a shim on the PATH may be there and not run."""
    root = subprocess.run(
        "pyenv root", shell=True, capture_output=True, text=True, check=False
    ).stdout.strip()
    found = [
        f"python{version}",
        *map(str, Path(root or ".").glob(f"versions/{version}.*/bin/python")),
    ]
    wanted = tuple(map(int, version.split(".")))
    for candidate in found:
        check = f"import sys, venv; sys.exit(sys.version_info[:2] != {wanted})"
        try:
            if subprocess.run(
                [candidate, "-c", check], capture_output=True, check=False
            ).returncode:
                continue
        except FileNotFoundError:
            continue
        return candidate
    raise SystemExit(f"There is no Python {version} on this machine.")


def run(name: str) -> list[str]:
    """The row of a combination: its environment is made, and the tests run in it."""
    version, needs = COMBINATIONS[name]
    python = ROOT / f".venv-matrix-{name}" / "bin" / "python"
    if not python.exists():
        subprocess.run([find_python(version), "-m", "venv", python.parents[1]], check=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--upgrade", *needs, *TOOLS], check=True)
    flags = f"{os.environ.get('XLA_FLAGS', '')} {PLAIN_CODE}".strip()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}
    versions = subprocess.check_output([python, "-c", DESCRIBE], text=True, env=environment)
    lines: list[str] = []
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not one_jax", *TESTS]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        for line in tests.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    failed = [line.split()[1] for line in lines if line.startswith(("FAILED", "ERROR"))]
    counts = re.sub(r" in [\d.]+s.*", "", lines[-1].strip())
    said = ", ".join([counts, *(f"`{test}`" for test in failed)])
    return [name, *versions.strip().split(" | "), said, f"{datetime.date.today()}"]


def written(rows: Sequence[Sequence[str]], page: str) -> str:
    """The page with these rows in place of its own of the same names."""
    before, _, rest = page.partition(START)
    table, _, after = rest.partition(END)
    kept = [line.strip("|\n ").split(" | ") for line in table.splitlines()[2:]]
    by_name = {row[0].strip(): row for row in [*kept, *rows]}
    head = ["combination", "Python", "JAX", "NumPy", "tests", "on"]
    body = [head, ["---"] * len(head), *(by_name[name] for name in COMBINATIONS if name in by_name)]
    return before + START + "".join(f"| {' | '.join(row)} |\n" for row in body) + END + after


def main() -> int:
    """Return 1 if a test failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--list", action="store_true", help="print the names")
    options = parser.parse_args()
    if options.list:
        print(*COMBINATIONS, sep="\n")
        return 0
    if unknown := set(options.names) - COMBINATIONS.keys():
        parser.error(f"no combination is called {sorted(unknown)[0]!r}; see --list")
    failed = False
    for name in options.names or COMBINATIONS:
        row = run(name)
        failed = failed or not row[4][0].isdigit() or "failed" in row[4] or "error" in row[4]
        PAGE.write_text(written([row], PAGE.read_text()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
