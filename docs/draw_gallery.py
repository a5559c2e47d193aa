"""Draws the pictures of docs/methods.md, and the README's strip: ``python docs/draw_gallery.py``.

The photograph is scikit-image's ``chelsea`` (CC0, by Stéfan van der Walt), read from its package.
A sheet has two tiles for each method: the result, and below it the difference from a reference, 3
times as strong, where grey is none.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import jax.numpy as jnp
import matplotlib
import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

import jaxup

matplotlib.use("Agg")
from matplotlib import pyplot as plt

FOLDER = pathlib.Path(__file__).parent / "images"
EYE, RINGS, GAP = 160, 128, 6  # pixels: a side of a tile, and what lies between two
ENLARGE = {
    "nearest": {"method": "nearest"},
    "linear": {"method": "linear"},
    "mitchell": {"method": "mitchell"},
    "cubic, a = -0.5": {"method": "cubic"},
    "cubic, a = -0.75": {"method": jaxup.kernels.cubic(-0.75)},
    "lanczos3": {"method": "lanczos3"},
    "lanczos5": {"method": "lanczos5"},
    "bspline3": {"method": "bspline3"},
}
SHRINK = {
    "nearest": {"method": "nearest"},
    "linear, not antialiased": {"method": "linear", "antialias": False},
    "cubic, not antialiased": {"method": "cubic", "antialias": False},
    "area": {"method": "area"},
    "linear": {"method": "linear"},
    "mitchell": {"method": "mitchell"},
    "cubic, a = -0.5": {"method": "cubic"},
    "lanczos3": {"method": "lanczos3"},
}
STRIP = ("nearest", "bilinear", "bicubic", "lanczos3")


def photograph(top: int, left: int, size: int) -> np.ndarray:
    """A square of the cat, float32 in [0, 1]."""
    pixels = skimage.data.chelsea()[top : top + size, left : left + size]
    return pixels.astype(np.float32) / 255


def zone_plate(size: int, fastest: float) -> np.ndarray:
    """``cos(c r^2)`` of shape (size, size, 1): rings, ``fastest`` cycles a pixel at the sides."""
    x = np.arange(size) - (size - 1) / 2
    r2 = x[:, None] ** 2 + x**2
    return (0.5 + 0.5 * np.cos(2 * np.pi * fastest * r2 / size)).astype(np.float32)[..., None]


def resized(x: np.ndarray, size: int, options: dict) -> np.ndarray:
    return np.asarray(jaxup.resize(x, (size, size), **options))


def psnr(x: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of values clipped to [0, 1]."""
    return -10 * np.log10(np.mean((np.clip(x, 0, 1) - reference) ** 2))


def tile(x: np.ndarray, side: int) -> Image.Image:
    """Values in [0, 1] as a square picture, its pixels repeated."""
    bytes_ = np.rint(255 * np.clip(x, 0, 1)).astype(np.uint8)
    picture = Image.fromarray(bytes_.squeeze()).convert("RGB")
    return picture.resize((side, side), Image.Resampling.NEAREST)


