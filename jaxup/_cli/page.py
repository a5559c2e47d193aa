"""The page that compares methods: one HTML file, with every picture in it."""

import base64
import html
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import jaxup
from jaxup._cli.pictures import Picture
from jaxup._cli.resampling import Resampled

TEMPLATE = Path(__file__).with_name("compare.html")


@dataclass(frozen=True)
class Compared:
    """A method and what came of it.

    Args:
      method: its name.
      resampled: of uint8 pixels.
    """

    method: str
    resampled: Resampled


def write_page(
    name: str, picture: Picture, methods: Sequence[Compared], device: str, notes: Sequence[str]
) -> str:
    """Returns the page.

    Args:
      name: of the picture.
      picture: of uint8 pixels.
      methods: at least one, all of one size.
      device: where the methods ran.
      notes: whole sentences about what the page does not show.
    """
    layers = [("original", picture.pixels)]
    layers += [(compared.method, compared.resampled.pixels) for compared in methods]
    elements, sizes = [], []
    for index, (title, pixels) in enumerate(layers):
        colours, alpha = (pixels, None)
        if pixels.shape[-1] in (2, 4):
            colours, alpha = pixels[..., :-1], pixels[..., -1:]
        files = [(f"picture-{index}", title, _png(colours))]
        if alpha is not None:
            files.append((f"alpha-{index}", f"{title}, how opaque", _png(alpha)))
        elements += [_image(*file) for file in files]
        sizes.append(sum(len(content) for _, _, content in files))
    facts = {
        "version": jaxup.__version__,
        "device": device,
        "size": picture.size,
        "result": _size(layers[-1][1]),
        "channels": picture.pixels.shape[-1],
        "alpha": picture.pixels.shape[-1] in (2, 4),
        "notes": list(notes),
        "layers": [
            {"name": title, "size": _size(pixels), "bytes": size, **_facts(compared)}
            for (title, pixels), size, compared in zip(layers, sizes, (None, *methods), strict=True)
        ],
        "differences": [[_difference(one, other) for _, other in layers] for _, one in layers],
    }
    parts = {
        "title": html.escape(name),
        "pictures": "\n".join(elements),
        "data": json.dumps(facts).replace("<", "\\u003c"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], TEMPLATE.read_text("utf-8"))


def _facts(compared: Compared | None) -> dict[str, object]:
    if compared is None:
        return {"method": False}
    resampled = compared.resampled
    return {
        "method": True,
        "antialias": resampled.antialias,
        "compile": resampled.compile_seconds,
        "run": resampled.run_seconds,
    }


def _difference(one: np.ndarray, other: np.ndarray) -> dict[str, float] | None:
    """How far apart two pictures are, over all pixels and channels; None if their sizes differ."""
    if one.shape != other.shape:
        return None
    apart = np.abs(one.astype(np.int16) - other)
    return {"mean": float(apart.mean()), "max": int(apart.max())}


def _size(pixels: np.ndarray) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    return width, height


def _png(pixels: np.ndarray) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[-1] == 1 else pixels).save(encoded, "PNG")
    return encoded.getvalue()


def _image(element: str, title: str, content: bytes) -> str:
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return f'<img id="{element}" alt="{html.escape(title)}" src="{source}">'
