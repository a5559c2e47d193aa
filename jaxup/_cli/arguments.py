"""The words of the command line, as ``UpscaleOptions``."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from jaxup import __version__
from jaxup._cli.checks import check
from jaxup._cli.formats import FORMATS
from jaxup._cli.methods import METHODS
from jaxup._cli.options import UpscaleOptions
from jaxup._cli.target import Target
from jaxup._cli.words import (
    read_method,
    read_methods,
    read_name,
    read_pixels,
    read_quality,
    read_scale,
    read_size,
    suggest,
)

_EXAMPLES = """\
examples:
  jaxup upscale                                   a sample picture, four times larger
  jaxup upscale photo.jpg                         writes photo_x4.png
  jaxup upscale photo.jpg --scale 2 -o big.jpg    writes big.jpg
  jaxup upscale photo.jpg --width 800             shrinks or enlarges to 800 pixels wide
  jaxup upscale icon.png --method nearest         keeps the pixels hard
  jaxup upscale *.png -o larger/                  many pictures into one folder
  jaxup upscale photos/ -r -o larger/             a folder and the folders in it
  jaxup upscale - -o - < small.png > large.png    from a pipe into a pipe
  jaxup upscale photo.jpg --compare nearest,bicubic,lanczos3
                                                  a page that compares methods, photo_x4.html

Sizes are WIDTHxHEIGHT in pixels, everywhere.
"""


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exits with status 2 and one line, where argparse would print its usage too."""
        text = " ".join(message.split())
        stop = "" if text.endswith("?") else "."
        self.exit(2, f"{self.prog}: {text}{stop} See {self.prog} --help.\n")


def parse(argv: Sequence[str] | None = None) -> UpscaleOptions:
    """Reads the command line's words; exits with status 2 and one line when they are wrong."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] != ["upscale"]:
        _parse_no_command(words)
    parser = _upscale_parser()
    read, unknown = parser.parse_known_intermixed_args(words[1:])
    if unknown:
        options = re.findall(r"--[a-z-]+", parser.format_help())
        hint = suggest(unknown[0].partition("=")[0], options)
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint and '; '}{hint}")
    for name, value in vars(read).items():
        if value == [] and name != "pictures":  # what argparse makes of --output=--
            parser.error(f"argument --{name}: expected one argument")
    try:
        check(read)
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    sized = read.size or (read.width, read.height)
    scale = 4.0 if read.scale is None and sized == (None, None) else read.scale
    return UpscaleOptions(
        pictures=read.pictures,
        recursive=read.recursive,
        output=read.output,
        file_format=read.format,
        quality=read.quality,
        existing=read.existing,
        target=Target(scale, *sized),
        methods=read.compare or (read.method or "bicubic",),
        compare=read.compare is not None,
        align_corners=read.align_corners,
        antialias=read.antialias,
        verbosity=read.verbosity,
    )


def _parse_no_command(words: Sequence[str]) -> NoReturn:
    """Shows the help or the version, or says which command is missing."""
    parser = _OneLineParser(
        prog="jaxup", description="Upsampling and resampling in JAX.", allow_abbrev=False
    )
    _add_version(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    commands.add_parser("upscale", help="make pictures larger, or smaller", add_help=False)
    if words and not words[0].startswith("-"):
        meant = suggest(words[0], ["upscale"]) or f"did you mean: jaxup upscale {words[0]}?"
        parser.error(f"unknown command {words[0]!r}; {meant}")
    parser.parse_args(words)
    parser.error("expected a COMMAND, such as: jaxup upscale photo.jpg")


def _upscale_parser() -> _OneLineParser:
    parser = _OneLineParser(
        prog="jaxup upscale",
        usage="jaxup upscale [PICTURE ...] [options]",
        description="Makes pictures larger, or smaller.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "pictures",
        nargs="*",
        type=read_name,
        metavar="PICTURE",
        help="a picture file, a folder of them, or - for standard input; "
        "without any, a sample that ships with jaxup",
    )
    _add_version(parser)
    _add_sizes(parser)
    _add_resampling(parser)
    _add_files(parser)
    _add_verbosity(parser)
    return parser


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--version",
        action="version",
        version=f"jaxup {__version__}",
        help="show the version and exit",
    )


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("size of the result (default: --scale 4)")
    group.add_argument(
        "--scale", type=read_scale, metavar="FACTOR", help="times larger; below 1 shrinks"
    )
    group.add_argument("--size", type=read_size, metavar="WxH", help="width and height, in pixels")
    for option in ("--width", "--height"):
        group.add_argument(
            option, type=read_pixels, metavar="PIXELS", help="alone, keeps the picture's aspect"
        )


def _add_resampling(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("resampling")
    group.add_argument(
        "--method",
        type=read_method,
        metavar="NAME",
        help=f"one of {', '.join(METHODS)} (default: bicubic)",
    )
    group.add_argument(
        "--compare",
        type=read_methods,
        metavar="NAMES",
        help="write one HTML page that compares these methods, separated by commas",
    )
    group.add_argument(
        "--antialias",
        action=argparse.BooleanOptionalAction,
        help="average all pixels when shrinking, for no jagged edges (default: when shrinking)",
    )
    group.add_argument(
        "--align-corners",
        action="store_true",
        help="map the centres of the corner pixels onto each other, without antialiasing",
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument(
        "-o",
        "--output",
        type=read_name,
        metavar="OUT",
        help="a file, a folder, or - for standard output "
        "(default: NAME_xFACTOR.png in the current folder)",
    )
    group.add_argument(
        "--format",
        choices=FORMATS,
        metavar="NAME",
        help=f"one of {', '.join(FORMATS)} (default: as OUT ends, or png)",
    )
    group.add_argument(
        "--quality",
        type=read_quality,
        metavar="1-100",
        help="of a jpeg (default: 95) or a webp (default: loses nothing)",
    )
    group.add_argument(
        "-r", "--recursive", action="store_true", help="look in the folders of a folder too"
    )
    existing = group.add_mutually_exclusive_group()
    existing.add_argument(
        "-f",
        "--force",
        dest="existing",
        action="store_const",
        const="replace",
        default="refuse",
        help="replace files that exist (default: refuse to)",
    )
    existing.add_argument(
        "-n",
        "--no-clobber",
        dest="existing",
        action="store_const",
        const="keep",
        help="keep files that exist, and do the others",
    )


def _add_verbosity(parser: argparse.ArgumentParser) -> None:
    verbosity = parser.add_mutually_exclusive_group()
    verbosity.add_argument(
        "-q",
        "--quiet",
        dest="verbosity",
        action="store_const",
        const=-1,
        default=0,
        help="say nothing but errors",
    )
    verbosity.add_argument(
        "-v",
        "--verbose",
        dest="verbosity",
        action="store_const",
        const=1,
        help="say how each picture was made, and how long each step took",
    )
