"""The pictures that the command line names, one by one."""

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from jaxup._cli.errors import PictureError, reason
from jaxup._cli.options import UpscaleOptions
from jaxup._cli.pictures import readable_formats

MOST_BYTES = 2**30  # 178,956,970 pixels of four bytes, the most that are read, take 0.7 of them
_CHUNK = 2**20
SAMPLE = Path(__file__).with_name("sample.png")


@dataclass(frozen=True)
class Source:
    """A picture to read.

    Args:
      path: its file, or None for standard input.
      folder: where in the output folder its result goes, as it lies in the folder named.
    """

    path: Path | None
    folder: Path = Path()

    @property
    def stem(self) -> str:
        """Its name, without the end, in the names of results."""
        return self.path.stem if self.path else "stdin"

    def __str__(self) -> str:
        return str(self.path) if self.path else "standard input"

    def read(self) -> bytes:
        """Returns what is in it.

        Raises:
          PictureError: when it cannot be read, or does not end.
        """
        try:
            with self.path.open("rb") if self.path else nullcontext(sys.stdin.buffer) as file:
                read = bytearray()
                while chunk := file.read(_CHUNK):
                    read += chunk
                    if len(read) > MOST_BYTES:
                        raise PictureError(f"is larger than {MOST_BYTES:,} bytes")
        except OSError as error:
            raise PictureError(reason(error)) from error
        return bytes(read)


def find_sources(options: UpscaleOptions) -> list[Source]:
    """Returns every picture that the words stand for: the files, and those in the folders.

    Raises:
      PictureError: when a folder has no picture, or its results would lie among its pictures.
    """
    if not options.pictures:
        return [Source(SAMPLE)]
    sources = []
    for word in options.pictures:
        if word == "-":
            sources.append(Source(None))
        elif os.path.isdir(word):
            sources += _in_folder(Path(word), options)
        else:
            sources.append(Source(Path(word)))
    return sources


def _in_folder(folder: Path, options: UpscaleOptions) -> list[Source]:
    if options.output is None:
        raise PictureError(f"{folder}: is a folder; name one for its results with --output")
    output = os.path.realpath(options.output)
    if output == os.path.realpath(folder):
        raise PictureError(f"{folder}: results would lie among the pictures; name another --output")
    known = _suffixes()
    found = [
        Source(path, path.parent.relative_to(folder))
        for path in _files(folder, options.recursive, output)
        if path.suffix.lower() in known
    ]
    if not found:
        hint = "" if options.recursive else "; -r looks in its folders too"
        raise PictureError(f"{folder}: no picture in this folder{hint}")
    return found


def _files(folder: Path, recursive: bool, output: str) -> Iterator[Path]:
    """The files of a folder, but hidden ones, and but the results of earlier runs."""

    def refuse(error: OSError) -> None:
        raise PictureError(f"{error.filename or folder}: {reason(error)}") from error

    for where, folders, names in os.walk(folder, onerror=refuse):
        yield from (Path(where, name) for name in sorted(names) if not name.startswith("."))
        folders[:] = sorted(
            name
            for name in folders
            if recursive
            and not name.startswith(".")
            and os.path.realpath(os.path.join(where, name)) != output
        )


def _suffixes() -> set[str]:
    readable = readable_formats()
    return {end for end, name in Image.registered_extensions().items() if name in readable}
