"""The pictures of the documentation: small, shown somewhere, and what the commands draw."""

import re
import runpy

import numpy as np
import pytest

from tests.helpers.paths import ROOT

Image = pytest.importorskip("PIL.Image")

FOLDER = ROOT / "docs" / "images"
SCRIPT = ROOT / "docs" / "draw_gallery.py"


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert max(sizes.values()) < 100_000
    assert sum(sizes.values()) < 1_500_000


def test_every_picture_is_shown_and_made_by_a_command():
    pages = "".join(p.read_text() for p in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")))
    shown = set(re.findall(r"images/([\w.-]+)\)", pages))
    assert shown == {path.name for path in FOLDER.iterdir()}
    commands = "".join(
        (ROOT / path).read_text()
        for path in ("Makefile", "docs/draw_compare.py", "docs/draw_gallery.py", "docs/sharding.md")
    )
    assert [name for name in shown if name not in commands] == []


def test_the_strip_is_what_the_script_draws():
    for package in ("matplotlib", "skimage"):
        pytest.importorskip(package)
    drawn = np.asarray(runpy.run_path(str(SCRIPT))["strip"](), float)
    stored = np.asarray(Image.open(FOLDER / "methods.png"), float)
    assert drawn.shape == stored.shape
    below_the_labels = np.abs(drawn - stored)[18:]  # letters may change with Pillow
    assert below_the_labels.max() <= 1
