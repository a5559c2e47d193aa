"""The command line under damaged pictures, senseless words, full disks and interrupts.

Whatever happens, it exits with 0, 2 or, interrupted, 130; a failure is a line on stderr; no picture
is lost, and none is written in half.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import io
import os
import pathlib
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from PIL import Image

from jaxup._cli.writing import write_whole
from jaxup.cli import main
from tests.fuzz.pictures import BATCH, File, files, written

PIXELS = 2**20  # that a damaged picture may say it has; one of Pillow's own limit takes 20 seconds

WORDS = (
    *(
        "--scale",
        "--size",
        "--method",
        "-o",
        "--output",
        "--align-corners",
        "--antialias",
        "--",
        "-",
    ),
    *(
        "upscale",
        "--help",
        "--version",
        "2",
        "0",
        "nan",
        "inf",
        "1e308",
        "-1",
        "0x4",
        "4x4",
        "1e-9",
    ),
    *("--scale=2", "--scale=", "--size=3x3", "--size=99999999999x1", "--output=--", "--output="),
    *("in.png", "none.png", ".", "out.png", "out.jpg", "out.gif", "out/", "in.png/x.png"),
    *(
        "bicubic",
        "nearest",
        "bilinaer",
        "",
        " ",
        "\n",
        "\0",
        "a\0b",
        "\udcff.png",
        "é.png",
        "~",
        "*",
    ),
    *("--force", "-n", "-q", "-v", "-r", "--quality=5", "--quality=0", "--format=webp", "--format"),
    *(
        "--width",
        "--width=3",
        "--height=0",
        "--no-antialias",
        "-o-",
        "-o--",
        "-oout",
        "--format=--",
    ),
    *("--size=1x1", "--scale=0.5", "--method=nearest", "--method=area", "-x", "--no", "n" * 300),
)


@dataclasses.dataclass(frozen=True)
class Ran:
    """A run of the command: its status, and what it printed."""

    status: int | None
    out: str
    err: str


def run(words: list[str]) -> Ran:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        stack.callback(setattr, sys, "stdin", sys.stdin)
        sys.stdin = io.TextIOWrapper(io.BytesIO(written("RGB", "PNG", (3, 3), 2)))
        try:
            status: Any = main(words)
        except SystemExit as stop:
            status = stop.code
        except KeyboardInterrupt as escaped:
            raise AssertionError("an interrupt escaped") from escaped
    printed: list[str] = []
    for stream in (out, err):
        stream.flush()
        printed.append(stream.buffer.getvalue().decode("utf-8", "replace"))  # pyright: ignore
    return Ran(status, *printed)


@contextlib.contextmanager
def folder() -> Iterator[pathlib.Path]:
    """An empty folder, as the current one."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        yield pathlib.Path(name)


