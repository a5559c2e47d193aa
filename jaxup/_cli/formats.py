"""The picture formats that are written."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FileFormat:
    """A picture format.

    Args:
      name: Pillow's name for it.
      suffixes: how its files end; the first is the one that new names get.
      has_quality: whether it can lose detail for a smaller file.
      holds_alpha, holds_16_bit, holds_floats: which pixels it has room for.
    """

    name: str
    suffixes: tuple[str, ...]
    has_quality: bool = False
    holds_alpha: bool = True
    holds_16_bit: bool = False
    holds_floats: bool = False


FORMATS = {
    "png": FileFormat("PNG", (".png",), holds_16_bit=True),
    "jpeg": FileFormat("JPEG", (".jpg", ".jpeg"), has_quality=True, holds_alpha=False),
    "webp": FileFormat("WEBP", (".webp",), has_quality=True),
    "tiff": FileFormat("TIFF", (".tif", ".tiff"), holds_16_bit=True, holds_floats=True),
}

SUFFIXES = {suffix: name for name, rule in FORMATS.items() for suffix in rule.suffixes}
"""The format of each suffix."""


def format_of(name: str) -> str | None:
    """Returns the format that a file's name ends with, or None."""
    return SUFFIXES.get(Path(name).suffix.lower())
