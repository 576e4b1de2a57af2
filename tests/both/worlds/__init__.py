"""Worlds: the same script with arms or classes swapped, and everything a blinded person can observe of it."""