def contents(place: pathlib.Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def lines(ran: Ran) -> list[str]:
    """The lines on stderr, each of which names the command and is no traceback.

    Where the picture itself goes to standard output, its line of success is there too.
    """
    found = [line for line in ran.err.splitlines() if not line.startswith("standard output: ")]
    assert all(line.startswith("jaxup") for line in found), ran.err
    assert "Traceback" not in ran.err
    return found


def damaged(drawn: list[File]) -> None:
    """Every picture gives its result or its line; no other file comes about."""
    with folder() as place:
        names = [f"{number}.png" for number in range(len(drawn))]
        for name, file in zip(names, drawn, strict=True):
            pathlib.Path(name).write_bytes(file.content)
        before = contents(place)
        with mock.patch.object(Image, "MAX_IMAGE_PIXELS", PIXELS):
            ran = run(["upscale", *names, "--scale", "2", "--method", "bilinear", "-o", "out/"])
        failed = lines(ran)
        made = {name: content for name, content in contents(place).items() if name not in before}
        assert len(failed) + len(made) == len(drawn), f"{ran}, {list(made)}"
        assert ran.status == (2 if failed else 0), ran
        for name in made:
            with Image.open(name) as image:
                image.load()
        assert {name: contents(place)[name] for name in before} == before, "an input changed"


def batches() -> Any:
    return st.lists(files(), min_size=BATCH, max_size=BATCH)


def senseless() -> Any:
    return st.lists(st.sampled_from(WORDS), max_size=6)


def refused(words: list[str]) -> None:
    """Status 0, or 2 and one line; then every file is as it was."""
    with folder() as place:
        pathlib.Path("in.png").write_bytes(written("RGB", "PNG", (4, 3), 1))
        before = contents(place)
        ran = run(["upscale", *words])
        after = contents(place)
        assert ran.status in (0, 2), ran
        assert after["in.png" if "in.png" in after else str(place / "in.png")] == next(
            iter(before.values())
        )
        assert not [name for name in after if name.endswith(".part")], list(after)
        found = lines(ran)
        assert bool(found) == (ran.status == 2), ran
        assert len(found) <= max(1, len(words)), ran


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk that is full at a step of writing: a file's opening, its bytes, or its new name."""

    step: str
    error: int
    old: bool


def disks() -> Any:
    return st.builds(
        Disk,
        st.sampled_from(["open", "write", "close", "replace", "mkdir"]),
        st.sampled_from([errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT]),
        st.booleans(),
    )


def full(disk: Disk) -> None:
    """Status 2 and one line; what was there is still there, and nothing else."""

    def fails(*arguments: Any, **options: Any) -> Any:
        raise OSError(disk.error, os.strerror(disk.error))

    class Failing(io.FileIO):
        def write(self, content: Any) -> int:
            if disk.step == "write":
                super().write(bytes(content)[:7])
                fails()
            return super().write(content)

        def close(self) -> None:
            opened = not self.closed
            super().close()
            if opened and disk.step == "close":
                fails()

    kept = pathlib.Path.open

    def opened(path: pathlib.Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if "x" not in mode and "w" not in mode:
            return kept(path, mode, *rest, **options)
        return fails() if disk.step == "open" else Failing(str(path), "xb")

    with folder() as place, contextlib.ExitStack() as stack:
        pathlib.Path("in.png").write_bytes(written("L", "PNG", (3, 3), 1))
        if disk.old:
            pathlib.Path("out").mkdir()
            pathlib.Path("out/in_x2.png").write_bytes(b"old")
        before = contents(place)
        stack.callback(setattr, pathlib.Path, "open", kept)
        pathlib.Path.open = opened  # pyright: ignore[reportAttributeAccessIssue]
        if disk.step == "replace":
            stack.callback(setattr, os, "replace", os.replace)
            os.replace = fails
        if disk.step == "mkdir":
            stack.callback(setattr, pathlib.Path, "mkdir", pathlib.Path.mkdir)
            pathlib.Path.mkdir = fails
        ran = run(["upscale", "in.png", "--scale", "2", "--method", "nearest", "-f", "-o", "out/"])
        stack.close()
        assert ran.status == 2, ran
        assert len(lines(ran)) == 1, ran
        assert contents(place) == before


def moments() -> Any:
    return st.floats(0.0005, 0.6)


def _interrupt(number: int, frame: Any) -> None:
    """Interrupt the command, and nothing around it."""
    while frame is not None and "hypothesis" not in frame.f_code.co_filename:
        if frame.f_code is main.__code__:
            raise KeyboardInterrupt
        frame = frame.f_back


def interrupted(seconds: float) -> None:
    """Ctrl-C at any time: status 130 and a line, or done; results are whole, and none is a part."""
    with folder() as place:
        names = [f"{number}.png" for number in range(6)]
        for number, name in enumerate(names):
            size = (5 + number // 3, 4)
            pathlib.Path(name).write_bytes(written("RGB", "PNG", size, number))
        before = contents(place)
        usual = signal.signal(signal.SIGALRM, _interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            ran = run(["upscale", *names, "--scale", "2", "-o", "out/"])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, usual)
        assert ran.status in (0, 130), ran
        assert len(lines(ran)) == (ran.status == 130), ran
        made = {name: content for name, content in contents(place).items() if name not in before}
        assert all(name.endswith("_x2.png") for name in made), list(made)
        for name in made:
            with Image.open(name) as image:
                image.load()
        assert len(made) >= len(ran.out.splitlines()), "said to be written, and is not there"


def writers() -> Any:
    return st.lists(st.binary(min_size=1, max_size=50_000), min_size=2, max_size=4)


def together(drawn: list[bytes]) -> None:
    """Several writers of one file: it is one of theirs, whole, at any time."""
    with folder() as place:
        target = place / "out.png"
        target.write_bytes(drawn[0])
        threads = [
            threading.Thread(target=lambda c=content: [write_whole(target, c) for _ in range(3)])
            for content in drawn
        ]
        for thread in threads:
            thread.start()
        seen = {target.read_bytes() for _ in range(20)}
        for thread in threads:
            thread.join()
        assert seen | {target.read_bytes()} <= set(drawn), "half a file"
        assert list(contents(place)) == [str(target)], list(contents(place))


CAMPAIGNS = {
    "damaged pictures": (batches, damaged, 25),
    "senseless words": (senseless, refused, 20),
    "full disks": (disks, full, 3),
    "interrupts": (moments, interrupted, 4),
    "writers": (writers, together, 5),
}
"""By name: what is drawn, what is run, and how many draws a turn has."""
