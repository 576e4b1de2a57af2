"""DataMatrix as SVG, and nothing else in it than the text given."""

from __future__ import annotations

from functools import lru_cache

import zxingcpp


@lru_cache(maxsize=4096)
def datamatrix_svg(text: str) -> str:
    """An SVG of the symbol without quiet zone; the template leaves the white around it."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    return str(zxingcpp.write_barcode_to_svg(barcode, add_quiet_zones=False))