def sheet(
    results: dict[str, np.ndarray], reference: np.ndarray | None = None, side: int = EYE
) -> Image.Image:
    """The tiles of all methods with their labels, and below each its difference."""
    label, tiles = (18, 1) if reference is None else (32, 2)
    height = label + tiles * (side + GAP)
    canvas = Image.new("RGB", (4 * (side + GAP) - GAP, -(-len(results) // 4) * height), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(13 if side == EYE else 11)
    for n, (name, x) in enumerate(results.items()):
        left, top = n % 4 * (side + GAP), n // 4 * height
        note = ""
        if reference is not None:
            note = "\nthe reference" if x is reference else f"\n{psnr(x, reference):.1f} dB"
        draw.multiline_text((left, top), name + note, fill="black", font=font, spacing=0)
        canvas.paste(tile(x, side), (left, top + label))
        if reference is not None:
            difference = tile(0.5 + 3 * (x - reference), side)
            canvas.paste(difference, (left, top + label + side + GAP))
    return canvas


def eye() -> tuple[np.ndarray, np.ndarray]:
    """A photograph, and the same at a quarter of the size."""
    whole = photograph(72, 110, EYE)
    return whole, resized(whole, EYE // 4, {"method": "area"})


def enlarged_photograph() -> Image.Image:
    """A quarter of a photograph's pixels, enlarged again, against the photograph."""
    truth, small = eye()
    return sheet({name: resized(small, EYE, o) for name, o in ENLARGE.items()}, truth)


def shrunk_photograph() -> Image.Image:
    """A photograph of 300 pixels at 80, against the average over each of the 80."""
    x = photograph(0, 100, 300)
    results = {name: resized(x, 80, options) for name, options in SHRINK.items()}
    return sheet(results, results["area"])


def enlarged_zone_plate() -> Image.Image:
    """Rings to 0.4 cycles a pixel at twice the size, against the rings themselves."""
    small, truth = zone_plate(RINGS // 2, 0.4), zone_plate(RINGS, 0.2)
    return sheet({name: resized(small, RINGS, o) for name, o in ENLARGE.items()}, truth, RINGS)


def shrunk_zone_plate() -> Image.Image:
    """Rings to 0.5 cycles a pixel at half the size, where the outer ones are too fine to be shown.

    The reference has the rings that fit, and grey beyond.
    """
    x, rings = zone_plate(2 * RINGS, 0.5), zone_plate(RINGS, 1)
    along = np.arange(RINGS) - (RINGS - 1) / 2
    radius = np.hypot(along[:, None], along)[..., None]
    reference = np.where(radius < RINGS / 4, rings, np.float32(0.5))
    return sheet({name: resized(x, RINGS, o) for name, o in SHRINK.items()}, reference, RINGS)


def turned_photograph() -> Image.Image:
    """A photograph turned 12 times by 30 degrees, against the photograph, inside a circle."""
    truth, _ = eye()
    centre, angle = (EYE - 1) / 2, np.pi / 6
    along = np.arange(EYE) - centre
    y, x = np.meshgrid(along, along, indexing="ij")
    cos, sin = np.cos(angle), np.sin(angle)
    points = np.stack([y * cos - x * sin, y * sin + x * cos]) + centre
    inside = (np.hypot(y, x) < EYE / 2)[..., None]
    results = {}
    for method in ("nearest", "linear", "cubic", "bspline3"):
        picture = jnp.asarray(truth)
        for _ in range(12):
            picture = jaxup.sample(picture, points, method, "mirror")
        results[method] = np.where(inside, picture, truth)
    return sheet(results, truth)


def step_edge() -> Image.Image:
    """Curves: what each method makes of a step from 0 to 1, 16 outputs a pixel."""
    pixels = np.repeat([0.0, 1.0], 6).astype(np.float32)
    figure, axes = plt.subplots(2, 4, figsize=(8.2, 3.4), sharex=True, sharey=True)
    for axis, (name, options) in zip(axes.flat, ENLARGE.items(), strict=True):
        curve = np.asarray(jaxup.resize(pixels, 16 * 12, axes=0, **options))
        axis.axhline(0, color="0.85", linewidth=0.8)
        axis.axhline(1, color="0.85", linewidth=0.8)
        axis.plot((np.arange(16 * 12) + 0.5) / 16 - 0.5, curve, linewidth=1.4)
        axis.plot(pixels, ".", color="black", markersize=4)
        axis.set_title(f"{name}: {100 * max(curve.max() - 1, 0):.0f} % over", fontsize=8)
        axis.set(xlim=(1.5, 9.5), xticks=[], yticks=[0, 1])
    figure.tight_layout()
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    plt.close(figure)
    return picture


def strip() -> Image.Image:
    """The methods side by side on one crop, for the README."""
    _, small = eye()
    return sheet({name: np.asarray(jaxup.upsample(small, (4, 4), name)) for name in STRIP})


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "methods-enlarge.webp": enlarged_photograph,
    "methods-shrink.webp": shrunk_photograph,
    "methods-step.png": step_edge,
    "methods-zone-enlarge.webp": enlarged_zone_plate,
    "methods-zone-shrink.webp": shrunk_zone_plate,
    "methods-turn.webp": turned_photograph,
    "methods.png": strip,
}


def main(folder: pathlib.Path = FOLDER) -> None:
    """Draws every picture into a folder."""
    for name, draw in PICTURES.items():
        options = {"quality": 75, "method": 6} if name.endswith(".webp") else {"optimize": True}
        draw().save(folder / name, **options)
        print(folder / name)


if __name__ == "__main__":
    main()
