"""The Python of the README and of docs/ that needs PyTorch runs, and prints what it says."""

import pytest

pytest.importorskip("torch")

from tests.helpers.pages import DOCS, README, blocks, prints_what_it_says

BLOCKS = [
    block
    for block in blocks("python", [README, *sorted(DOCS.rglob("*.md"))])
    if "import torch\n" in str(block.values[1])
]


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_block_prints_what_it_says(page, code, capsys):
    prints_what_it_says(page, code, capsys)


def test_there_are_blocks():
    assert len(BLOCKS) >= 2
