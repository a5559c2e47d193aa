import errno
import io
import os
import re
import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jaxup
from jaxup.cli import main

# For commands of their own: quiet, whatever devices the machine has.
ENVIRONMENT = {**os.environ, "JAX_PLATFORMS": "cpu", "TERM": "xterm", "COLUMNS": "200"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def picture(name, mode="RGB", size=(6, 5), seed=0, **options):
    """Saves random pixels of a mode under a name and returns them as an array."""
    width, height = size
    random = np.random.default_rng(seed)
    if mode == "I;16":
        image = Image.fromarray(random.integers(0, 2**16, (height, width), dtype=np.uint16))
    else:
        colours = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
        image = Image.fromarray(colours[..., : 4 if "A" in mode else 3]).convert(mode)
    image.save(name, **options)
    with Image.open(name) as saved:
        return np.asarray(saved)


def result(name):
    with Image.open(name) as image:
        image.load()
        return image


def expected(pixels, scale=4, method: Any = "bicubic", **options):
    """The same resampling without the command line, for pictures without alpha."""
    top = np.iinfo(pixels.dtype).max
    floats = np.float32(pixels) / top
    resampled = jaxup.upsample(floats, scale, method, axes=(0, 1), **options)
    return np.rint(np.clip(resampled, 0, 1) * top).astype(pixels.dtype)


def one_line(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("jaxup")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err


def fails(words):
    """The exit status of a run, whether returned or raised while reading the arguments."""
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code


# What is written


def test_sample_is_upscaled_four_times(capsys):
    assert main(["upscale"]) == 0
    assert result("sample_x4.png").size == (512, 384)
    out, err = capsys.readouterr()
    assert re.fullmatch(
        r"sample_x4\.png: 96x128 -> 384x512, compiled in \d+\.\d+ s, ran in \d+\.\d+ s\n", out
    )
    assert err == ""


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_pixels_are_those_of_the_library(mode):
    pixels = picture("in.png", mode)
    assert main(["upscale", "in.png"]) == 0
    image = result("in_x4.png")
    assert image.mode == mode
    np.testing.assert_allclose(np.asarray(image, int), expected(pixels).astype(int), atol=1)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--scale", "1.5"], {"scale": 1.5}),
        (["--scale", "0.5", "--antialias"], {"scale": 0.5, "antialias": True}),
        (["--method", "nearest"], {"method": "nearest"}),
        (
            ["--method", "bilinear", "--align-corners"],
            {"method": "bilinear", "align_corners": True},
        ),
        (["--size", "7x9"], {"scale": None, "size": (7, 9)}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_reach_the_library(words, options):
    pixels = picture("in.png")
    assert main(["upscale", "in.png", *words, "-o", "out.png"]) == 0
    wanted = expected(pixels, **options)
    np.testing.assert_allclose(np.asarray(result("out.png"), int), wanted.astype(int), atol=1)


@pytest.mark.parametrize(
    ("mode", "written"),
    [("1", "L"), ("L", "L"), ("LA", "LA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"),
     ("I;16", "I;16")],
)  # fmt: skip
def test_mode_written_for_each_png_mode(mode, written):
    picture("in.png", mode)
    assert main(["upscale", "in.png", "--scale", "2"]) == 0
    image = result("in_x2.png")
    assert (image.mode, image.size) == (written, (12, 10))


@pytest.mark.parametrize(
    ("mode", "transparency", "written"),
    [("P", 0, "RGBA"), ("L", 0, "LA"), ("1", 0, "LA"), ("RGB", (1, 2, 3), "RGBA")],
)
def test_transparent_colour_becomes_alpha(mode, transparency, written):
    Image.new(mode, (4, 4), transparency).save("in.png", transparency=transparency)
    assert main(["upscale", "in.png"]) == 0
    image = result("in_x4.png")
    assert image.mode == written
    assert image.getchannel("A").getextrema() == (0, 0)


def test_cmyk_jpeg_becomes_rgb():
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save("in.jpg", icc_profile=profile(b"CMYK"))
    assert main(["upscale", "in.jpg"]) == 0
    image = result("in_x4.png")
    assert image.mode == "RGB"
    red, green, blue = np.asarray(image)[32, 32]
    assert red > 240
    assert max(green, blue) < 15
    assert "icc_profile" not in image.info


def test_transparent_pixels_do_not_bleed():
    pixels = np.zeros((4, 8, 4), np.uint8)
    pixels[:, :4] = 0, 0, 255, 255
    pixels[:, 4:] = 255, 0, 0, 0  # red that must never show
    Image.fromarray(pixels).save("in.png")
    assert main(["upscale", "in.png", "--method", "bilinear"]) == 0
    image = np.asarray(result("in_x4.png"))
    visible = image[image[..., 3] > 0]
    assert (visible[:, :3] == [0, 0, 255]).all()
    assert len(np.unique(image[..., 3])) > 2


def test_bicubic_overshoot_is_clipped():
    pixels = np.zeros((4, 8), np.uint8)
    pixels[:, 4:] = 255
    Image.fromarray(pixels).save("in.png")
    assert main(["upscale", "in.png"]) == 0
    row = np.asarray(result("in_x4.png"), int)[0]
    assert (np.diff(row) >= -8).all()  # no value wrapped round
    assert (row[0], row[-1]) == (0, 255)


def test_orientation_tag_turns_the_picture_upright():
    pixels = picture("plain.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned a quarter to the right
    Image.fromarray(pixels).save("in.png", exif=exif)
    assert main(["upscale", "in.png", "--scale", "1", "--method", "nearest"]) == 0
    image = result("in_x1.png")
    np.testing.assert_array_equal(np.asarray(image), np.rot90(pixels, -1))
    assert 0x0112 not in image.getexif()


def profile(colour_space):
    return b"\0" * 16 + colour_space + b"\0" * 108


@pytest.mark.parametrize(("mode", "colour_space"), [("RGB", b"RGB "), ("L", b"GRAY")])
@pytest.mark.parametrize("name", ["out.png", "out.jpg"])
def test_colour_profile_is_kept(mode, colour_space, name):
    picture("in.png", mode, icc_profile=profile(colour_space))
    assert main(["upscale", "in.png", "-o", name]) == 0
    assert result(name).info["icc_profile"] == profile(colour_space)


@pytest.mark.parametrize("name", ["out.jpg", "out.JPEG"])
def test_jpeg_is_written_for_its_suffix(name):
    picture("in.png")
    assert main(["upscale", "in.png", "-o", name]) == 0
    assert result(name).format == "JPEG"


def test_python_m_jaxup_is_the_same_command():
    picture("in.png")
    run = subprocess.run(
        [sys.executable, "-m", "jaxup", "upscale", "in.png", "--size", "8x9"],
        capture_output=True,
        env=ENVIRONMENT,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert result("in_8x9.png").size == (9, 8)


# Many pictures


def test_pictures_of_one_shape_share_a_program(capsys):
    for name in ("a.png", "b.png"):
        picture(name)
    picture("c.png", size=(7, 5))
    assert main(["upscale", "a.png", "b.png", "c.png", "-o", "out/"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [("compiled in" in line, "compiled before" in line) for line in lines] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_one_bad_picture_loses_none_of_the_others(capsys):
    picture("a.png")
    picture("c.png")
    with open("b.png", "w") as file:
        file.write("not a picture")
    assert main(["upscale", "a.png", "b.png", "missing.png", "c.png", "-o", "out"]) == 2
    assert sorted(os.listdir("out")) == ["a_x4.png", "c_x4.png"]
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.splitlines() == [
        "jaxup upscale: b.png: not a PNG or JPEG picture",
        "jaxup upscale: missing.png: no such file or directory",
    ]


def test_two_pictures_never_share_a_result(capsys):
    os.mkdir("other")
    pixels = picture("a.png")
    picture("other/a.png", seed=1)
    assert main(["upscale", "a.png", "other/a.png", "--scale", "1", "-o", "out"]) == 2
    assert "is already the result of a.png" in capsys.readouterr().err
    np.testing.assert_array_equal(np.asarray(result("out/a_x1.png")), pixels)


def read_terminal(terminal):
    """Reads until the other end closes, which some systems tell with an error."""
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    finally:
        os.close(terminal)
    return shown


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_progress_bar_shows_on_a_terminal():
    import pty

    for name in ("a.png", "b.png"):
        picture(name)
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "jaxup", "upscale", "a.png", "b.png"]
    with subprocess.Popen(
        command, stdout=end, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=ENVIRONMENT
    ) as run:
        os.close(end)
        shown = read_terminal(terminal)
        assert run.stderr is not None
        err = run.stderr.read()
    assert (run.returncode, err) == (0, b"")
    assert b"Upscaling" in shown
    assert b"100%" in shown
    assert b"a_x4.png: 5x6 -> 20x24" in shown


# What is refused


def png():
    encoded = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(encoded, "PNG")
    return encoded.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file or directory"),
        (b"", "the file is empty"),
        (b"hello", "not a PNG or JPEG picture"),
        (png()[:1500], "damaged picture"),
        (png()[:40], "not a PNG or JPEG picture"),
        (png()[:60] + b"\0" * 200 + png()[260:], "damaged picture"),
        (b"GIF89a" + b"\0" * 40, "not a PNG or JPEG picture"),
    ],
    ids=["missing", "empty", "text", "truncated", "header only", "corrupt", "another format"],
)
def test_bad_picture_exits_with_2_and_one_line(capsys, tmp_path, content, reason):
    if content is not None:
        (tmp_path / "in.png").write_bytes(content)
    before = sorted(os.listdir())
    assert main(["upscale", "in.png"]) == 2
    line = one_line(capsys)
    assert line.startswith("jaxup upscale: in.png: ")
    assert reason in line
    assert sorted(os.listdir()) == before


def test_folder_as_a_picture_is_refused(capsys):
    assert main(["upscale", "."]) == 2
    assert "directory" in one_line(capsys)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--method", "cubik"], "argument --method: invalid choice: 'cubik'"),
        (["--method", "trilinear"], "argument --method: invalid choice: 'trilinear'"),
        (["--method", "area", "--align-corners"], "--align-corners has no meaning"),
        (["--method", "nearest", "--antialias"], "--antialias has no meaning"),
        (["--scale", "0"], "argument --scale: expected a finite number above 0, got '0'"),
        (["--scale=-2"], "argument --scale: expected a finite number above 0, got '-2'"),
        (["--scale", "nan"], "argument --scale: expected a finite number above 0, got 'nan'"),
        (["--scale", "inf"], "argument --scale: expected a finite number above 0, got 'inf'"),
        (["--scale", "two"], "argument --scale: expected a finite number above 0, got 'two'"),
        (["--size", "4"], "argument --size: expected HEIGHTxWIDTH"),
        (["--size", "0x4"], "argument --size: expected HEIGHTxWIDTH"),
        (["--size", "4x-4"], "argument --size: expected HEIGHTxWIDTH"),
        (["--size", "4x4x4"], "argument --size: expected HEIGHTxWIDTH"),
        (["--size", "4x4", "--scale", "2"], "not allowed with"),
        (["--scale", "0.01"], "in.png: --scale 0.01 leaves no pixel of 5x6"),
        (["--scale", "1e200"], "above the limit"),
        (["--size", "99999x99999"], "in.png: the result, 99999x99999, is above the limit"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["-o", "out.gif"], "out.gif: expected a name that ends with .png, .jpg, .jpeg"),
        (["-o", "missing/out.png"], "missing/out.png: cannot write: no such folder"),
        (["-o", "in.png"], "would write over the picture in.png"),
        (["-o", "./link.png"], "would write over the picture link.png"),
        (["-o", "taken/"], "taken: cannot make the folder"),
        (["-o", f"{'n' * 300}.png"], ".png: file name too long"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_argument_exits_with_2_and_one_line(capsys, tmp_path, words, reason):
    picture("in.png")
    os.symlink("in.png", "link.png")
    (tmp_path / "taken").touch()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert fails(["upscale", "in.png", *words]) == 2
    assert reason in one_line(capsys)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("RGBA", "JPEG has no transparency"), ("LA", "JPEG has no transparency"),
     ("I;16", "JPEG has no 16-bit grey")],
)  # fmt: skip
def test_jpeg_refuses_what_it_cannot_hold(capsys, mode, reason):
    picture("in.png", mode)
    assert main(["upscale", "in.png", "-o", "out.jpg"]) == 2
    assert reason in one_line(capsys)
    assert os.listdir() == ["in.png"]


def test_device_is_not_written_over(capsys):
    picture("in.png")
    os.mkfifo("out.png")
    assert main(["upscale", "in.png", "-o", "out.png"]) == 2
    assert "not a regular file" in one_line(capsys)


@pytest.mark.parametrize(
    "words", [["--output=--"], ["-o", "a\0b.png"], ["-o", "a\0b/"], ["-o", ""]]
)
def test_an_output_that_is_no_name(capsys, words):
    picture("in.png")
    assert fails(["upscale", "in.png", *words]) == 2
    assert "--output: expected the name of a file" in one_line(capsys)


@pytest.mark.parametrize("size", ["1x178956970", "2000000x2"])
def test_a_long_thin_result_is_refused(capsys, size):
    """It was within the limit of pixels, and took 10 GB."""
    picture("in.png")
    assert main(["upscale", "in.png", "--size", size]) == 2
    assert "is above the limit of" in one_line(capsys)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_under_the_output_is_one_line():
    picture("in.png")
    command = [sys.executable, "-m", "jaxup", "upscale", "in.png"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True
        )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last == "jaxup upscale: cannot write the output: no space left on device"
    assert "Traceback" not in done.stderr
    assert result("in_x4.png").size == (24, 20)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed")
def test_a_working_directory_that_is_gone(capsys, tmp_path, monkeypatch):
    picture("in.png")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["upscale", str(tmp_path / "in.png")]) == 2
    assert "cannot write in_x4.png: no such file or directory" in one_line(capsys)


def test_failed_write_leaves_the_old_file_and_no_part(capsys, monkeypatch, tmp_path):
    picture("in.png")
    (tmp_path / "out.png").write_bytes(b"old")

    def full_disk(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    assert main(["upscale", "in.png", "-o", "out.png"]) == 2
    assert "in.png: cannot write out.png: no space left on device" in one_line(capsys)
    assert (tmp_path / "out.png").read_bytes() == b"old"
    assert sorted(os.listdir()) == ["in.png", "out.png"]


def test_written_file_has_ordinary_permissions(tmp_path):
    picture("in.png")
    assert main(["upscale", "in.png"]) == 0
    (tmp_path / "plain").touch()
    assert os.stat("in_x4.png").st_mode == os.stat("plain").st_mode


@pytest.mark.parametrize("module", ["PIL", "rich"])
def test_missing_extras_are_named_in_one_line(module):
    program = f"import sys; sys.modules['{module}'] = None; from jaxup.cli import main; "
    run = subprocess.run(
        [sys.executable, "-c", f"{program} sys.exit(main(['upscale']))"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "jaxup upscale: Pillow and rich are missing. Run: pip install 'jaxup[cli]'\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_exits_with_130_and_whole_files():
    names = [f"{number}.png" for number in range(200)]
    for name in names:
        picture(name, size=(40, 40))
    with subprocess.Popen(
        [sys.executable, "-m", "jaxup", "upscale", *names, "-o", "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (130, "jaxup upscale: interrupted\n")
    written = os.listdir("out")
    assert 0 < len(written) < len(names)
    for name in written:
        assert result(f"out/{name}").size == (160, 160)


# Help


def test_help_shows_examples(capsys):
    assert fails(["upscale", "--help"]) == 0
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "jaxup upscale photo.jpg --scale 2 -o big.jpg" in out


def test_version(capsys):
    assert fails(["--version"]) == 0
    assert capsys.readouterr().out == f"jaxup {jaxup.__version__}\n"


def test_no_command_is_one_line(capsys):
    assert fails([]) == 2
    assert "COMMAND" in one_line(capsys)
