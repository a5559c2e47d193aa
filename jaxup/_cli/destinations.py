"""Where each picture's result goes, and what it must not be written over."""

import os
from collections.abc import Sequence
from pathlib import Path

from jaxup._cli.arguments import UpscaleOptions
from jaxup._cli.pictures import FORMATS, PictureError, reason


class Destinations:
    """Names the files to write, and makes the folder they go to.

    The output is a folder when there are many pictures, when it ends with a slash, or when it
    exists as one.

    Args:
      options: whose output and scale or size make the names.
      sources: every picture to be read; none of them is ever written over.

    Raises:
      PictureError: when the output can be neither such a folder nor a picture file.
    """

    def __init__(self, options: UpscaleOptions, sources: Sequence[Path]):
        self._inputs = {identity for path in sources if (identity := _identity(path))}
        self._taken: dict[Path, Path] = {}
        target = "{}x{}".format(*options.size) if options.size else f"x{options.scale:g}"
        self._ending = f"_{target}.png"
        self._output = output = Path(options.output or ".")
        slash = options.output is not None and options.output.endswith(("/", os.sep))
        self._is_folder = len(sources) > 1 or slash or os.path.isdir(output)
        if self._is_folder:
            try:
                output.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise PictureError(f"{output}: cannot make the folder: {reason(error)}") from error
        elif output.suffix.lower() not in FORMATS:
            raise PictureError(f"{output}: expected a name that ends with {', '.join(FORMATS)}")
        elif not os.path.isdir(output.parent):
            raise PictureError(f"{output}: cannot write: no such folder")

    def choose(self, source: Path) -> Path:
        """Returns the file to write for a picture.

        Raises:
          PictureError: when that is one of the pictures, or was chosen for another one.
        """
        path = self._output
        if self._is_folder:
            path /= f"{source.stem}{self._ending}"
        if _identity(path) in self._inputs:
            raise PictureError(f"would write over the picture {path}; name another --output")
        if path in self._taken:
            raise PictureError(f"{path} is already the result of {self._taken[path]}")
        self._taken[path] = source
        return path


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
