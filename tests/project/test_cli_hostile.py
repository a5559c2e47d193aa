"""The command line where a stream, the disk or the folder is gone, and where Ctrl-C comes early."""

import os
import re
import signal
import subprocess
import sys

import pytest

from jaxup import cli
from jaxup._cli import sources
from jaxup._cli.interrupts import interrupts_wait
from tests.helpers.pictures import fails, picture, result

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="streams and signals differ")
ENVIRONMENT = {**os.environ, "JAX_PLATFORMS": "cpu", "TERM": "dumb"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def shell(command):
    """What a command prints on stderr, and its status; ``$JAXUP`` stands for jaxup."""
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"JAXUP": f"{sys.executable} -m jaxup"},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("option", ["--output=--", "--scale=--", "--method=--", "-o--"])
def test_two_dashes_are_no_value(capsys, option):
    """Before Python 3.13 argparse hands them on as an empty list, later as a word."""
    picture("in.png")
    assert fails(["upscale", "in.png", option]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert re.search("expected one argument|'--'|--: expected a name that ends with", err)
    assert os.listdir() == ["in.png"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["upscale in.png", "upscale in.png -o -"])
def test_full_standard_output_is_a_line(words):
    """Python would add two lines of its own at exit, and the status 120."""
    picture("in.png")
    assert shell(f"$JAXUP {words} > /dev/full") == (2, "jaxup upscale: no space left on device\n")


def test_closed_streams_are_a_line():
    picture("in.png")
    said = "jaxup upscale: cannot write to standard output\n"
    assert shell("$JAXUP upscale in.png -o - >&-") == (2, said)
    said = "jaxup upscale: standard input: the file is empty\n"
    assert shell("$JAXUP upscale - -o out.png <&-") == (2, said)


def test_deleted_folder_is_a_line():
    picture("in.png")
    os.mkdir("gone")
    status, err = shell("cd gone; rmdir ../gone; $JAXUP upscale ../in.png")
    assert (status, err.count("\n")) == (2, 1)
    assert err.startswith("jaxup upscale: ../in.png: cannot ")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
def test_a_file_without_an_end_is_a_line(capsys, monkeypatch):
    monkeypatch.setattr(sources, "MOST_BYTES", 2**21)
    assert fails(["upscale", "/dev/zero", "-o", "out.png"]) == 2
    assert capsys.readouterr().err == "jaxup upscale: /dev/zero: is larger than 2,097,152 bytes\n"
    assert os.listdir() == []


def test_interrupt_while_words_are_read(capsys, monkeypatch):
    def parse(argv):
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxup._cli.arguments.parse", parse)
    assert cli.main(["upscale"]) == 130
    assert capsys.readouterr().err == "jaxup upscale: interrupted\n"


def test_interrupt_waits_for_an_import():
    """An extension module whose import is interrupted raises ImportError, or what it likes."""
    before = signal.getsignal(signal.SIGINT)
    steps = []

    def imports():
        with interrupts_wait():
            signal.raise_signal(signal.SIGINT)
            steps.append("imported")

    with pytest.raises(KeyboardInterrupt):
        imports()
    assert steps == ["imported"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_folder_that_vanishes_before_the_result_is_a_line(capsys, monkeypatch):
    picture("in.png")
    monkeypatch.setattr(os.path, "realpath", _gone)
    assert fails(["upscale", "in.png", "-o", "out.png"]) == 2
    err = capsys.readouterr().err
    assert err == "jaxup upscale: in.png: cannot make the folder .: no such file or directory\n"


def _gone(path):
    raise FileNotFoundError(2, "No such file or directory")


def test_what_is_written_is_whole_though_its_line_cannot_be():
    picture("in.png", size=(4, 4))
    shell("$JAXUP upscale in.png --scale 2 > /dev/full")
    assert result("in_x2.png").size == (8, 8)
