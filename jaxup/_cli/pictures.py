"""Picture files to arrays of pixels, with Pillow."""

import io
import warnings
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageOps

from jaxup._cli.errors import PictureError, reason
from jaxup._cli.metadata import Exif, Metadata, read_exif, read_metadata

# EPS is a program: to read one starts Ghostscript. The others Pillow recognises and cannot decode.
_NOT_READ = {"EPS", "BUFR", "GRIB", "HDF5", "MPEG", "WMF"}


def readable_formats() -> tuple[str, ...]:
    """Returns Pillow's names of the formats that are read."""
    Image.init()
    return tuple(sorted(Image.OPEN.keys() - _NOT_READ))


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
        with warnings.catch_warnings(record=True) as odd:  # which metadata is, and yet readable
            warnings.simplefilter("always")
            with Image.open(io.BytesIO(content), formats=readable_formats()) as image:
                image.load()
                exif = read_exif(image)  # first: a second look at damaged EXIF finds it empty
                upright = _to_upright(image)
                plain = _to_plain(upright)
                if any("EXIF" in str(warning.message) for warning in odd):
                    exif = Exif(exif.tags, (*exif.dropped, "damaged EXIF"))
                metadata = read_metadata(image, exif, upright.info.get("xmp"), plain.mode)
                return Picture(_to_pixels(plain), metadata)
    except Image.UnidentifiedImageError as error:
        raise PictureError("not a picture that Pillow reads") from error
    except PictureError:
        raise
    except Exception as error:  # on damaged files, Pillow's decoders raise whatever they ran into
        raise PictureError(f"damaged picture ({reason(error)})") from error


def _to_upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # on damaged EXIF, Pillow raises whatever it ran into; the pixels are whole
        return image


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
