"""The Python in docs/ runs, page by page, and prints what its comments say."""

import re

import pytest

from tests.helpers.paths import ROOT

PAGES = ROOT / "docs"
OPTIONAL = ("equinox", "flax", "haiku", "torch")
BLOCKS = [
    pytest.param(page, match["code"], id=f"{page.stem}:{text[: match.start()].count(chr(10)) + 1}")
    for page in sorted(PAGES.rglob("*.md"))
    for text in [page.read_text()]
    for match in re.finditer(r"^```python\n(?P<code>.*?)^```$", text, re.M | re.S)
]


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_block_prints_what_it_says(page, code, capsys):
    try:
        exec(compile(code, str(page), "exec"), {"__name__": "__main__"})
    except ImportError as error:
        if error.name not in OPTIONAL:
            raise
        pytest.skip(f"{error.name} is not installed")
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.M)


def test_every_block_is_found():
    fences = sum(page.read_text().count("```python") for page in PAGES.rglob("*.md"))
    assert len(BLOCKS) == fences > 0


def test_links_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES.rglob("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert [str(link) for link in links if not (link[0].parent / link[1]).exists()] == []
