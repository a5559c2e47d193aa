"""The README's Python runs, and prints what its comments say."""

import json
import re

import pytest

from tests.helpers.pages import README, blocks, prints_what_it_says
from tests.helpers.paths import ROOT

BLOCKS = list(blocks("python", [README]))


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_block_prints_what_it_says(page, code, capsys):
    prints_what_it_says(page, code, capsys)


def test_there_are_python_blocks():
    assert len(BLOCKS) >= 2


def test_pictures_exist():
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []


def anchors(page):
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_to_files_and_headings():
    dead = []
    for address, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", README.read_text()):
        target = README.parent / address if address else README
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(f"{address}#{anchor}")
    assert dead == []


def test_shell_commands_exist():
    rules = (README.parent / "Makefile").read_text()
    named = set(re.findall(r"`make ([a-z-]+)`", README.read_text()))
    assert {"demo", "test", "test-quick"} <= named
    assert {rule for rule in named if not re.search(rf"^{rule}:", rules, re.M)} == set()


def test_first_numbers_are_those_of_the_measurements():
    """The four reasons repeat numbers of tables that are generated."""
    text = " ".join(README.read_text().split())
    [means] = re.findall(r"\*\*all\*\*((?: \| [\d.]+ \([\d.]+\)){4})", text)
    torch, torch_back, image, image_back = re.findall(r"([\d.]+) \(", means)
    assert f"{torch} times as fast as PyTorch forward and {torch_back} times backward" in text
    assert f"{image} and {image_back} times as fast as `jax.image.resize`" in text

    cpu, gpu = (
        {
            line["target"]: line
            for line in json.loads((ROOT / "benchmarks/results" / name).read_text())["summary"]
            if line["direction"] == "backward"
        }
        for name in ("cpu.json", "gpu.json")
    )
    counts = f"{cpu['torch']['cells']} and {cpu['jax.image']['cells']} resamples"
    assert f"geometric means over {counts}" in text
    assert gpu["scatters"]["worst"]["scatters"] == 0
    assert f"None of {gpu['scatters']['cells']} backward programs" in text

    sentence = re.search(
        r"Of (\d+) programs, jaxup's move nothing in (\d+)\."
        r" In the others jax.image moves (.*?) times",
        (ROOT / "docs/sharding.md").read_text(),
    )
    assert sentence is not None
    programs, still, times = sentence.groups()
    assert f"Of {programs} programs compiled for 4 and 8 devices, {still} exchange nothing" in text
    assert f"`jax.image.resize` moves {times} times as many bytes" in text
