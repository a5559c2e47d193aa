"""The words of the command line, as ``UpscaleOptions``."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from jaxup import __version__
from jaxup._arguments.torch_methods import METHODS

_METHODS = {name: rule for name, rule in METHODS.items() if rule.rank in (None, 2)}

_EXAMPLES = """\
examples:
  jaxup upscale                                   a sample picture, four times larger
  jaxup upscale photo.jpg                         writes photo_x4.png
  jaxup upscale photo.jpg --scale 2 -o big.jpg    writes big.jpg
  jaxup upscale icon.png --method nearest         keeps the pixels hard
  jaxup upscale photo.jpg --size 120x160 --antialias
                                                  shrinks without jagged edges
  jaxup upscale *.png -o larger/                  many pictures into one folder
"""


@dataclass(frozen=True)
class UpscaleOptions:
    """What ``jaxup upscale`` was asked to do.

    Args:
      pictures: the files to read; an empty list stands for the sample.
      scale: times larger, or None when size is given.
      size: height and width of the result in pixels, or None when scale is given.
      method: a method of `jaxup.upsample` for two axes.
      align_corners: as in `jaxup.upsample`.
      antialias: as in `jaxup.upsample`.
      output: a file or folder, or None for a name made from the picture's.
    """

    pictures: list[Path]
    scale: float | None
    size: tuple[int, int] | None
    method: str
    align_corners: bool
    antialias: bool
    output: str | None


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exits with status 2 and one line, where argparse would print its usage too."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}. See {self.prog} --help.\n")


def parse(argv: Sequence[str] | None = None) -> UpscaleOptions:
    """Reads the command line's words; exits with status 2 and one line when they are wrong."""
    parser = _OneLineParser(
        prog="jaxup", description="Upsampling and resampling in JAX.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"jaxup {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    upscale = commands.add_parser(
        "upscale",
        help="make pictures larger, or smaller",
        description="Makes PNG and JPEG pictures larger, or smaller.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_upscale_arguments(upscale)
    words = parser.parse_args(argv)
    if not (words.output is None or isinstance(words.output, str)):  # argparse drops a "--"
        upscale.error("argument -o/--output: expected the name of a file or folder, got '--'")
    rule = _METHODS[words.method]
    if words.align_corners and not rule.allows_align_corners:
        upscale.error(f"--align-corners has no meaning with --method {words.method}")
    if words.antialias and rule.antialias_kernel is None:
        upscale.error(f"--antialias has no meaning with --method {words.method}")
    if words.scale is None and words.size is None:
        words.scale = 4.0
    return UpscaleOptions(**vars(words))


def _add_upscale_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pictures",
        nargs="*",
        type=_path,
        metavar="PICTURE",
        help="a PNG or JPEG file; without any, a sample that ships with jaxup",
    )
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--scale", type=_scale, metavar="FACTOR", help="times larger; below 1 shrinks (default: 4)"
    )
    target.add_argument(
        "--size", type=_size, metavar="HxW", help="height and width of the result, in pixels"
    )
    parser.add_argument(
        "--method",
        choices=_METHODS,
        default="bicubic",
        metavar="NAME",
        help=f"one of {', '.join(_METHODS)} (default: bicubic)",
    )
    parser.add_argument(
        "--align-corners",
        action="store_true",
        help="map the centres of the corner pixels onto each other",
    )
    parser.add_argument(
        "--antialias",
        action="store_true",
        help="average all pixels when shrinking, for no jagged edges",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=_name,
        metavar="OUT",
        help="a .png or .jpg file, or a folder (default: NAME_xFACTOR.png in the current folder)",
    )


def _path(word: str) -> Path:
    return Path(_name(word))


def _name(word: str) -> str:
    if not word or "\0" in word:
        raise argparse.ArgumentTypeError(f"expected the name of a file, got {word!r}")
    return word


def _scale(word: str) -> float:
    try:
        scale = float(word)
    except ValueError:
        scale = math.nan
    if not (scale > 0 and math.isfinite(scale)):
        raise argparse.ArgumentTypeError(f"expected a finite number above 0, got {word!r}")
    return scale


def _size(word: str) -> tuple[int, int]:
    height, _, width = word.lower().partition("x")
    try:
        size = int(height), int(width)
    except ValueError:
        size = 0, 0
    if min(size) < 1:
        raise argparse.ArgumentTypeError(
            f"expected HEIGHTxWIDTH in whole pixels above 0, such as 480x640, got {word!r}"
        )
    return size
