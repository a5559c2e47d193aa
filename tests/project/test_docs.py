"""The Python in docs/ runs, page by page, and prints what its comments say."""

import doctest
import re

import pytest

from tests.helpers.pages import DOCS, blocks, prints_what_it_says

PAGES = sorted(DOCS.rglob("*.md"))
BLOCKS, SESSIONS = list(blocks("python", PAGES)), list(blocks("pycon", PAGES))


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_block_prints_what_it_says(page, code, capsys):
    prints_what_it_says(page, code, capsys)


@pytest.mark.parametrize(("page", "code"), SESSIONS)
def test_session_goes_as_it_says(page, code):
    session = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session)
    assert result.failed == 0 < result.attempted


def test_every_block_is_found():
    text = "".join(page.read_text() for page in PAGES)
    assert len(BLOCKS) == text.count("```python") > 0
    assert len(SESSIONS) == text.count("```pycon") > 0


def test_links_lead_somewhere():
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert [str(link) for link in links if not (link[0].parent / link[1]).exists()] == []
