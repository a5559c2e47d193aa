"""The ``jaxup`` command."""

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaxup._cli.interrupts import interrupts_wait

if TYPE_CHECKING:
    from jaxup._cli.options import UpscaleOptions

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
      argv: the words after the command's name. Default: the process's own.

    Returns:
      The exit status: 0, or 2 when a picture could not be done, or 130 after Ctrl-C, or 141 when
      the reader of the output went away.

    Raises:
      SystemExit: from argument parsing: status 0 after ``--help``, 2 after a wrong argument.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: it holds nothing, and to print on stdout fails
            setattr(sys, name, open(os.devnull, "w" if name == "stderr" else "r"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name may be any bytes
    try:
        try:
            with interrupts_wait():
                from jaxup._cli.arguments import parse
            return _run(parse(argv))
        finally:
            sys.stdout.flush()  # now, when what is wrong can still be said in a line
    except KeyboardInterrupt:
        print("jaxup upscale: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except OSError as error:  # of a picture it is told with its name; here the output is full
        _drop_output()
        reason = error.strerror or "cannot write to standard output"
        print(f"jaxup upscale: {reason.lower()}", file=sys.stderr)
        return 2


def _drop_output() -> None:
    """Sends what stdout still holds nowhere, so that the flush at exit is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: "UpscaleOptions") -> int:
    try:
        with interrupts_wait():
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
