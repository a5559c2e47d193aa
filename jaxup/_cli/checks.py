"""Words of the command line that do not go together."""

from argparse import ArgumentTypeError, Namespace
from pathlib import Path

from jaxup._cli.formats import FORMATS, format_of
from jaxup._cli.methods import METHODS


def check(words: Namespace) -> None:
    """Checks what was read against each other.

    Raises:
      ArgumentTypeError: with the options' names, when they contradict each other.
    """
    _check_size(words)
    _check_methods(words)
    _check_streams(words)
    if words.compare:
        _check_page(words)
    else:
        _check_format(words)


def _check_size(words: Namespace) -> None:
    names = ("scale", "size", "width", "height")
    given = [name for name in names if getattr(words, name) is not None]
    if len(given) > 1 and given != ["width", "height"]:
        first, *_, last = given
        raise ArgumentTypeError(f"argument --{last}: not allowed with argument --{first}")


def _check_methods(words: Namespace) -> None:
    if words.compare and words.method:
        raise ArgumentTypeError("argument --method: not allowed with argument --compare")
    methods = words.compare or (words.method or "bicubic",)
    for method in methods:
        if words.align_corners and not METHODS[method].align_corners:
            raise ArgumentTypeError(f"--align-corners has no meaning with method {method}")
        if words.antialias and not METHODS[method].antialias:
            raise ArgumentTypeError(f"--antialias has no meaning with method {method}")
    if words.align_corners and words.antialias:
        raise ArgumentTypeError(
            "argument --antialias: not allowed with --align-corners, which it would not keep"
        )


def _check_streams(words: Namespace) -> None:
    if words.pictures.count("-") > 1:
        raise ArgumentTypeError("- stands for standard input, which can be read once")
    if words.output == "-" and len(words.pictures) > 1:
        raise ArgumentTypeError("argument --output: - takes one picture; name a folder for many")


def _check_page(words: Namespace) -> None:
    for option in ("format", "quality"):
        if getattr(words, option) is not None:
            raise ArgumentTypeError(f"argument --{option}: not allowed with argument --compare")


def _check_format(words: Namespace) -> None:
    written, ending = words.format, format_of(words.output or "")
    if written and ending and written != ending and not Path(words.output).is_dir():
        raise ArgumentTypeError(
            f"argument --format: {written} does not go with --output {words.output}"
        )
    if words.quality is None:
        return
    chosen = written or ending or "png"
    if not FORMATS[chosen].has_quality:
        lossy = " or ".join(name for name, rule in FORMATS.items() if rule.has_quality)
        raise ArgumentTypeError(
            f"argument --quality: {chosen} loses nothing; write {lossy} with --format or --output"
        )
