"""What a picture file says beside its pixels, and which of it a result keeps."""

from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

# Tags of how the old file stored its pixels, and of what has its own field in Metadata.
_STORAGE = {
    *(*range(254, 267), 273, 274, *range(277, 282), 284, *range(288, 294), 301, *range(317, 326)),
    *(330, *range(338, 348), *range(512, 533), 700, 33723, 34377, 34675),
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


def read_metadata(image: Image.Image, upright: Image.Image, mode: str) -> Metadata:
    """Reads what a file says.

    Args:
      image: the picture as it was opened.
      upright: the same, turned upright, whose XMP no longer tells to turn it.
      mode: Pillow's name of the pixels that are kept.
    """
    info, dropped = image.info, []
    profile = info.get("icc_profile")
    # A profile for CMYK, say, would turn the RGB that we write into nonsense.
    if profile and profile[16:20] != (b"RGB " if mode in ("RGB", "RGBA") else b"GRAY"):
        profile = None
        dropped.append("colour profile")
    try:
        exif, has_thumbnail = _read_exif(image)
    except Exception:  # on damaged EXIF, Pillow raises whatever it ran into
        exif, has_thumbnail = b"", False
        dropped.append("damaged EXIF")
    xmp = upright.info.get("xmp") or b""
    texts = getattr(image, "text", {}).keys() - {"XML:com.adobe.xmp"}
    for name, present in (
        ("thumbnail", has_thumbnail),
        ("comment", "comment" in info),
        ("text", texts),
        ("IPTC", "photoshop" in info or image.getexif().get(33723)),
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
        exif,
        xmp.encode() if isinstance(xmp, str) else xmp,
        (float(dpi[0]), float(dpi[1])) if dpi else None,
        tuple(dropped),
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


def _read_exif(image: Image.Image) -> tuple[bytes, bool]:
    """Returns EXIF without what describes the old pixels, and whether it had a thumbnail."""
    original = image.getexif()
    has_thumbnail = bool(original.get_ifd(ExifTags.IFD.IFD1)) and image.format != "TIFF"
    exif = Image.Exif()
    exif.load(original.tobytes())
    for tag in _STORAGE & set(exif):
        del exif[tag]
    return (exif.tobytes() if len(exif) else b""), has_thumbnail
