"""Slots, kit codes, allocate."""
