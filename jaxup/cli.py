"""The ``jaxup`` command."""

import io
import os
import sys
from collections.abc import Sequence

from jaxup._cli.arguments import UpscaleOptions, parse

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
    try:
        return _run(parse(argv))
    except KeyboardInterrupt:
        print("jaxup upscale: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _drop_output()  # its reader went away
        return 141
    except OSError as error:  # of the output: those of pictures have a line of their own
        _drop_output()
        reason = error.strerror or type(error).__name__
        print(f"jaxup upscale: cannot write the output: {reason.lower()}", file=sys.stderr)
        return 2


def _drop_output() -> None:
    """Sends what is left of the output nowhere, so that the flush at exit is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
