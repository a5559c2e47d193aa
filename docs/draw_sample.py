"""Draws the sample picture that ships with jaxup: ``python docs/draw_sample.py``.

A lake at dusk, made to be hard to enlarge: smooth gradients (sky, glow), long diagonals (ridges,
sails), lines thinner than a pixel (rigging), text, ripples that grow finer towards the shore, and
strong colours side by side. Shapes are signed distances, sampled 8 x 8 times in each pixel.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

HEIGHT, WIDTH, SAMPLES = 96, 128, 8
HORIZON = 62.0
SAMPLE = Path(__file__).parents[1] / "jaxup" / "_cli" / "sample.png"

# Each letter's strokes, as "x,y x,y …; …" with the x-height from 0 to 5, and its width.
LETTERS = {
    "j": ("1.5,0 1.5,6 1,6.8 0,7; 1.5,-2 1.5,-1.9", 2.9),
    "a": ("0.6,0.3 2,0 3,0.7 3,5; 3,2.2 1.2,2.4 0.2,3.7 1,4.9 2,4.9 3,4", 4.7),
    "x": ("0,0 3.2,5; 3.2,0 0,5", 4.7),
    "u": ("0,0 0,3.8 1,5 2,4.9 3.2,3.6; 3.2,0 3.2,5", 4.7),
    "p": ("0,0 0,7; 0,1 1.4,0 2.6,0.3 3.2,2.5 2.6,4.7 1.4,5 0,4", 4.7),
}
STARS = "9,25 31,7 58,16 73,6 96,13 117,5 121,24 47,30"
FAR_RIDGE = "0,50 16,38 27,45 45,24 58,40 66,35 84,53 100,44 128,56"
NEAR_RIDGE = "0,57 22,50 40,59 62,53 88,61 104,49 116,54 128,46"
SNOW = "45,24 38.5,31.5 41.5,30.5 44,33.5 47,30.5 50.5,31"


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def colour(code: str) -> np.ndarray:
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255


def gradient(t: np.ndarray, *stops: tuple[float, str]) -> np.ndarray:
    positions = [position for position, _ in stops]
    colours = np.stack([colour(code) for _, code in stops])
    return np.stack([np.interp(t, positions, channel) for channel in colours.T], axis=-1)


def segment_distance(x, y, start, end):
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    t = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.hypot(x - x0 - t * dx, y - y0 - t * dy)


def inside_polygon(x, y, text):
    corners = points(text)
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if y0 != y1:
            crosses = (y0 <= y) != (y1 <= y)
            inside ^= crosses & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return inside


def paint(canvas, where, code):
    canvas[where] = colour(code)


def draw_land(x, y):
    """Returns the colours of everything above the water line, at any points."""
    canvas = gradient(y / HORIZON, (0, "141a4a"), (0.45, "5a3f8c"), (0.75, "d9607f"), (1, "ffc46b"))
    sun = np.hypot(x - 84, y - 47)
    canvas += 0.55 * np.exp(-((sun / 16) ** 2))[..., None] * (colour("fff0b0") - canvas)
    paint(canvas, sun < 9.5, "fff3c4")
    for star_x, star_y in points(STARS):
        paint(canvas, abs(x - star_x) + abs(y - star_y) < 0.75, "ffffff")
    paint(canvas, y > np.interp(x, *np.transpose(points(FAR_RIDGE))), "4b3a78")
    paint(canvas, y > np.interp(x, *np.transpose(points(NEAR_RIDGE))), "251f4d")
    paint(canvas, inside_polygon(x, y, SNOW), "f3e9ff")
    return canvas


def draw_boat(canvas, x, y):
    paint(canvas, inside_polygon(x, y, "30,36 30,73 12,73"), "f7f4e8")
    paint(canvas, inside_polygon(x, y, "32,40 32,73 47,73"), "e8443a")
    for height in (50, 59, 67):
        left = 30 - 18 * (height - 36) / 37
        paint(canvas, segment_distance(x, y, (left, height), (30, height)) < 0.25, "2b3c8f")
    paint(canvas, segment_distance(x, y, (31, 33), (31, 76)) < 0.55, "3a2415")
    paint(canvas, segment_distance(x, y, (31, 33.5), (50, 75)) < 0.22, "fff6dd")
    paint(canvas, inside_polygon(x, y, "9,75 53,75 46,82 16,82"), "16a39a")
    paint(canvas, inside_polygon(x, y, "9,75 53,75 51.5,76.5 10.5,76.5"), "ffd23f")
    paint(canvas, inside_polygon(x, y, "31,30 31,34 39,32"), "39d353")


def draw_text(canvas, x, y, left, top, size):
    for letter in "jaxup":
        strokes, width = LETTERS[letter]
        for corners in map(points, strokes.split(";")):
            for start, end in pairwise(corners):
                distance = segment_distance((x - left) / size, (y - top) / size, start, end)
                paint(canvas, distance < 0.5, "ffffff")
        left += size * width


def draw():
    """Returns the picture as uint8 of shape (HEIGHT, WIDTH, 3)."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    y, x = np.meshgrid(
        (np.arange(HEIGHT)[:, None] + steps).ravel(),
        (np.arange(WIDTH)[:, None] + steps).ravel(),
        indexing="ij",
    )
    canvas = draw_land(x, y)
    water = y > HORIZON
    depth = np.maximum(y - HORIZON, 0)
    ripple = np.sin(95 * np.log1p(depth / 14)) * (0.3 + depth / 16)
    mirrored = draw_land(x + ripple, np.clip(HORIZON - 1.3 * depth, 0, HORIZON))
    mirrored = 0.78 * mirrored + 0.22 * colour("0d2a5c") + 0.03 * np.sign(ripple)[..., None]
    canvas[water] = mirrored[water]
    draw_boat(canvas, x, y)
    draw_text(canvas, x, y, 69, 76, 2.2)
    cells = np.clip(canvas, 0, 1).reshape(HEIGHT, SAMPLES, WIDTH, SAMPLES, 3)
    return np.rint(255 * cells.mean(axis=(1, 3))).astype(np.uint8)


if __name__ == "__main__":
    Image.fromarray(draw()).save(SAMPLE, optimize=True)
    print(SAMPLE)
