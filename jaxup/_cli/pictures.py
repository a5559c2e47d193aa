"""Picture files to arrays of pixels, with Pillow."""

import io
import warnings
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageOps

from jaxup._cli.errors import PictureError, reason
from jaxup._cli.metadata import Metadata, read_metadata


def readable_formats() -> tuple[str, ...]:
    """Returns Pillow's names of the formats that are read.

    Without EPS, which is a program: to read one starts Ghostscript.
    """
    Image.init()
    return tuple(sorted(Image.OPEN.keys() - {"EPS"}))


@dataclass(frozen=True)
class Picture:
    """A picture, upright, in plain colours.

    Args:
      pixels: uint8, or uint16 or float32 for grey alone, of shape (height, width, channels), where
        the channels are 1 grey, 2 grey and alpha, 3 RGB or 4 RGBA.
      metadata: what else the file says.
    """

    pixels: np.ndarray
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.pixels.shape[:2]
        return width, height


def read_picture(content: bytes) -> Picture:
    """Reads what is in a picture file.

    Turns it upright as its orientation tag says, and turns palettes, bilevel pixels and CMYK into
    grey or RGB. Grey keeps its 16 bits, or its floating point.

    Raises:
      PictureError: when it is not a whole picture of a format that Pillow reads.
    """
    if not content:
        raise PictureError("the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd but readable metadata is no news to the user
            with Image.open(io.BytesIO(content), formats=readable_formats()) as image:
                image.load()
                upright = ImageOps.exif_transpose(image)
                plain = _to_plain(upright)
                return Picture(_to_pixels(plain), read_metadata(image, upright, plain.mode))
    except Image.UnidentifiedImageError as error:
        raise PictureError("not a picture that Pillow reads") from error
    except PictureError:
        raise
    except Exception as error:  # on damaged files, Pillow's decoders raise whatever they ran into
        raise PictureError(f"damaged picture ({reason(error)})") from error


def _to_plain(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return image
    if image.mode in ("1", "L", "LA", "La"):
        return image.convert("LA" if image.has_transparency_data else "L")
    if image.mode in ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    raise PictureError(f"pixels of Pillow's mode {image.mode} are not supported")


def _to_pixels(image: Image.Image) -> np.ndarray:
    pixels = np.atleast_3d(np.asarray(image))
    if image.mode == "I" and (pixels.min() < 0 or pixels.max() >= 2**16):
        raise PictureError("grey of more than 16 bits is supported as floating point alone")
    return pixels.astype(np.uint16) if image.mode.startswith("I") else pixels
