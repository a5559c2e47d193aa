"""Picture files to feed the command line with."""

import numpy as np
from PIL import Image

from jaxup.cli import main


def picture(name, mode="RGB", size=(6, 5), seed=0, **options):
    """Saves random pixels of a mode under a name and returns them as an array."""
    width, height = size
    random = np.random.default_rng(seed)
    if mode == "I;16":
        image = Image.fromarray(random.integers(0, 2**16, (height, width), dtype=np.uint16))
    else:
        colours = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
        image = Image.fromarray(colours[..., : 4 if "A" in mode else 3]).convert(mode)
    image.save(name, **options)
    with Image.open(name) as saved:
        return np.asarray(saved)


def result(name):
    with Image.open(name) as image:
        image.load()
        return image


def fails(words):
    """The exit status of a run, whether returned or raised while reading the arguments."""
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code
