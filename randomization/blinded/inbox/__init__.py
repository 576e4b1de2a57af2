"""The hatch: the only way anything comes down through the blinding line."""
