"""The files for contributors and citations agree with the code and with each other."""

import re
import subprocess

import pytest

import jaxup
from tests.helpers.paths import ROOT


def read(name):
    if not (ROOT / name).is_file():
        pytest.skip(f"{name} is not in the sdist")
    return (ROOT / name).read_text()


def test_citation_names_this_version():
    assert re.findall(r"^version: (.*)$", read("CITATION.cff"), re.M) == [jaxup.__version__]


def test_contributing_names_rules_of_the_makefile():
    named = set(re.findall(r"`make ([a-z]+)\b", read("CONTRIBUTING.md")))
    assert {"test", "lint", "typecheck", "ci"} <= named
    assert {rule for rule in named if not re.search(rf"^{rule}:", read("Makefile"), re.M)} == set()


def test_contributing_names_files_that_exist():
    named = re.findall(
        r"`((?:jaxup|tests|docs|benchmarks|\.ci|\.github)/[^` ]*)`", read("CONTRIBUTING.md")
    )
    examples = {"jaxup/layers/NAME.py", "jaxup/compat/LIBRARY.py"}
    assert [name for name in set(named) - examples if not (ROOT / name).exists()] == []


def test_workflow_runs_steps_of_the_check():
    named = re.findall(r"steps: ([a-z ]+),", read(".github/workflows/ci.yml"))
    steps = {step for words in named for step in words.split()}
    functions = set(re.findall(r"^(\w+)\(\) \{$", read(".ci/run"), re.M))
    assert {"style", "types", "docs", "tests", "newest", "oldest", "parity", "build"} == steps
    assert steps <= functions


def test_check_refuses_a_step_that_it_does_not_know():
    read(".ci/run")
    done = subprocess.run([ROOT / ".ci" / "run", "style", "tset"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No step is called 'tset'" in done.stderr
