"""Picture files that Pillow writes in every mode and format, and what may become of them."""

from __future__ import annotations

import dataclasses
import io
import struct
import zlib
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16")
FORMATS = ("PNG", "PNG", "PNG", "JPEG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "TGA")
BATCH = 8  # files for one run of the command
SIZES = ((6, 5), (6, 5), (6, 5), (1, 1), (1, 9), (16, 2))
BOMBS = ((65535, 65535), (2**31 - 1, 1), (1, 178956970), (0, 5), (5, 0), (2**32 - 1, 2**32 - 1))


@dataclasses.dataclass(frozen=True)
class File:
    """The bytes of a file, and how they came about."""

    content: bytes
    made: str

    def __repr__(self) -> str:
        shown = self.content.hex() if len(self.content) < 400 else f"{len(self.content)} bytes"
        return f"{self.made}: {shown}"


def written(mode: str, file_format: str, size: tuple[int, int], seed: int) -> bytes:
    """A picture of random pixels; another mode or format where Pillow does not write these."""
    random = np.random.default_rng(seed)
    width, height = size
    colours = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
    base = Image.fromarray(colours if "A" in mode else colours[..., :3].copy())
    if mode == "I;16":
        image = Image.fromarray(random.integers(0, 2**16, (height, width), dtype=np.uint16))
    elif mode in ("PA", "LAB"):
        image = Image.new(mode, size)
    else:
        image = base.convert(mode)
    options: dict[str, Any] = {}
    if file_format == "PNG" and seed % 5 == 0:
        options = {"transparency": 0, "icc_profile": random.bytes(seed % 200)}
    if file_format in ("PNG", "JPEG") and seed % 7 == 0:
        exif = Image.Exif()
        exif[0x0112] = seed % 11  # orientation; of 9 and 10 there is none
        options["exif"] = exif
    if file_format == "JPEG" and seed % 3 == 0:
        options["progressive"] = True
    encoded = io.BytesIO()
    try:
        image.save(encoded, file_format, **options)
    except (OSError, ValueError, TypeError, KeyError):
        base.convert("RGB").save(encoded := io.BytesIO(), "PNG")
    return encoded.getvalue()


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG."""
    found, at = list[tuple[bytes, bytes]](), 8
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def png(parts: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks, with checksums that are right."""
    joined = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(joined)


@st.composite
def files(draw: Any) -> File:
    mode, file_format = draw(st.sampled_from(MODES)), draw(st.sampled_from(FORMATS))
    content = written(mode, file_format, draw(st.sampled_from(SIZES)), draw(st.integers(0, 999)))
    kinds = ["whole", "bits", "bits", "cut", "zeros", "swapped", "garbage", "chunks", "chunks"]
    kind = draw(st.sampled_from([*kinds, "bomb", "header", "doubled", "random"]))
    changed = bytearray(content)
    place = st.integers(0, len(content) - 1)
    if kind == "bits":
        for _ in range(draw(st.integers(1, 12))):
            changed[draw(place)] ^= 1 << draw(st.integers(0, 7))
    elif kind == "cut":
        del changed[draw(place) :]
    elif kind == "zeros":
        at = draw(place)
        changed[at : at + 30] = bytes(len(changed[at : at + 30]))
    elif kind == "swapped":
        one, two = draw(place), draw(place)
        changed[one], changed[two] = changed[two], changed[one]
    elif kind == "garbage":
        at = draw(place)
        changed[at:at] = draw(st.binary(max_size=40))
    elif kind == "header":
        start = draw(st.sampled_from([b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"]))
        changed[: len(start)] = start
    elif kind == "doubled":
        changed = bytearray(content * 2)
    elif kind == "random":
        changed = bytearray(draw(st.binary(max_size=200)))
    elif kind in ("chunks", "bomb"):
        changed = bytearray(_rebuilt(draw, content, kind))
    return File(bytes(changed), f"{mode} {file_format}, {kind}")


def _rebuilt(draw: Any, content: bytes, kind: str) -> bytes:
    """A PNG whose chunks are changed behind right checksums; a bomb claims a large size."""
    if not content.startswith(b"\x89PNG"):
        content = written("RGB", "PNG", (6, 5), draw(st.integers(0, 99)))
    parts = chunks(content)
    if kind == "bomb":
        name, header = parts[0]
        parts[0] = name, struct.pack(">II", *draw(st.sampled_from(BOMBS))) + header[8:]
        return png(parts)
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(0, len(parts) - 1))
        name, data = parts[n]
        what = draw(st.sampled_from(["bit", "drop", "twice", "move", "name", "empty", "new"]))
        if what == "bit" and data:
            changed = bytearray(data)
            changed[draw(st.integers(0, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
            parts[n] = name, bytes(changed)
        elif what == "drop" and len(parts) > 1:
            del parts[n]
        elif what == "twice":
            parts.insert(n, parts[n])
        elif what == "move":
            parts.insert(draw(st.integers(0, len(parts) - 1)), parts.pop(n))
        elif what == "name":
            known = [
                b"PLTE",
                b"tRNS",
                b"gAMA",
                b"eXIf",
                b"iCCP",
                b"IDAT",
                b"zTXt",
                b"acTL",
                b"fdAT",
            ]
            parts[n] = draw(st.sampled_from(known)), data
        elif what == "empty":
            parts[n] = name, b""
        elif what == "new":
            known = [
                b"PLTE",
                b"tRNS",
                b"eXIf",
                b"iCCP",
                b"zTXt",
                b"iTXt",
                b"acTL",
                b"fcTL",
                b"sBIT",
            ]
            parts.insert(n, (draw(st.sampled_from(known)), draw(st.binary(max_size=24))))
    return png(parts)
