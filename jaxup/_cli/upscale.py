"""``jaxup upscale``: read, resample and write one picture after the other."""

import sys
from collections.abc import Iterable
from pathlib import Path

from rich.progress import Progress

from jaxup._cli.arguments import UpscaleOptions
from jaxup._cli.destinations import Destinations
from jaxup._cli.pictures import (
    FORMATS,
    Picture,
    PictureError,
    encode_picture,
    read_picture,
    write_whole,
)
from jaxup._cli.resampling import Resampler

SAMPLE = Path(__file__).with_name("sample.png")


def upscale(options: UpscaleOptions) -> int:
    """Resamples every picture; a bad one gets its line on stderr and loses none of the others.

    Returns:
      The exit status: 0, or 2 when a picture could not be done.
    """
    sources = options.pictures or [SAMPLE]
    try:
        destinations = Destinations(options, sources)
    except PictureError as error:
        _complain(str(error))
        return 2
    resample = Resampler(options)
    if len(sources) == 1 or not sys.stdout.isatty():
        return _upscale_each(sources, destinations, resample)
    with Progress(redirect_stderr=sys.stderr.isatty()) as progress:
        watched = progress.track(sources, description="Upscaling")
        return _upscale_each(watched, destinations, resample)


def _upscale_each(sources: Iterable[Path], destinations: Destinations, resample: Resampler) -> int:
    status = 0
    for source in sources:
        try:
            print(_upscale_one(source, destinations, resample), flush=True)
        except PictureError as error:
            _complain(f"{source}: {error}")
            status = 2
    return status


def _upscale_one(source: Path, destinations: Destinations, resample: Resampler) -> str:
    """Writes the result of one picture, and returns the line that says so."""
    picture = read_picture(source)
    destination = destinations.choose(source)
    resampled = resample(picture.pixels)
    result = Picture(resampled.pixels, picture.icc_profile)
    write_whole(destination, encode_picture(result, FORMATS[destination.suffix.lower()]))
    (in_height, in_width, _), (height, width, _) = picture.pixels.shape, result.pixels.shape
    seconds = resampled.compile_seconds
    compiled = "compiled before" if seconds is None else f"compiled in {seconds:.2f} s"
    ran = f"ran in {resampled.run_seconds:.4f} s"
    return f"{destination}: {in_height}x{in_width} -> {height}x{width}, {compiled}, {ran}"


def _complain(text: str) -> None:
    print(f"jaxup upscale: {' '.join(text.split())}", file=sys.stderr, flush=True)
