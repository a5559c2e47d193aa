"""The ``jaxup`` command."""

import io
import os
import sys
from collections.abc import Sequence

from jaxup._cli.arguments import parse
from jaxup._cli.options import UpscaleOptions

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
      argv: the words after the command's name. Default: the process's own.

    Returns:
      The exit status: 0, or 2 when a picture could not be done, or 130 after Ctrl-C.

    Raises:
      SystemExit: from argument parsing: status 0 after ``--help``, 2 after a wrong argument.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name may be any bytes
    options = parse(argv)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("jaxup upscale: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away; with stdout elsewhere the flush at exit is quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(options: UpscaleOptions) -> int:
    try:
        from jaxup._cli.upscale import upscale
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("PIL", "rich"):
            raise
        print(
            "jaxup upscale: Pillow and rich are missing. Run: pip install 'jaxup[cli]'",
            file=sys.stderr,
        )
        return 2
    return upscale(options)
