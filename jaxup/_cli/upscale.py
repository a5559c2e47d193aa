"""``jaxup upscale``: read, resample and write one picture after the other."""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import jax
from rich.progress import Progress

from jaxup._cli.compare import Comparison
from jaxup._cli.destinations import AlreadyThereError, Destinations
from jaxup._cli.errors import PictureError
from jaxup._cli.formats import FORMATS
from jaxup._cli.options import UpscaleOptions
from jaxup._cli.pictures import Picture, read_picture
from jaxup._cli.resampling import Resampled, Resampler
from jaxup._cli.sources import Source, find_sources
from jaxup._cli.writing import check_holds, encode_picture, write_whole


def upscale(options: UpscaleOptions) -> int:
    """Resamples every picture; a bad one gets its line on stderr and loses none of the others.

    Returns:
      The exit status: 0, or 2 when a picture could not be done.
    """
    try:
        sources = find_sources(options)
        destinations = Destinations(options, sources)
    except PictureError as error:
        _complain(str(error))
        return 2
    do_one = _Upscale(options, destinations)
    if len(sources) == 1 or options.verbosity < 0 or not sys.stdout.isatty():
        return _do_each(sources, do_one)
    with Progress(redirect_stderr=sys.stderr.isatty()) as progress:
        return _do_each(progress.track(sources, description="Upscaling"), do_one)


def _do_each(sources: Iterable[Source], do_one: Callable[[Source], None]) -> int:
    status = 0
    for source in sources:
        try:
            do_one(source)
        except PictureError as error:
            _complain(f"{source}: {error}")
            status = 2
    return status


class _Upscale:
    """Reads a picture, writes its result or its page, and says so in a line."""

    def __init__(self, options: UpscaleOptions, destinations: Destinations):
        self._options = options
        self._destinations = destinations
        self._make = self._page if options.compare else self._result
        self._compare = Comparison(options)
        self._resample = Resampler(options, options.methods[0])

    def __call__(self, source: Source) -> None:
        start = time.perf_counter()
        try:
            destination = self._destinations.choose(source)
        except AlreadyThereError as there:
            self._say(f"{there} exists, kept")
            return
        picture = read_picture(source.read())
        content, details = self._make(source, picture)
        _put(destination, content)
        width, height = self._options.target.size(*picture.size)
        sizes = "{}x{} -> {}x{}".format(*picture.size, width, height)
        parts = [f"{destination or 'standard output'}: {sizes}", " ".join(self._options.methods)]
        if self._options.verbosity > 0:
            parts += [*details, f"{len(content)} bytes"]
        parts.append(f"{time.perf_counter() - start:.2f} s")
        if picture.metadata.dropped and not self._options.compare:
            parts.append(f"dropped: {', '.join(picture.metadata.dropped)}")
        self._say(", ".join(parts))

    def _result(self, source: Source, picture: Picture) -> tuple[bytes, list[str]]:
        """Returns the bytes of a picture file, and how it was made."""
        file_format = self._destinations.file_format
        check_holds(picture, FORMATS[file_format])
        resampled = self._resample(picture.pixels)
        result = Picture(resampled.pixels, picture.metadata)
        return encode_picture(result, file_format, self._options.quality), _details(resampled)

    def _page(self, source: Source, picture: Picture) -> tuple[bytes, list[str]]:
        name = source.path.name if source.path else str(source)
        return self._compare(name, picture), []

    def _say(self, text: str) -> None:
        """Prints a line, on stderr where the result itself is on stdout."""
        if self._options.verbosity >= 0:
            to_stdout = self._destinations.are_files
            print(text, file=sys.stdout if to_stdout else sys.stderr, flush=True)


def _details(resampled: Resampled) -> list[str]:
    seconds = resampled.compile_seconds
    return [
        "antialiased" if resampled.antialias else "not antialiased",
        "compiled before" if seconds is None else f"compiled in {seconds:.2f} s",
        f"ran in {resampled.run_seconds:.4f} s on {jax.devices()[0].platform}",
    ]


def _put(destination: Path | None, content: bytes) -> None:
    if destination is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(destination, content)


def _complain(text: str) -> None:
    print(f"jaxup upscale: {' '.join(text.split())}", file=sys.stderr, flush=True)
