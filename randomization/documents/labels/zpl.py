"""Labels for thermal printers: each page of the PDF as a picture, in ZPL II.

A picture, since a printer's own fonts need not hold Greek or Romanian: what prints is what the PDF shows
(docs/decisions/0012). Source: Zebra, ZPL II Programming Guide, `^GF` and the Z64 encoding.

Pure: no Django.
"""

from __future__ import annotations

import base64
import io
import zlib
from binascii import crc_hqx
from typing import Final

from PIL import Image

DPI: Final = 300
DARK: Final = 160
"""Grey below which a dot is printed, of 255: thin strokes stay, the edge of a barcode's module does not grow."""


def _dots(page: bytes) -> tuple[int, int, bytes]:
    """Width and height in dots, and one bit a dot in rows of whole bytes, 1 is black."""
    with Image.open(io.BytesIO(page)) as picture:
        black = picture.convert("L").point(lambda grey: 255 if grey < DARK else 0).convert("1")
        return black.width, black.height, black.tobytes()


def zpl_label(page: bytes) -> str:
    """One label from one page (PNG at `DPI`); the printer checks the CRC before it prints."""
    width, height, dots = _dots(page)
    row = (width + 7) // 8
    packed = base64.b64encode(zlib.compress(dots, 9)).decode("ascii")
    picture = f":Z64:{packed}:{crc_hqx(packed.encode('ascii'), 0):04X}"
    return f"^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{len(dots)},{len(dots)},{row},{picture}^FS^PQ1^XZ\n"
