"""Where each picture's result goes, and what it must not be written over."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from jaxup._cli.errors import PictureError, reason
from jaxup._cli.formats import FORMATS, SUFFIXES, format_of
from jaxup._cli.options import UpscaleOptions
from jaxup._cli.sources import Source

PAGE_SUFFIXES = (".html", ".htm")
"""How pages that compare methods end."""


class AlreadyThereError(Exception):
    """The result's file exists, and is to be kept; its text is the file's name."""


class Destinations:
    """Names the files to write, and makes the folder they go to.

    The output is a folder when there are many pictures, when it ends with a slash, or when it
    exists as one.

    Args:
      options: whose output, size and format make the names.
      sources: every picture to be read; none of them is ever written over.

    Raises:
      PictureError: when the output can be neither such a folder nor such a file.
    """

    def __init__(self, options: UpscaleOptions, sources: Sequence[Source]):
        self._existing = options.existing
        self._inputs = {mark for source in sources if (mark := _identity(source.path))}
        self._taken: dict[Path, Source] = {}
        self._output = options.output
        if options.output is None and [source.path for source in sources] == [None]:
            self._output = "-"
        self.are_files = self._output != "-"
        self._folder = self._choose_folder(options, sources)
        named = None if self._folder else format_of(self._output or "")
        self.file_format = options.file_format or named or "png"
        suffix = PAGE_SUFFIXES[0] if options.compare else FORMATS[self.file_format].suffixes[0]
        self._ending = f"_{options.target.label}{suffix}"

    def choose(self, source: Source) -> Path | None:
        """Returns the file to write for a picture, or None for standard output.

        Raises:
          PictureError: when that is one of the pictures, was chosen for another one, or exists.
          AlreadyThereError: when it exists, and existing files are to be kept.
        """
        if self._output == "-":
            return None
        path = Path(self._output or ".")
        if self._folder is not None:
            path = self._folder / source.folder / f"{source.stem}{self._ending}"
        if _identity(path) in self._inputs:
            raise PictureError(f"would write over the picture {path}; name another --output")
        if path in self._taken:
            raise PictureError(f"{path} is already the result of {self._taken[path]}")
        self._taken[path] = source
        if os.path.exists(path):
            if not os.path.isfile(path):
                raise PictureError(f"cannot write {path}: not a regular file")
            if self._existing == "keep":
                raise AlreadyThereError(str(path))
            if self._existing == "refuse":
                raise PictureError(f"{path} exists; --force replaces it")
        return path

    def _choose_folder(self, options: UpscaleOptions, sources: Sequence[Source]) -> Path | None:
        """Returns the folder for the results, made if it has to be, or None for a single file."""
        word = self._output
        if word is None:
            return Path()
        if word == "-":
            if len(sources) > 1:
                raise PictureError("- takes one picture; name a folder with --output for many")
            if sys.stdout.isatty():
                raise PictureError("a terminal shows no picture; name a file with --output")
            return None
        output = Path(word)
        wants_folder = len(sources) > 1 or word.endswith(("/", os.sep))
        if os.path.isdir(output):
            return output
        if not wants_folder and not any(os.path.isdir(name) for name in options.pictures):
            suffixes = PAGE_SUFFIXES if options.compare else tuple(SUFFIXES)
            if output.suffix.lower() not in suffixes:
                raise PictureError(
                    f"{output}: expected a name that ends with {', '.join(suffixes)}"
                )
            return None
        if output.suffix.lower() in {*PAGE_SUFFIXES, *Image.registered_extensions()}:
            why = f"{len(sources)} pictures need a folder" if len(sources) > 1 else "not a folder"
            raise PictureError(f"{output}: {why}; name one without {output.suffix}")
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PictureError(f"{output}: cannot make the folder: {reason(error)}") from error
        return output


def _identity(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
