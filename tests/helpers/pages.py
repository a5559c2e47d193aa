"""The code in Markdown pages and notebooks, run as a reader would paste it."""

import json
import re
import textwrap

import pytest

from tests.helpers.paths import ROOT

DOCS = ROOT / "docs"
README = ROOT / "README.md"
NOTEBOOKS = ROOT / "examples" / "notebooks"
OPTIONAL = ("PIL", "cv2", "equinox", "flax", "haiku", "jax2onnx", "scipy", "torch")


def blocks(language, pages):
    """Every block of a language, as a test's page and code."""
    for page in pages:
        text = page.read_text()
        for match in re.finditer(rf"^ *```{language}\n(?P<code>.*?)^ *```$", text, re.M | re.S):
            line = text[: match.start()].count("\n") + 1
            code = textwrap.dedent(match["code"])
            yield pytest.param(page, code, id=f"{page.stem}:{line}")


def prints_what_it_says(page, code, capsys):
    """Run a block and compare what it prints with the comments behind its prints."""
    try:
        exec(compile(code, str(page), "exec"), {"__name__": "__main__"})
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"{error.name} is not installed")
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.M)


def cells(notebook):
    return json.loads(notebook.read_text())["cells"]


def run_notebook(notebook):
    """Run the code of a notebook from top to bottom, without a window for its figures."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    namespace = {"__name__": "__main__"}
    for number, cell in enumerate(cells(notebook)):
        if cell["cell_type"] == "code":
            code = "".join(cell["source"])
            exec(compile(code, f"{notebook.name}, cell {number}", "exec"), namespace)
    plt.close("all")
