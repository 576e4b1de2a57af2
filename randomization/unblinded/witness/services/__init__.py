"""Writes of this room, one use case a file."""
