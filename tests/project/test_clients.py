"""What runs jaxup in other programs, where those programs are not installed."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from tests.helpers.paths import ROOT

FOLDER = ROOT / "examples" / "clients"
SCRIPTS = sorted(
    script for script in FOLDER.glob("*.py") if script.read_text().startswith("# /// script")
)


def head(script):
    commented = re.search(r"# /// script\n(.*?)# ///\n", script.read_text(), re.S)
    assert commented is not None
    return tomllib.loads(re.sub("^# ?", "", commented[1], flags=re.M))


def run(*arguments):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def named_by(line):
    return re.findall(line, (ROOT / "Makefile").read_text(), re.M)[0].split()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_help_says_how_to_install_what_the_script_needs(script):
    words = ast.get_docstring(ast.parse(script.read_text()))
    needed = head(script)
    packages = needed["dependencies"] + needed.get("tool", {}).get("jaxup", {}).get(
        "without-dependencies", []
    )
    assert words is not None
    assert packages
    assert [name for name in packages if name not in words] == []
    done = run(script, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python examples/clients/{script.name}" in done.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_page_has_the_numbers_of_every_script(script):
    assert f"`{script.stem}`" in (ROOT / "docs" / "clients.md").read_text()


def test_make_runs_four_that_the_runner_knows():
    if not (ROOT / "Makefile").is_file():
        pytest.skip("the Makefile is not here")
    named = named_by(r"^CLIENTS \?= (.*)$")
    assert len(named) >= 4
    assert set(named) <= {script.stem for script in SCRIPTS}
    listed = run(FOLDER / "run.py", "--help")
    assert all(script.stem in listed.stdout for script in SCRIPTS)


def test_runner_refuses_a_client_that_it_does_not_know():
    done = run(FOLDER / "run.py", "keras_imag")
    assert done.returncode == 2
    assert "no client is called keras_imag" in done.stderr


def test_a_difference_and_a_swap_that_nobody_calls_are_mismatches(monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    import side_by_side

    monkeypatch.setattr(sys, "argv", ["a client"])
    import jax
    import jax.numpy as jnp

    def halved(x):
        return jax.image.resize(x, (4,), "linear")

    x = jnp.arange(8.0)
    same = side_by_side.compare("same", halved, x, {"jax.image.resize": jax.image.resize})
    other = side_by_side.compare("other", halved, x, {"jax.image.resize": lambda x, *_: x[::2]})
    uncalled = side_by_side.compare("uncalled", halved, x, {"jax.image.scale_and_translate": abs})
    assert [each.agrees for each in (same, other, uncalled)] == [True, False, False]
    assert side_by_side.main("", ("numpy",), lambda: [same]) == 0
    assert side_by_side.main("", ("numpy",), lambda: [same, other]) == 1
    assert capsys.readouterr().out.count("MISMATCH") == 1
