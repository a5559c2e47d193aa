"""Arrays of pixels to picture files, and files to disk."""

import io
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from jaxup._cli.errors import PictureError, reason
from jaxup._cli.formats import FORMATS, FileFormat
from jaxup._cli.interrupts import interrupts_wait
from jaxup._cli.metadata import save_options
from jaxup._cli.pictures import Picture

# What a format needs to lose nothing, or next to nothing. TIFF stays uncompressed: libtiff,
# which compresses it, writes no EXIF.
_BEST: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
}


def encode_picture(picture: Picture, file_format: str, quality: int | None = None) -> bytes:
    """Returns the bytes of a picture file.

    Args:
      file_format: a key of ``FORMATS``.
      quality: from 1 to 100, or None for the best.

    Raises:
      PictureError: when the format cannot hold the picture.
    """
    rule = FORMATS[file_format]
    check_holds(picture, rule)
    pixels = picture.pixels
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[-1] == 1 else pixels)
    how = _BEST.get(rule.name, {}) if quality is None else {"quality": quality}
    encoded = io.BytesIO()
    try:
        image.save(
            encoded, rule.name, **how, **save_options(picture.metadata, rule.name, picture.size)
        )
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot make a {rule.name} file ({reason(error)})") from error
    return encoded.getvalue()


def check_holds(picture: Picture, rule: FileFormat) -> None:
    """Checks that a format has room for the pixels.

    Raises:
      PictureError: when it has not; it names a format that has.
    """
    if not rule.holds_alpha and picture.pixels.shape[-1] in (2, 4):
        raise PictureError(f"{rule.name} has no transparency; write a .png file")
    if not rule.holds_16_bit and picture.pixels.dtype == np.uint16:
        raise PictureError(f"{rule.name} has no 16-bit grey; write a .png file")
    if not rule.holds_floats and picture.pixels.dtype == np.float32:
        raise PictureError(f"{rule.name} has no floating point; write a .tiff file")


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file wholly or not at all, by way of a temporary file beside it.

    Raises:
      PictureError: when it cannot be written; what was at ``path`` is then still there.
    """
    try:
        target = Path(os.path.realpath(path))  # through a symbolic link, not over it
        part = target.parent / f".jaxup-{secrets.token_hex(8)}.part"
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(f"cannot make the folder {path.parent}: {reason(error)}") from error
    try:
        try:
            with interrupts_wait(), part.open("xb") as file:
                file.write(content)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise PictureError(f"cannot write {path}: {reason(error)}") from error
