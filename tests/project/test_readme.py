"""The README's Python runs, and prints what its comments say."""

import re
import textwrap

import pytest

from tests.helpers.paths import ROOT

README = ROOT / "README.md"
FRAMEWORKS = ("equinox", "flax", "haiku")
BLOCKS = [
    (README.read_text()[: match.start()].count("\n") + 1, textwrap.dedent(match["code"]))
    for match in re.finditer(r"^ *```python\n(?P<code>.*?)^ *```$", README.read_text(), re.M | re.S)
]


@pytest.mark.parametrize(
    "code", [code for _, code in BLOCKS], ids=[f"line {line}" for line, _ in BLOCKS]
)
def test_python_block_prints_what_it_says(code, capsys):
    try:
        exec(compile(code, str(README), "exec"), {"__name__": "__main__"})
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in FRAMEWORKS:
            raise
        pytest.skip(f"{error.name} is not installed")
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.M)


def test_there_are_python_blocks():
    assert len(BLOCKS) >= 2


def test_pictures_exist():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []


def test_shell_commands_exist():
    rules = (README.parent / "Makefile").read_text()
    named = set(re.findall(r"\bmake ([a-z]+)\b", README.read_text()))
    assert {"demo", "test"} <= named
    assert {rule for rule in named if not re.search(rf"^{rule}:", rules, re.M)} == set()
