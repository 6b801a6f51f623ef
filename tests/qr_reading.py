"""What a phone reads off a QR code in a PNG."""

import struct
import zlib

import zxingcpp


def read_qr(png: bytes) -> str:
    """The text of the code in a PNG with one bit a pixel, as segno writes them; fails if there is not exactly one."""
    width, height = struct.unpack(">II", png[16:24])
    assert png[24:26] == b"\x01\x00", "one bit of grey a pixel"
    pixels = memoryview(_pixels(png, width)).cast("B", shape=[height, width])
    (found,) = zxingcpp.read_barcodes(pixels)
    return str(found.text)


def _pixels(png: bytes, width: int) -> bytes:
    """A byte a pixel, row by row (PNG, third edition: filters 0 and 2 only)."""
    raw, wide = zlib.decompress(_data(png)), (width + 7) // 8 + 1
    above, rows = bytes(wide - 1), []
    for start in range(0, len(raw), wide):
        line = raw[start + 1 : start + wide]
        assert raw[start] in (0, 2)
        if raw[start] == 2:
            line = bytes((byte + over) % 256 for byte, over in zip(line, above, strict=True))
        rows.append(b"".join(bytes(255 * (byte >> bit & 1) for bit in range(7, -1, -1)) for byte in line)[:width])
        above = line
    return b"".join(rows)


def _data(png: bytes) -> bytes:
    """The image data of all IDAT chunks."""
    place, found = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            found += png[place + 8 : place + 8 + length]
        place += 12 + length
    return found
