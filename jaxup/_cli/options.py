"""What the command line was asked to do."""

from dataclasses import dataclass
from typing import Literal

from jaxup._cli.target import Target


@dataclass(frozen=True)
class UpscaleOptions:
    """What ``jaxup upscale`` was asked to do.

    Args:
      pictures: files and folders, "-" for standard input; an empty list stands for the sample.
      recursive: whether pictures in the folders of a folder count.
      output: a file, a folder, "-" for standard output, or None for names made from the pictures'.
      file_format: a key of ``FORMATS``, or None where the output's name says it.
      quality: of a format that loses detail, from 1 to 100, or None for the best of that format.
      existing: what happens to a file that is already where a result should go.
      target: how large.
      methods: of `jaxup.upsample` for two axes; one, unless they are to be compared.
      compare: whether to write a page that compares the methods.
      align_corners: as in `jaxup.upsample`.
      antialias: as in `jaxup.upsample`, or None for shrinks alone.
      verbosity: -1 for errors alone, 0, or 1 for details.
    """

    pictures: list[str]
    recursive: bool
    output: str | None
    file_format: str | None
    quality: int | None
    existing: Literal["refuse", "replace", "keep"]
    target: Target
    methods: tuple[str, ...]
    compare: bool
    align_corners: bool
    antialias: bool | None
    verbosity: int
