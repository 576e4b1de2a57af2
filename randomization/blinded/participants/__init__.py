"""BLINDED. The board, and everything about one participant on one page."""
