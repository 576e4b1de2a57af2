"""DataMatrix and QR code as SVG, and nothing else in them than the text given."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import zxingcpp

_SIZE: Final = re.compile(r'width="([0-9]+)" height="([0-9]+)"')


@lru_cache(maxsize=4096)
def datamatrix_svg(text: str) -> str:
    """An SVG of the symbol without quiet zone; the template leaves the white around it."""
    return _svg(text, zxingcpp.BarcodeFormat.DataMatrix)


def qr_svg(text: str) -> str:
    """As `datamatrix_svg`, as QR code, which telephones read; nothing of it is kept in memory."""
    return _svg(text, zxingcpp.BarcodeFormat.QRCode)


def _svg(text: str, form: Any) -> str:
    barcode = zxingcpp.create_barcode(text, form)
    drawn = str(zxingcpp.write_barcode_to_svg(barcode, add_quiet_zones=False))
    return _SIZE.sub(r'\g<0> viewBox="0 0 \1 \2"', drawn, count=1) if "viewBox" not in drawn else drawn
