"""Pixels in, resampled pixels out, with one compiled program for each shape."""

import time
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image

import jaxup
from jaxup._cli.errors import PictureError
from jaxup._cli.methods import METHODS
from jaxup._cli.options import UpscaleOptions

MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 2**27)
"""The largest result: what Pillow would still open with its defaults."""

MAX_SIDE = 2**20
"""The most pixels of a result along one axis: the weights of a longer one would fill the memory."""


@dataclass(frozen=True)
class Resampled:
    """Resampled pixels and what they took.

    Args:
      pixels: of the input's dtype and number of channels.
      antialias: whether they were averaged.
      compile_seconds: or None when the program was there already.
      run_seconds: from host memory to host memory.
    """

    pixels: np.ndarray
    antialias: bool
    compile_seconds: float | None
    run_seconds: float


class Resampler:
    """Resamples pictures as the options say; pictures of one shape share a program.

    Args:
      options: whose target, antialias and align_corners count.
      method: one of the options' methods.
    """

    def __init__(self, options: UpscaleOptions, method: str):
        self.method = method
        self._options = options
        self._programs: dict[tuple[tuple[int, ...], np.dtype], jax.stages.Compiled] = {}

    def __call__(self, pixels: np.ndarray) -> Resampled:
        """Resamples uint8, uint16 or float32 pixels of shape (height, width, channels).

        Raises:
          PictureError: when the result would have no pixels, or too many.
        """
        height, width = pixels.shape[:2]
        antialias = self._antialiases((width, height), self._check_size(width, height))
        key = pixels.shape, pixels.dtype
        compile_seconds = None
        try:
            if key not in self._programs:
                start = time.perf_counter()
                abstract = jax.ShapeDtypeStruct(pixels.shape, pixels.dtype)
                program = jax.jit(self._resample, static_argnames="antialias")
                self._programs[key] = program.lower(abstract, antialias=antialias).compile()
                compile_seconds = time.perf_counter() - start
            start = time.perf_counter()
            resampled = np.asarray(jax.block_until_ready(self._programs[key](pixels)))
            run_seconds = time.perf_counter() - start
        except (MemoryError, jax.errors.JaxRuntimeError) as error:
            if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
                raise PictureError("the result does not fit in memory") from error
            raise
        return Resampled(resampled, antialias, compile_seconds, run_seconds)

    def _check_size(self, in_width: int, in_height: int) -> tuple[int, int]:
        width, height = self._options.target.size(in_width, in_height)
        if min(width, height) < 1:
            scale = f"--scale {self._options.target.scale:g}"
            raise PictureError(f"{scale} leaves no pixel of {in_width}x{in_height}")
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            raise PictureError(
                f"the result, {width}x{height}, is above the limit of {MAX_PIXELS} pixels,"
                f" and {MAX_SIDE} along an axis"
            )
        return width, height

    def _antialiases(self, size: tuple[int, int], target: tuple[int, int]) -> bool:
        """Whether to average: if asked to, and where nobody said, if a side gets smaller."""
        if self._options.antialias is not None:
            return self._options.antialias
        rule = METHODS[self.method]
        shrinks = any(after < before for before, after in zip(size, target, strict=True))
        return shrinks and rule.antialias and not self._options.align_corners

    def _resample(self, pixels: jax.Array, *, antialias: bool) -> jax.Array:
        whole = jnp.issubdtype(pixels.dtype, jnp.integer)
        top = jnp.iinfo(pixels.dtype).max if whole else 1
        x = pixels.astype(jnp.float32) / top
        has_alpha = pixels.shape[-1] in (2, 4)
        if has_alpha:
            # Weighted by its alpha, the colour of a transparent pixel does not bleed.
            x = jnp.concatenate([x[..., :-1] * x[..., -1:], x[..., -1:]], axis=-1)
        scale = self._options.target.scale
        width, height = self._options.target.size(pixels.shape[1], pixels.shape[0])
        y = jaxup.upsample(
            x,
            scale,
            self.method,  # pyright: ignore[reportArgumentType] -- parsed as one of them
            size=(height, width) if scale is None else None,
            axes=(0, 1),
            align_corners=self._options.align_corners,
            antialias=antialias,
        )
        if has_alpha:
            alpha = y[..., -1:]
            visible = alpha > 0
            colour = jnp.where(visible, y[..., :-1] / jnp.where(visible, alpha, 1), 0)
            y = jnp.concatenate([colour, alpha], axis=-1)
        return jnp.rint(jnp.clip(y, 0, 1) * top).astype(pixels.dtype) if whole else y
