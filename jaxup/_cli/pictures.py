"""Picture files to arrays of pixels and back, with Pillow."""

import io
import os
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""What a file name's end says about its format."""


class PictureError(Exception):
    """A picture that cannot be read, made or written; its text is one line for the user."""


@dataclass(frozen=True)
class Picture:
    """A picture, upright, in plain colours.

    Args:
      pixels: uint8, or uint16 for grey alone, of shape (height, width, channels), where the
        channels are 1 grey, 2 grey and alpha, 3 RGB or 4 RGBA.
      icc_profile: what the colours mean, or None for sRGB.
    """

    pixels: np.ndarray
    icc_profile: bytes | None = None


def read_picture(path: Path) -> Picture:
    """Reads a PNG or JPEG file.

    Turns it upright as its orientation tag says, and turns palettes, bilevel pixels and CMYK into
    grey or RGB. Grey keeps its 16 bits.

    Raises:
      PictureError: when there is no such file, or what is in it is not a whole picture.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(reason(error)) from error
    if not content:
        raise PictureError("the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd but readable metadata is no news to the user
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                image.load()
                return _to_picture(ImageOps.exif_transpose(image))
    except Image.UnidentifiedImageError as error:
        raise PictureError("not a PNG or JPEG picture") from error
    except PictureError:
        raise
    except Exception as error:  # on damaged files, Pillow's decoders raise whatever they ran into
        raise PictureError(f"damaged picture ({reason(error)})") from error


def encode_picture(picture: Picture, file_format: str) -> bytes:
    """Returns the bytes of a picture file; ``file_format`` is one of ``FORMATS``'s values.

    Raises:
      PictureError: when the format cannot hold the picture.
    """
    channels = picture.pixels.shape[-1]
    if file_format == "JPEG" and channels in (2, 4):
        raise PictureError("JPEG has no transparency; write a .png file")
    if file_format == "JPEG" and picture.pixels.dtype == np.uint16:
        raise PictureError("JPEG has no 16-bit grey; write a .png file")
    image = Image.fromarray(picture.pixels[:, :, 0] if channels == 1 else picture.pixels)
    encoded = io.BytesIO()
    try:  # quality and subsampling are JPEG's alone
        image.save(encoded, file_format, icc_profile=picture.icc_profile, quality=95, subsampling=0)
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot make a {file_format} file ({reason(error)})") from error
    return encoded.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file wholly or not at all, by way of a temporary file beside it.

    Raises:
      PictureError: when it cannot be written; what was at ``path`` is then still there.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise PictureError(f"cannot write {path}: not a regular file")
    try:
        target = Path(os.path.realpath(path))  # through a symbolic link, not over it
        part = target.parent / f".jaxup-{secrets.token_hex(8)}.part"
        try:
            with part.open("xb") as file:
                file.write(content)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise PictureError(f"cannot write {path}: {reason(error)}") from error


def _to_picture(image: Image.Image) -> Picture:
    profile = image.info.get("icc_profile")
    if image.mode == "I;16":
        plain = image
    elif image.mode in ("1", "L", "LA"):
        plain = image.convert("LA" if image.has_transparency_data else "L")
    elif image.mode in ("P", "PA", "RGB", "RGBA", "CMYK"):
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    else:
        raise PictureError(f"pixels of Pillow's mode {image.mode} are not supported")
    # A profile for CMYK, say, would turn the RGB that we write into nonsense.
    colour_space = b"GRAY" if plain.mode in ("I;16", "L", "LA") else b"RGB "
    if not profile or profile[16:20] != colour_space:
        profile = None
    return Picture(np.atleast_3d(np.asarray(plain)), profile)


def reason(error: Exception) -> str:
    """Returns what an exception says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return " ".join(str(error).split()) or type(error).__name__
