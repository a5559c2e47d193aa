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
from jaxup._arguments.torch_methods import METHODS
from jaxup._cli import methods
from jaxup.cli import main
from tests.helpers.pictures import fails, picture, result

# For commands of their own: quiet, whatever devices the machine has.
ENVIRONMENT = {**os.environ, "JAX_PLATFORMS": "cpu", "TERM": "xterm", "COLUMNS": "200"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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


# What is written


def test_sample_is_upscaled_four_times(capsys):
    assert main(["upscale"]) == 0
    assert result("sample_x4.png").size == (512, 384)
    out, err = capsys.readouterr()
    assert re.fullmatch(r"sample_x4\.png: 128x96 -> 512x384, bicubic, \d+\.\d+ s\n", out)
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
        (["--scale", "0.5"], {"scale": 0.5, "antialias": True}),
        (["--scale", "0.5", "--no-antialias"], {"scale": 0.5}),
        (["--scale", "2", "--antialias"], {"scale": 2, "antialias": True}),
        (["--scale", "0.5", "--method", "area"], {"scale": 0.5, "method": "area"}),
        (
            ["--scale", "0.5", "--method", "linear", "--align-corners"],
            {"scale": 0.5, "method": "linear", "align_corners": True},
        ),
        (["--method", "nearest"], {"method": "nearest"}),
        (
            ["--method", "bilinear", "--align-corners"],
            {"method": "bilinear", "align_corners": True},
        ),
        (["--size", "7x9"], {"scale": None, "size": (9, 7)}),
        (["--width", "9"], {"scale": None, "size": (8, 9)}),
        (["--height", "10"], {"scale": None, "size": (10, 12)}),
        (["--width", "9", "--height", "3"], {"scale": None, "size": (3, 9), "antialias": True}),
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
        [sys.executable, "-m", "jaxup", "upscale", "in.png", "--size", "9x8"],
        capture_output=True,
        env=ENVIRONMENT,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert result("in_9x8.png").size == (9, 8)


# Many pictures


def test_pictures_of_one_shape_share_a_program(capsys):
    for name in ("a.png", "b.png"):
        picture(name)
    picture("c.png", size=(7, 5))
    assert main(["upscale", "a.png", "b.png", "c.png", "-o", "out/", "-v"]) == 0
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
        "jaxup upscale: b.png: not a picture that Pillow reads",
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
    assert b"a_x4.png: 6x5 -> 24x20" in shown


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
        (b"hello", "not a picture that Pillow reads"),
        (png()[:1500], "damaged picture"),
        (png()[:40], "not a picture that Pillow reads"),
        (png()[:60] + b"\0" * 200 + png()[260:], "damaged picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EOF\n", "not a picture that"),
    ],
    ids=["missing", "empty", "text", "truncated", "header only", "corrupt", "a program"],
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


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--method", "cubik"], "--method: unknown method 'cubik'; did you mean cubic or bicubic?"),
        (["--method", "trilinear"], "unknown method 'trilinear'; did you mean bilinear or linear"),
        (["--method", "box"], "unknown method 'box'; the methods are nearest, nearest-exact, "),
        (["--compare", "area,lanczos"], "--compare: unknown method 'lanczos'; did you mean lancz"),
        (["--method", "area", "--align-corners"], "--align-corners has no meaning with method ar"),
        (["--method", "nearest", "--antialias"], "--antialias has no meaning with method nearest"),
        (["--align-corners", "--antialias"], "--antialias: not allowed with --align-corners"),
        (["--scale", "0"], "argument --scale: expected a finite number above 0, got '0'"),
        (["--scale=-2"], "argument --scale: expected a finite number above 0, got '-2'"),
        (["--scale", "nan"], "argument --scale: expected a finite number above 0, got 'nan'"),
        (["--scale", "inf"], "argument --scale: expected a finite number above 0, got 'inf'"),
        (["--scale", "two"], "argument --scale: expected a finite number above 0, got 'two'"),
        (["--size", "4"], "argument --size: expected WIDTHxHEIGHT"),
        (["--size", "0x4"], "argument --size: expected WIDTHxHEIGHT"),
        (["--size", "4x-4"], "argument --size: expected WIDTHxHEIGHT"),
        (["--size", "4x4x4"], "argument --size: expected WIDTHxHEIGHT"),
        (["--size", "4x4", "--scale", "2"], "--size: not allowed with argument --scale"),
        (["--width", "4", "--size", "4x4"], "--width: not allowed with argument --size"),
        (["--height", "0"], "argument --height: expected a whole number of pixels above 0, got"),
        (["--quality", "101"], "argument --quality: expected a whole number from 1 to 100, got"),
        (["--quality", "50"], "argument --quality: png loses nothing; write jpeg or webp"),
        (["-o", "a.tif", "--quality", "50"], "argument --quality: tiff loses nothing; write jpeg"),
        (["-o", "a.tif", "--format", "png"], "argument --format: png does not go with --output"),
        (["--force", "--no-clobber"], "-n/--no-clobber: not allowed with argument -f/--force"),
        (["--quiet", "--verbose"], "-v/--verbose: not allowed with argument -q/--quiet"),
        (
            ["--compare", "area", "--method", "area"],
            "--method: not allowed with argument",
        ),
        (["--compare", "area", "--format", "png"], "--format: not allowed with argument --compare"),
        (["--compare", "area", "-o", "page.png"], "page.png: expected a name that ends with .html"),
        (["-", "-"], "- stands for standard input, which can be read once"),
        (["in.png", "-o", "-"], "argument --output: - takes one picture; name a folder for many"),
        (["--widht=4"], "unrecognized arguments: --widht=4; did you mean --width or --height?"),
        (["-z"], "unrecognized arguments: -z. See jaxup upscale --help."),
        (["in.png", "-o", "one.png"], "one.png: 2 pictures need a folder; name one without .png"),
        (["-o", "one.webp/"], "one.webp: not a folder; name one without .webp"),
        (["--scale", "0.01"], "in.png: --scale 0.01 leaves no pixel of 6x5"),
        (["--scale", "1e200"], "above the limit"),
        (["--size", "99999x99999"], "in.png: the result, 99999x99999, is above the limit"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (
            ["-o", "out.gif"],
            "out.gif: expected a name that ends with .png, .jpg, .jpeg",
        ),
        (["-o", "taken/out.png"], "in.png: cannot make the folder taken: file exists"),
        (["-o", "taken"], "taken: expected a name that ends with .png"),
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


@pytest.mark.parametrize("words", [["-o", "a\0b.png"], ["-o", "a\0b/"], ["-o", ""]])
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


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed")
def test_a_working_directory_that_is_gone(capsys, tmp_path, monkeypatch):
    picture("in.png")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["upscale", str(tmp_path / "in.png")]) == 2
    assert "cannot make the folder .: no such file or directory" in one_line(capsys)


