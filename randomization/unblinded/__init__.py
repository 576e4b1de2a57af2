"""UNBLINDED: lists, laboratory, code break."""
