"""How large a result is to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A scale, or a width, a height or both; exactly one of these ways is not None.

    Args:
      scale: times larger.
      width, height: of the result in pixels; one alone keeps the picture's aspect.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None

    @property
    def label(self) -> str:
        """What names of results say: x4, 640x480, w640 or h480."""
        if self.scale is not None:
            return f"x{self.scale:g}"
        if self.width and self.height:
            return f"{self.width}x{self.height}"
        return f"w{self.width}" if self.width else f"h{self.height}"

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Returns the width and height of a picture's result; a scale may leave none."""
        if self.scale is not None:
            return _scaled(width, self.scale), _scaled(height, self.scale)
        if self.width and self.height:
            return self.width, self.height
        if self.width:
            return self.width, max(1, round(height * self.width / width))
        assert self.height is not None
        return max(1, round(width * self.height / height)), self.height


def _scaled(pixels: int, scale: float) -> int:
    return int(min(pixels * scale, 1e18))  # a whole number even where the product is infinite
