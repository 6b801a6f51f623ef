"""QR codes, drawn by segno as files to download and print."""

import io

import segno

TYPES = {"svg": "image/svg+xml", "png": "image/png"}
_SCALE = {"svg": 8, "png": 24}  # units or pixels of one module; a PNG is sharp on a poster at 300 dpi
_QUIET = 4  # modules of white around the code (ISO/IEC 18004)


def qr_file(text: str, kind: str) -> bytes:
    """A QR code as a file of a kind of TYPES, black on white also where the page is dark.

    Error correction is at least level M (15 %), so that a scratched poster still works.
    """
    buffer = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(buffer, kind=kind, scale=_SCALE[kind], border=_QUIET, dark="#000", light="#fff")
    return buffer.getvalue()
