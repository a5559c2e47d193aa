"""The Python in docs/ runs, page by page, and prints what its comments say."""

import doctest
import re

import pytest

from tests.helpers.paths import ROOT

PAGES = ROOT / "docs"
OPTIONAL = ("equinox", "flax", "haiku", "scipy", "torch")


def blocks(language):
    """Every block of a language, with its page."""
    for page in sorted(PAGES.rglob("*.md")):
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(?P<code>.*?)^```$", text, re.M | re.S):
            line = text[: match.start()].count("\n") + 1
            yield pytest.param(page, match["code"], id=f"{page.stem}:{line}")


BLOCKS, SESSIONS = list(blocks("python")), list(blocks("pycon"))


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_block_prints_what_it_says(page, code, capsys):
    try:
        exec(compile(code, str(page), "exec"), {"__name__": "__main__"})
    except ImportError as error:
        if error.name not in OPTIONAL:
            raise
        pytest.skip(f"{error.name} is not installed")
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.M)


@pytest.mark.parametrize(("page", "code"), SESSIONS)
def test_session_goes_as_it_says(page, code):
    session = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session)
    assert result.failed == 0 < result.attempted


def test_every_block_is_found():
    text = "".join(page.read_text() for page in PAGES.rglob("*.md"))
    assert len(BLOCKS) == text.count("```python") > 0
    assert len(SESSIONS) == text.count("```pycon") > 0


def test_links_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES.rglob("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert [str(link) for link in links if not (link[0].parent / link[1]).exists()] == []
