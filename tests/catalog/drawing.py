"""Files that hold a picture, and files that mean harm."""

import functools
import io
import struct
import zlib

from PIL import Image as Pillow


def drawn(width=900, height=600, kind="JPEG", mode="RGB", **options):
    """A file with a picture that goes from dark to light."""
    file = io.BytesIO()
    Pillow.linear_gradient("L").resize((width, height)).convert(mode).save(file, kind, **options)
    file.seek(0)
    return file


def flat(width, height, kind, mode="RGB", **options):
    """The bytes of a picture of one colour: few, however many pixels there are."""
    file = io.BytesIO()
    Pillow.new(mode, (width, height)).save(file, kind, **options)
    return file.getvalue()


def png(width, height, *chunks):
    """A PNG that says it is so large and has these chunks (name, data), whether or not that is true."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def pixels(width, height):
    """The data of a black grey PNG of that size."""
    rows = zlib.compressobj(9)
    row = bytes(1 + width)
    return (
        b"IDAT",
        b"".join([*(rows.compress(row) for _ in range(height)), rows.flush()]),
    )


def many_scans(width, height, scans):
    """A JPEG whose last scan comes again and again, so that each pixel is walked over as often."""
    jpeg = flat(width, height, "JPEG", "L", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    scan = jpeg[last:-2]
    return jpeg[:last] + scan * scans + b"\xff\xd9"


def linear_profile():
    """A colour profile whose numbers count light evenly, where those of screens do not."""

    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    even = b"curv\0\0\0\0\0\0\0\0"
    tags = {
        b"wtpt": xyz(0.9642, 1, 0.8249),
        b"rXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        **dict.fromkeys([b"rTRC", b"gTRC", b"bTRC"], even),
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4xI4s4s4s12x4s", start + len(body), 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    white = struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(68, b"\0") + white + bytes(48) + table + body


def webp(width, height):
    """A WebP of one colour, 34 bytes for any number of pixels."""
    small = bytearray(flat(8, 8, "WEBP", lossless=True))
    at = small.index(b"\x2f", 20) + 1
    flags = int.from_bytes(small[at : at + 4], "little") >> 28 << 28
    small[at : at + 4] = (flags | (width - 1) | (height - 1) << 14).to_bytes(4, "little")
    return bytes(small)


def avif(width, height):
    """An AVIF that says it is so large."""
    small = flat(64, 64, "AVIF")
    at = small.index(b"ispe") + 8
    return small[:at] + struct.pack(">II", width, height) + small[at + 8 :]


def lying_avif(side):
    """An AVIF of 100 megapixels that says it is a square of such a side."""
    large = huge_avif()
    at = large.index(b"ispe") + 8
    return large[:at] + struct.pack(">II", side, side) + large[at + 8 :]


@functools.cache
def huge_avif():
    return flat(10000, 10000, "AVIF", "L", speed=10)


def gif(width, height):
    """A GIF of one point, with a frame that is larger than the whole."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"


def film(frames, width, height):
    """A GIF of many frames."""
    file = io.BytesIO()
    first, *rest = [Pillow.new("P", (width, height), number % 2) for number in range(frames)]
    first.save(file, "GIF", save_all=True, append_images=rest, duration=20)
    return file.getvalue()