def test_failed_write_leaves_the_old_file_and_no_part(capsys, monkeypatch, tmp_path):
    picture("in.png")
    (tmp_path / "out.png").write_bytes(b"old")

    def full_disk(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    assert main(["upscale", "in.png", "-o", "out.png", "--force"]) == 2
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


def test_missing_device_is_named_in_one_line():
    run = subprocess.run(
        [sys.executable, "-m", "jaxup", "upscale"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"JAX_PLATFORMS": "abacus"},
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("jaxup upscale: JAX finds no device for JAX_PLATFORMS=abacus (")
    assert run.stderr.endswith("; unset it to use any\n")
    assert run.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_exits_with_130_and_whole_files():
    names = [f"{number}.png" for number in range(200)]
    for name in names:
        picture(name, size=(40, 40))
    # A shell's background jobs, these tests among them, may ignore Ctrl-C, and so would the child.
    signal_of_tests = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run = subprocess.Popen(
            [sys.executable, "-m", "jaxup", "upscale", *names, "--scale", "16", "-o", "out"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
    finally:
        signal.signal(signal.SIGINT, signal_of_tests)
    with run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (130, "jaxup upscale: interrupted\n")
    written = os.listdir("out")
    assert 0 < len(written) < len(names)
    for name in written:
        assert result(f"out/{name}").size == (640, 640)


# Help


def test_help_shows_examples(capsys):
    assert fails(["upscale", "--help"]) == 0
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "jaxup upscale photo.jpg --scale 2 -o big.jpg" in out


def test_version(capsys):
    assert fails(["--version"]) == fails(["upscale", "--version"]) == 0
    assert capsys.readouterr().out == 2 * f"jaxup {jaxup.__version__}\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "expected a COMMAND, such as: jaxup upscale photo.jpg"),
        (["photo.jpg"], "unknown command 'photo.jpg'; did you mean: jaxup upscale photo.jpg?"),
        (["upscael"], "unknown command 'upscael'; did you mean upscale?"),
        (["--quiet"], "unrecognized arguments: --quiet"),
    ],
)
def test_missing_command_is_one_line(capsys, words, reason):
    assert fails(words) == 2
    assert reason in one_line(capsys)


def test_methods_are_those_of_the_library():
    said = {name: (rule.antialias, rule.align_corners) for name, rule in methods.METHODS.items()}
    assert said == {
        name: (rule.antialias_kernel is not None, rule.allows_align_corners)
        for name, rule in METHODS.items()
        if rule.rank in (None, 2)
    }


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["upscale", "--size", "4"]])
def test_words_are_checked_before_anything_heavy_is_imported(words):
    program = f"""
import sys
from jaxup.cli import main
try:
    main({words})
except SystemExit:
    print(*sorted({{"jax", "numpy", "PIL", "rich"}} & set(sys.modules)), "imported")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1].strip() == "imported"
