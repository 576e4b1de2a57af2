"""One PDF engine (Typst), fonts, barcodes."""
