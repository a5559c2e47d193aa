"""Pixels in, resampled pixels out, with one compiled program for each shape."""

import time
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

import jaxup
from jaxup._cli.arguments import UpscaleOptions
from jaxup._cli.pictures import PictureError

MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 2**27)
"""The largest result: what Pillow would still open with its defaults."""

MAX_SIDE = 2**20
"""The most pixels of a result along one axis: the weights of a longer one would fill the memory."""


@dataclass(frozen=True)
class Resampled:
    """Resampled pixels and what they took.

    Args:
      pixels: of the input's dtype and number of channels.
      compile_seconds: or None when the program was there already.
      run_seconds: from host memory to host memory.
    """

    pixels: np.ndarray
    compile_seconds: float | None
    run_seconds: float


class Resampler:
    """Resamples pictures as the options say; pictures of one shape share a program."""

    def __init__(self, options: UpscaleOptions):
        self.options = options
        self._programs: dict[tuple[tuple[int, ...], np.dtype], jax.stages.Compiled] = {}

    def __call__(self, pixels: np.ndarray) -> Resampled:
        """Resamples uint8 or uint16 pixels of shape (height, width, channels).

        Raises:
          PictureError: when the result would have no pixels, or too many.
        """
        self._check_size(*pixels.shape[:2])
        key = pixels.shape, pixels.dtype
        compile_seconds = None
        try:
            if key not in self._programs:
                start = time.perf_counter()
                abstract = jax.ShapeDtypeStruct(pixels.shape, pixels.dtype)
                self._programs[key] = jax.jit(self._resample).lower(abstract).compile()
                compile_seconds = time.perf_counter() - start
            start = time.perf_counter()
            resampled = np.asarray(jax.block_until_ready(self._programs[key](pixels)))
            run_seconds = time.perf_counter() - start
        except (MemoryError, jax.errors.JaxRuntimeError) as error:
            if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
                raise PictureError("the result does not fit in memory") from error
            raise
        return Resampled(resampled, compile_seconds, run_seconds)

    def _check_size(self, in_height: int, in_width: int) -> None:
        scale = self.options.scale or 1.0
        height, width = self.options.size or (in_height * scale, in_width * scale)
        if min(height, width) < 1:
            raise PictureError(
                f"--scale {self.options.scale:g} leaves no pixel of {in_height}x{in_width}"
            )
        if height * width > MAX_PIXELS or max(height, width) > MAX_SIDE:
            raise PictureError(
                f"the result, {height:.0f}x{width:.0f}, is above the limit of {MAX_PIXELS} pixels,"
                f" and {MAX_SIDE} along an axis"
            )

    def _resample(self, pixels: jax.Array) -> jax.Array:
        top = jnp.iinfo(pixels.dtype).max
        x = pixels.astype(jnp.float32) / top
        has_alpha = pixels.shape[-1] in (2, 4)
        if has_alpha:
            # Weighted by its alpha, the colour of a transparent pixel does not bleed.
            x = jnp.concatenate([x[..., :-1] * x[..., -1:], x[..., -1:]], axis=-1)
        y = jaxup.upsample(
            x,
            self.options.scale,
            self.options.method,  # pyright: ignore[reportArgumentType] -- parsed as one of them
            size=self.options.size,
            axes=(0, 1),
            align_corners=self.options.align_corners,
            antialias=self.options.antialias,
        )
        if has_alpha:
            alpha = y[..., -1:]
            visible = alpha > 0
            colour = jnp.where(visible, y[..., :-1] / jnp.where(visible, alpha, 1), 0)
            y = jnp.concatenate([colour, alpha], axis=-1)
        return jnp.rint(jnp.clip(y, 0, 1) * top).astype(pixels.dtype)
