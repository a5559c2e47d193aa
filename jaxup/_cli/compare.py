"""``jaxup upscale --compare``: one picture by several methods, as a page."""

import dataclasses

import jax
import numpy as np

from jaxup._cli.errors import PictureError
from jaxup._cli.options import UpscaleOptions
from jaxup._cli.page import Compared, write_page
from jaxup._cli.pictures import Picture
from jaxup._cli.resampling import Resampled, Resampler

MAX_PIXELS = 2**26
"""All pictures of a page together. A browser holds 4 bytes for each of these pixels, twice."""

_RUNS = 3


class Comparison:
    """Makes pages for pictures; those of one shape share their programs.

    Args:
      options: whose methods and target count.
    """

    def __init__(self, options: UpscaleOptions):
        self._target = options.target
        self._resamplers = [Resampler(options, method) for method in options.methods]

    def __call__(self, name: str, picture: Picture) -> bytes:
        """Returns the page of a picture.

        Raises:
          PictureError: when the picture is of floating point, or too large for a page.
        """
        eight_bits = _to_8_bits(picture.pixels)
        (in_width, in_height), (width, height) = picture.size, self._target.size(*picture.size)
        total = in_width * in_height + len(self._resamplers) * width * height
        if total > MAX_PIXELS:
            raise PictureError(
                f"a page of {total} pixels is above the limit of {MAX_PIXELS}; "
                "compare fewer methods, or choose a smaller size"
            )
        compared = [Compared(each.method, _quickest(each, eight_bits)) for each in self._resamplers]
        notes = [f"Times are the shortest of {_RUNS} runs."]
        if picture.pixels.dtype != np.uint8:
            notes.append("The picture has 16 bits; the page shows the upper 8.")
        if picture.metadata.icc_profile:
            notes.append("Values are the file's. Its colour profile is not applied.")
        device = jax.devices()[0].platform
        return write_page(name, Picture(eight_bits), compared, device, notes).encode()


def _to_8_bits(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.float32:
        raise PictureError("a page shows no floating point; convert the picture first")
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels


def _quickest(resample: Resampler, pixels: np.ndarray) -> Resampled:
    """Resamples several times, and returns the pixels with the shortest run."""
    runs = [resample(pixels) for _ in range(_RUNS)]
    return dataclasses.replace(runs[0], run_seconds=min(run.run_seconds for run in runs))
