"""What a picture file says beside its pixels, and which of it a result keeps."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from PIL import ExifTags, Image, PngImagePlugin

_IPTC = 33723
# Tags of how the old file stored its pixels, and of what has its own field in Metadata.
_STORAGE = {
    *(*range(254, 267), 273, 274, *range(277, 282), 284, *range(288, 294), 301, *range(317, 326)),
    *(330, *range(338, 348), *range(512, 533), 700, _IPTC, 34377, 34675),
}


@dataclass(frozen=True)
class Metadata:
    """What is kept of a picture file, as far as the new file's format can.

    Args:
      icc_profile: what the colours mean, or None for sRGB.
      exif: as a file has it, without what describes the old pixels; empty for none.
      xmp: Adobe's description of a picture; empty for none.
      dpi: pixels per inch, or None.
      dropped: the names of what is not kept.
    """

    icc_profile: bytes | None = None
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None
    dropped: tuple[str, ...] = ()


class Exif(NamedTuple):
    """What EXIF is kept.

    Args:
      tags: as a file has them, without what describes the old pixels; empty for none.
      dropped: the names of what is not kept.
    """

    tags: bytes = b""
    dropped: tuple[str, ...] = ()


def read_exif(image: Image.Image) -> Exif:
    """Reads a picture's EXIF, as far as it is whole."""
    try:
        original = image.getexif()
        left_out = []
        if image.format != "TIFF" and original.get_ifd(ExifTags.IFD.IFD1):
            left_out.append("thumbnail")
        if _IPTC in original:
            left_out.append("IPTC")
        exif = Image.Exif()
        exif.load(original.tobytes())
        for tag in _STORAGE & set(exif):
            del exif[tag]
        exif.get_ifd(ExifTags.IFD.Exif)
        return Exif(exif.tobytes() if len(exif) else b"", tuple(left_out))
    except Exception:  # on damaged EXIF, Pillow raises whatever it ran into
        return Exif(dropped=("damaged EXIF",))


def read_metadata(image: Image.Image, exif: Exif, xmp: str | bytes | None, mode: str) -> Metadata:
    """Reads what a file says.

    Args:
      image: the picture as it was opened.
      exif: its EXIF.
      xmp: its XMP, which no longer tells to turn the picture.
      mode: Pillow's name of the pixels that are kept.
    """
    info, dropped = image.info, list(exif.dropped)
    profile = info.get("icc_profile")
    # A profile for CMYK, say, would turn the RGB that we write into nonsense.
    if profile and profile[16:20] != (b"RGB " if mode in ("RGB", "RGBA") else b"GRAY"):
        profile = None
        dropped.append("colour profile")
    for name, present in (
        ("comment", "comment" in info),
        ("text", getattr(image, "text", {}).keys() - {"XML:com.adobe.xmp"}),
        ("IPTC", "photoshop" in info),
        ("gamma", "gamma" in info),
    ):
        if present:
            dropped.append(name)
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        dropped.append(f"{frames - 1} more frame{'s' if frames > 2 else ''}")
    dpi = info.get("dpi")
    return Metadata(
        profile or None,
        exif.tags,
        xmp.encode() if isinstance(xmp, str) else xmp or b"",
        (float(dpi[0]), float(dpi[1])) if dpi else None,
        tuple(dict.fromkeys(dropped)),
    )


def save_options(metadata: Metadata, file_format: str, size: tuple[int, int]) -> dict[str, Any]:
    """Returns Pillow's options that write the metadata into a file.

    Args:
      file_format: Pillow's name.
      size: the width and height of the new picture, which EXIF names too.
    """
    options: dict[str, Any] = {"icc_profile": metadata.icc_profile}
    exif = Image.Exif()
    exif.load(metadata.exif)
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    for tag, length in zip((0xA002, 0xA003), size, strict=True):
        if tag in camera:
            camera[tag] = length
    if metadata.xmp and file_format == "TIFF":
        exif[700] = metadata.xmp
    elif metadata.xmp and file_format == "PNG":
        options["pnginfo"] = texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode(errors="replace"))
    elif metadata.xmp:
        options["xmp"] = metadata.xmp
    if len(exif):
        options["exif"] = exif
    if metadata.dpi:
        options["dpi"] = metadata.dpi
    return options
