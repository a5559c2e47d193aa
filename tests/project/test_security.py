"""Pictures that are made to do harm, which SECURITY.md says are refused."""

import struct
import zlib

import pytest

pytest.importorskip("PIL")
pytest.importorskip("rich")

from PIL import Image

from jaxup.cli import main
from tests.helpers.paths import ROOT

MEBIBYTE = 2**20


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *chunks):
    """A grey picture of 8 bits whose pixels are missing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", b""), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def unpacking(name, size):
    return chunk(name, b"a\0\0" + zlib.compress(bytes(size)))


HARMFUL = {
    "bomb.png": (png(13378, 13378), "exceeds limit of 178956970 pixels"),
    "text.png": (png(4, 4, unpacking(b"zTXt", 2 * MEBIBYTE)), "too large"),
    "profile.png": (png(4, 4, unpacking(b"iCCP", 2 * MEBIBYTE)), "too large"),
    "texts.png": (png(4, 4, *[unpacking(b"zTXt", MEBIBYTE - 1)] * 65), "Too much memory"),
    "eps.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n%%EndComments\n", "not a"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_picture_is_refused_in_one_line(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    content, reason = HARMFUL[name]
    (tmp_path / name).write_bytes(content)
    assert main(["upscale", name, "--size", "4x4"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert name in err
    assert reason in err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_page_names_pillow_s_limit():
    assert Image.MAX_IMAGE_PIXELS is not None
    assert f"{2 * Image.MAX_IMAGE_PIXELS:,}" in (ROOT / "SECURITY.md").read_text()
