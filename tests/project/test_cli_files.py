"""What the command line reads and writes: formats, folders, pipes and metadata."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from jaxup._cli import formats
from jaxup.cli import main
from tests.helpers.pictures import picture, result


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tree():
    return sorted(
        os.path.relpath(os.path.join(where, name))
        for where, _, names in os.walk(".")
        for name in names
    )


# Formats


@pytest.mark.parametrize(
    "name", ["in.bmp", "in.gif", "in.jpg", "in.ppm", "in.tga", "in.tif", "in.webp", "in.ico"]
)
def test_formats_of_pillow_are_read(name):
    pixels = picture("in.png", size=(16, 16))
    Image.fromarray(pixels).save(name)
    wanted = np.asarray(result(name).convert("RGB"))
    assert main(["upscale", name, "--scale", "1", "--method", "nearest", "-o", "out.png"]) == 0
    np.testing.assert_array_equal(np.asarray(result("out.png").convert("RGB")), wanted)


@pytest.mark.parametrize("suffix", formats.SUFFIXES)
def test_formats_are_written_for_their_suffixes(suffix):
    pixels = picture("in.png", size=(16, 12))
    assert main(["upscale", "in.png", "--size", "16x12", "-o", f"out{suffix}"]) == 0
    image = result(f"out{suffix}")
    rule = formats.FORMATS[formats.SUFFIXES[suffix]]
    assert image.format == rule.name
    difference = np.abs(np.asarray(image, int) - pixels)
    assert difference.max() <= (80 if rule.name == "JPEG" else 0)  # of noise, the worst for JPEG


def test_format_names_the_results_of_many_pictures():
    picture("a.png")
    picture("b.png")
    assert main(["upscale", "a.png", "b.png", "-o", "out", "--format", "webp"]) == 0
    assert [result(f"out/{name}_x4.webp").format for name in "ab"] == ["WEBP", "WEBP"]


@pytest.mark.parametrize("name", ["out.jpg", "out.webp"])
def test_quality_makes_files_smaller(name):
    picture("in.png", size=(32, 32))
    sizes = []
    for quality in (["--quality", "5"], ["--quality", "60"], []):
        assert main(["upscale", "in.png", "-o", name, "-f", *quality]) == 0
        sizes.append(os.path.getsize(name))
    assert sizes == sorted(set(sizes))


def test_floating_point_grey_stays_so_in_tiff(capsys):
    values = np.linspace(-3, 1e6, 24, dtype=np.float32).reshape(4, 6)
    Image.fromarray(values).save("in.tif")
    assert main(["upscale", "in.tif", "--method", "nearest", "--scale", "2", "-o", "out.tif"]) == 0
    np.testing.assert_array_equal(np.asarray(result("out.tif")), values.repeat(2, 0).repeat(2, 1))
    assert main(["upscale", "in.tif"]) == 2
    assert "PNG has no floating point; write a .tiff file" in capsys.readouterr().err


def test_grey_of_16_bits_is_read_from_every_byte_order():
    pixels = picture("in.png", "I;16")
    Image.fromarray(pixels.astype(">u2")).save("big.tif")
    Image.fromarray(pixels.astype(np.int32)).save("wide.tif")
    for name in ("big.tif", "wide.tif"):
        assert main(["upscale", name, "--scale", "1", "-o", "out.png", "-f"]) == 0
        np.testing.assert_array_equal(np.asarray(result("out.png")), pixels)


def test_grey_of_32_bits_is_refused(capsys):
    Image.fromarray(np.full((3, 3), 2**16, np.int32)).save("in.tif")
    assert main(["upscale", "in.tif"]) == 2
    assert "grey of more than 16 bits" in capsys.readouterr().err


# Files that exist


def test_existing_file_is_refused_unless_forced(capsys):
    picture("in.png")
    assert main(["upscale", "in.png"]) == 0
    before = os.stat("in_x4.png")
    assert main(["upscale", "in.png"]) == 2
    assert capsys.readouterr().err == (
        "jaxup upscale: in.png: in_x4.png exists; --force replaces it\n"
    )
    assert os.stat("in_x4.png") == before
    assert main(["upscale", "in.png", "--force", "--method", "nearest"]) == 0
    assert os.stat("in_x4.png").st_ino != before.st_ino


def test_no_clobber_does_only_what_is_missing(capsys):
    for name in ("a.png", "b.png"):
        picture(name)
    assert main(["upscale", "a.png", "-o", "out/"]) == 0
    before = os.stat("out/a_x4.png")
    capsys.readouterr()
    assert main(["upscale", "a.png", "b.png", "-o", "out", "--no-clobber"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "out/a_x4.png exists, kept"
    assert lines[1].startswith("out/b_x4.png: ")
    assert os.stat("out/a_x4.png") == before


# Folders


@pytest.fixture
def album():
    os.makedirs("album/trip/.cache")
    for name in ("a.png", "b.jpg", "trip/a.png", "trip/.cache/c.png", ".hidden.png"):
        picture(f"album/{name}")
    with open("album/notes.txt", "w") as file:
        file.write("not a picture, and no reason to complain")


def test_folder_stands_for_its_pictures(album):
    assert main(["upscale", "album", "-o", "out"]) == 0
    assert sorted(os.listdir("out")) == ["a_x4.png", "b_x4.png"]


def test_recursive_keeps_the_tree(album):
    assert main(["upscale", "album/", "-r", "-o", "out"]) == 0
    assert [name for name in tree() if name.startswith("out")] == [
        "out/a_x4.png",
        "out/b_x4.png",
        "out/trip/a_x4.png",
    ]


def test_earlier_results_are_no_pictures_of_the_folder(album):
    for _ in range(2):
        assert main(["upscale", "album", "-r", "-f", "-o", "album/out"]) == 0
    assert [name for name in tree() if "out" in name] == [
        "album/out/a_x4.png",
        "album/out/b_x4.png",
        "album/out/trip/a_x4.png",
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["album"], "album: is a folder; name one for its results with --output"),
        (["album", "-o", "./album"], "album: results would lie among the pictures; name another"),
        (["album/trip/.cache/..", "-o", "big.png"], "big.png: not a folder; name one without .png"),
        (["empty", "-o", "out"], "empty: no picture in this folder; -r looks in its folders too"),
        (["album", "-o", "-"], "- takes one picture; name a folder with --output for many"),
    ],
)
def test_folder_is_refused(album, capsys, words, reason):
    os.makedirs("empty/deep")
    before = tree()
    assert main(["upscale", *words]) == 2
    assert reason in capsys.readouterr().err
    assert tree() == before


def test_folder_that_cannot_be_listed_is_named(album, capsys, monkeypatch):
    def forbid(folder):
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", forbid)
    assert main(["upscale", "album", "-o", "out"]) == 2
    assert capsys.readouterr().err == "jaxup upscale: album: permission denied\n"


# Pipes


def test_pipe_to_pipe(tmp_path):
    picture("in.png")
    done = subprocess.run(
        [sys.executable, "-m", "jaxup", "upscale", "-", "-o", "-"],
        input=(tmp_path / "in.png").read_bytes(),
        capture_output=True,
        env={**os.environ, "JAX_PLATFORMS": "cpu"},
    )
    assert done.returncode == 0
    image = Image.open(io.BytesIO(done.stdout))
    assert (image.format, image.size) == ("PNG", (24, 20))
    assert done.stderr.startswith(b"standard output: 6x5 -> 24x20, bicubic")


def test_standard_input_alone_goes_to_standard_output(monkeypatch, capfdbinary):
    picture("in.png")
    with open("in.png", "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
        assert main(["upscale", "-", "--format", "jpeg"]) == 0
    image = Image.open(io.BytesIO(capfdbinary.readouterr().out))
    assert (image.format, image.size) == ("JPEG", (24, 20))


def test_standard_input_to_a_file(monkeypatch, capsys, tmp_path):
    picture("in.png")
    with open("in.png", "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
        assert main(["upscale", "-", "-o", "out/"]) == 0
    assert result("out/stdin_x4.png").size == (24, 20)


def test_standard_output_of_a_file(capfdbinary):
    picture("in.png")
    assert main(["upscale", "in.png", "-o", "-", "--quiet"]) == 0
    out, err = capfdbinary.readouterr()
    assert Image.open(io.BytesIO(out)).size == (24, 20)
    assert err == b""


def test_terminal_is_shown_no_picture(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["upscale", "-"]) == 2
    assert "a terminal shows no picture; name a file with --output" in capsys.readouterr().err


# What is said


def test_quiet_says_errors_alone(capsys):
    picture("a.png")
    assert main(["upscale", "a.png", "missing.png", "-o", "out", "-q"]) == 2
    assert capsys.readouterr() == ("", "jaxup upscale: missing.png: no such file or directory\n")


def test_verbose_says_how(capsys):
    picture("in.png", size=(8, 8))
    assert main(["upscale", "in.png", "-v", "--scale", "0.5"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("in_x0.5.png: 8x8 -> 4x4, bicubic, antialiased, compiled in ")
    assert f", {os.path.getsize('in_x0.5.png')} bytes, " in line


# Metadata

DATE, WIDTH, HEIGHT = 0x9003, 0xA002, 0xA003


def described():
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "a lake"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.Exif] = {DATE: "2024:05:01 10:00:00", WIDTH: 8, HEIGHT: 6}
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (46.0, 30.0, 0.0)}
    again = Image.Exif()
    again.load(exif.tobytes())
    return again


@pytest.mark.parametrize("target", ["png", "jpg", "webp", "tif"])
@pytest.mark.parametrize("source", ["png", "jpg", "webp", "tif"])
def test_exif_goes_from_every_format_to_every_other(source, target):
    picture(f"in.{source}", size=(8, 6), exif=described())
    assert main(["upscale", f"in.{source}", "--scale", "2", "-o", f"out.{target}"]) == 0
    image = result(f"out.{target}")
    assert image.size == (12, 16)  # turned upright
    exif = image.getexif()
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    assert exif[ExifTags.Base.ImageDescription] == "a lake"
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert camera[DATE] == "2024:05:01 10:00:00"
    assert (camera[WIDTH], camera[HEIGHT]) == image.size
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[2] == (46.0, 30.0, 0.0)


@pytest.mark.parametrize("target", ["png", "jpg", "webp", "tif"])
def test_xmp_and_resolution_are_kept(target):
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf/></x:xmpmeta>"
    picture("in.jpg", xmp=xmp, dpi=(300, 300))
    assert main(["upscale", "in.jpg", "-o", f"out.{target}"]) == 0
    info = result(f"out.{target}").info
    assert info["xmp"] == xmp
    if target != "webp":
        assert info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_what_is_dropped_is_said(capsys):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "a lake")
    picture("a.png", pnginfo=texts)
    picture("b.jpg", comment=b"by hand")
    picture("c.png")
    frames = [Image.new("L", (4, 4), value) for value in (0, 100, 200)]
    frames[0].save("d.gif", save_all=True, append_images=frames[1:])
    assert main(["upscale", "a.png", "b.jpg", "c.png", "d.gif", "-o", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("dropped: ")[2] for line in lines] == [
        "text",
        "comment",
        "",
        "2 more frames",
    ]


def test_iptc_is_dropped(capsys):
    exif = described()
    exif[33723] = b"\x1c\x02\x05\x00\x01a"
    picture("in.tif", exif=exif)
    assert main(["upscale", "in.tif"]) == 0
    assert capsys.readouterr().out.endswith(", dropped: IPTC\n")
    assert 33723 not in result("in_x4.png").getexif()


@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0M?\0*\0\0\0\x08", b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 40],
    ids=["no EXIF", "unreadable tags"],
)
def test_damaged_exif_costs_no_picture(capsys, exif):
    Image.new("RGB", (6, 5)).save("in.png", exif=exif)
    assert main(["upscale", "in.png"]) == 0
    assert result("in_x4.png").size == (24, 20)
    assert capsys.readouterr().out.endswith(", dropped: damaged EXIF\n")
